# SPDX-License-Identifier: 0BSD
# What all of zig's targets share: `zig cc -target ${zig_target}`, with zig on PATH (PyPI's ziglang), and llvm-14.
# zig brings the headers, and stubs of the C library to link with.  Nothing here runs the programs.
set(CMAKE_C_COMPILER zig)
set(CMAKE_C_COMPILER_ARG1 "cc -target ${zig_target}")
set(CMAKE_CXX_COMPILER zig CACHE FILEPATH "")
set(CMAKE_CXX_COMPILER_ARG1 "c++ -target ${zig_target}")
set(CMAKE_AR /usr/bin/llvm-ar-14 CACHE FILEPATH "")
set(CMAKE_RANLIB /usr/bin/llvm-ranlib-14 CACHE FILEPATH "")
# No header and no library of this machine.
set(CMAKE_FIND_ROOT_PATH /nonexistent)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
