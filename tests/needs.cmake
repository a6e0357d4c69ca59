# SPDX-License-Identifier: 0BSD
# Tests that need a tool which this machine does not have: ctest lists them as skipped, and run.sh test says why.

# wg_test_needs(<test> <labels> <what>): in place of an add_test().  A program that finds at run time that it lacks
# something prints the same line, "SKIPPED: needs <what>", and ends with 77.
function(wg_test_needs name labels what)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "SKIPPED: needs ${what}")
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" SKIP_REGULAR_EXPRESSION "SKIPPED: needs ")
endfunction()
