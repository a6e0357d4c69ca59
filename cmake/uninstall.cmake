# SPDX-License-Identifier: 0BSD
# Removes what `cmake --install` has put down from the build folder DIR, and the folders that it has made, if empty.
file(GLOB manifests ${DIR}/install_manifest*.txt)
if(NOT manifests)
  message(FATAL_ERROR "Nothing was installed from ${DIR}.")
endif()
foreach(manifest ${manifests})
  file(STRINGS ${manifest} files)
  foreach(file ${files})
    message(STATUS "Removing $ENV{DESTDIR}${file}")
    file(REMOVE "$ENV{DESTDIR}${file}")
  endforeach()
  file(REMOVE ${manifest})
endforeach()
if(EXISTS ${DIR}/install_folders.txt)
  file(STRINGS ${DIR}/install_folders.txt folders)
  list(SORT folders ORDER DESCENDING) # what is inside first
  foreach(folder ${folders})
    execute_process(COMMAND rmdir "$ENV{DESTDIR}${folder}" ERROR_QUIET) # which keeps what is not empty
  endforeach()
  file(REMOVE ${DIR}/install_folders.txt)
endif()
