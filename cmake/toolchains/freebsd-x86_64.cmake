# SPDX-License-Identifier: 0BSD
# FreeBSD on 64-bit x86.
set(CMAKE_SYSTEM_NAME FreeBSD)
set(CMAKE_SYSTEM_PROCESSOR amd64)
set(zig_target x86_64-freebsd)
include(${CMAKE_CURRENT_LIST_DIR}/common/zig.cmake)
