# SPDX-License-Identifier: 0BSD
# FreeBSD on 64-bit ARM.
set(CMAKE_SYSTEM_NAME FreeBSD)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(zig_target aarch64-freebsd)
include(${CMAKE_CURRENT_LIST_DIR}/common/zig.cmake)
