# SPDX-License-Identifier: 0BSD
# A test that needs a tool which this machine does not have: ctest lists it as skipped, and run.sh test says why.  With
# WG_STRICT=1 in the environment it fails.  CI says so after it has installed all tools.

# wg_test_needs(<test> <labels> <what>): in place of an add_test().  A program that finds at run time that it lacks
# something prints the same line, "SKIPPED: needs <what>", and ends with 77.
function(wg_test_needs name labels what)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -DWHAT=${what} -P ${PROJECT_SOURCE_DIR}/tests/needs.cmake)
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" SKIP_REGULAR_EXPRESSION "SKIPPED: needs ")
endfunction()

# Such a test runs this file as a script.
if(CMAKE_SCRIPT_MODE_FILE)
  if("$ENV{WG_STRICT}" STREQUAL "1")
    message(FATAL_ERROR "this machine must have what the test needs: ${WHAT}")
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} -E echo "SKIPPED: needs ${WHAT}")
endif()
