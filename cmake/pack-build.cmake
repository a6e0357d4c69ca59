# SPDX-License-Identifier: 0BSD
# Run by CPack on what it is about to pack.
if(CPACK_WG_BACKENDS MATCHES "dispatch")
  message(FATAL_ERROR "libwg: no Debian package has this libdispatch; for packages, configure without WG_DISPATCH=on.")
endif()
# Debian wants its manual compressed, and its links to lead to what is compressed.
file(GLOB_RECURSE pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.3 ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*.7)
foreach(page ${pages})
  if(NOT page MATCHES "/share/man/")
    continue()
  endif()
  if(IS_SYMLINK ${page})
    file(READ_SYMLINK ${page} target)
    file(REMOVE ${page})
    file(CREATE_LINK ${target}.gz ${page}.gz SYMBOLIC)
  else()
    execute_process(COMMAND gzip -9nf ${page})
  endif()
endforeach()
