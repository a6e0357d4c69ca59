# SPDX-License-Identifier: 0BSD
# wg_choice(<option> <text> <value>...): an option that is one of the values, the first by default, also in capitals.
# Any other is refused: one that is not understood must not pass for the default.
function(wg_choice option text default)
  set(values ${default} ${ARGN})
  string(REPLACE ";" ", " list "${values}")
  set(${option} ${default} CACHE STRING "${text}: ${list}")
  set_property(CACHE ${option} PROPERTY STRINGS ${values})
  string(TOLOWER "${${option}}" value)
  if(NOT value IN_LIST values)
    message(FATAL_ERROR "libwg: ${option}=${${option}} is none of: ${list}.")
  endif()
  set(${option} ${value} PARENT_SCOPE)
endfunction()
