# SPDX-License-Identifier: 0BSD
# Apple silicon.  Nothing here runs the programs.
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(zig_target aarch64-macos)
include(${CMAKE_CURRENT_LIST_DIR}/common/macos.cmake)
