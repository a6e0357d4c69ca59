# SPDX-License-Identifier: 0BSD
# Run by CPack on what it is about to pack.
if(CPACK_WG_BACKENDS MATCHES "dispatch")
  message(FATAL_ERROR "libwg: no Debian package has libdispatch; for packages, configure with -DWG_DISPATCH=off.")
endif()
# Debian wants its manual compressed.
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.3 ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.7)
foreach(page ${pages})
  if(page MATCHES "/share/man/")
    execute_process(COMMAND gzip -9nf ${page})
  endif()
endforeach()
