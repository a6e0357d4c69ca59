# SPDX-License-Identifier: 0BSD
# check_interface(<target>...): the header and the library are all that users get; no flag of libwg's is put on them.
function(check_interface)
  foreach(target ${ARGN})
    foreach(property COMPILE_DEFINITIONS COMPILE_OPTIONS COMPILE_FEATURES LINK_OPTIONS SOURCES)
      if(TARGET ${target})
        get_target_property(value ${target} INTERFACE_${property})
        if(value)
          message(FATAL_ERROR "${target} puts these ${property} on its users: ${value}")
        endif()
      endif()
    endforeach()
  endforeach()
endfunction()
