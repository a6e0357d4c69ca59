# SPDX-License-Identifier: 0BSD
# Run by `cmake --install` before it puts anything down: writes the folders of WG_FOLDERS that it is about to make into
# install_folders.txt of the build folder DIR, so that uninstall.cmake takes away those, and none that was there before.
foreach(folder ${WG_FOLDERS})
  if(NOT IS_ABSOLUTE ${folder})
    set(folder ${CMAKE_INSTALL_PREFIX}/${folder})
  endif()
  while(folder MATCHES "[^:/]" AND NOT EXISTS "$ENV{DESTDIR}${folder}")
    file(APPEND ${DIR}/install_folders.txt "${folder}\n")
    get_filename_component(folder ${folder} DIRECTORY)
  endwhile()
endforeach()
