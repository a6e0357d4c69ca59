# SPDX-License-Identifier: 0BSD
# Intel Mac.  Nothing here runs the programs.
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(zig_target x86_64-macos)
include(${CMAKE_CURRENT_LIST_DIR}/common/macos.cmake)
