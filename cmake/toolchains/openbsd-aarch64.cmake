# SPDX-License-Identifier: 0BSD
# OpenBSD on 64-bit ARM.
set(CMAKE_SYSTEM_NAME OpenBSD)
set(CMAKE_SYSTEM_PROCESSOR arm64)
set(zig_target aarch64-openbsd)
include(${CMAKE_CURRENT_LIST_DIR}/common/zig.cmake)
