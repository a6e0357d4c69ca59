# SPDX-License-Identifier: 0BSD
# Removes what `cmake --install` has put down from the build folder DIR.
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
