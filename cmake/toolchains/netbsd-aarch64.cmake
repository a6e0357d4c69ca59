# SPDX-License-Identifier: 0BSD
# NetBSD on 64-bit ARM.
set(CMAKE_SYSTEM_NAME NetBSD)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(zig_target aarch64-netbsd)
include(${CMAKE_CURRENT_LIST_DIR}/common/zig.cmake)
