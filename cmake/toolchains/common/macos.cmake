# SPDX-License-Identifier: 0BSD
# What both Macs share: `zig cc` for ${mac_target}, with zig on PATH (PyPI's ziglang), and Debian's llvm-14.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_C_COMPILER zig)
set(CMAKE_C_COMPILER_ARG1 "cc -target ${mac_target}")
set(CMAKE_CXX_COMPILER zig CACHE FILEPATH "")
set(CMAKE_CXX_COMPILER_ARG1 "c++ -target ${mac_target}")
set(CMAKE_AR /usr/bin/llvm-ar-14 CACHE FILEPATH "")
set(CMAKE_RANLIB /usr/bin/llvm-ranlib-14 CACHE FILEPATH "")
set(CMAKE_INSTALL_NAME_TOOL /usr/bin/llvm-install-name-tool-14 CACHE FILEPATH "")
set(CMAKE_OSX_SYSROOT "" CACHE PATH "")
set(CMAKE_OSX_DEPLOYMENT_TARGET "" CACHE STRING "")
set(CMAKE_USER_MAKE_RULES_OVERRIDE ${CMAKE_CURRENT_LIST_DIR}/macos-rules.cmake)
# The library is found beside whatever loads it, not where it was built.
set(CMAKE_INSTALL_NAME_DIR @rpath)
set(CMAKE_BUILD_WITH_INSTALL_NAME_DIR ON)
