# SPDX-License-Identifier: 0BSD
# The libdispatch that was asked for, as wg::dispatch: found, linked in a trial, of the target's system; or an error.
if(NOT WIN32)
  include(${CMAKE_CURRENT_LIST_DIR}/wg-dispatch.cmake)
endif()
if(NOT TARGET wg::dispatch)
  message(FATAL_ERROR "libwg: WG_DISPATCH=on, but no libdispatch was found for this target.  "
    "Put its prefix into CMAKE_PREFIX_PATH, or the swiftc of a Swift toolchain into PATH (not for a cross build).")
endif()
set(trial ${PROJECT_BINARY_DIR}/dispatch)
file(WRITE ${trial}.c "void *dispatch_semaphore_create(long value);
int main(void) { return dispatch_semaphore_create(0) == 0; }\n")
unset(WG_DISPATCH_LINKS CACHE) # the library may have changed
try_compile(WG_DISPATCH_LINKS ${PROJECT_BINARY_DIR} SOURCES ${trial}.c LINK_LIBRARIES wg::dispatch
  COPY_FILE ${trial}.trial OUTPUT_VARIABLE said)
if(NOT WG_DISPATCH_LINKS)
  message(FATAL_ERROR "libwg: WG_DISPATCH=on, but ${WG_DISPATCH_LIBRARY} does not link for this target:\n${said}")
endif()

# A linker may take a library of another system that has the same processor.  But that needs another C library.
function(wg_c_library_of file variable)
  file(STRINGS ${file} needed REGEX "^libc\\.(musl-[^.]*\\.)?so" LIMIT_COUNT 1)
  string(REGEX MATCH "^libc\\.(musl-[^.]*\\.)?so(\\.[0-9]+)?" needed "${needed}")
  set(${variable} "${needed}" PARENT_SCOPE)
endfunction()
if(NOT APPLE)
  wg_c_library_of(${trial}.trial ours)
  wg_c_library_of(${WG_DISPATCH_LIBRARY} other)
  if(other AND NOT other STREQUAL ours)
    message(FATAL_ERROR "libwg: WG_DISPATCH=on, but ${WG_DISPATCH_LIBRARY} is of another system: it needs ${other}, "
      "and a program of this target needs ${ours}.")
  endif()
endif()
