# SPDX-License-Identifier: 0BSD
# CMake asks the build machine's sw_vers how old macOS is; where there is none, it believes it older than @rpath.
set(CMAKE_SHARED_LIBRARY_RUNTIME_C_FLAG "-Wl,-rpath,")
