# SPDX-License-Identifier: 0BSD
# Windows on 64-bit ARM.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR ARM64)
set(zig_target aarch64-windows-gnu)
include(${CMAKE_CURRENT_LIST_DIR}/common/zig.cmake)
