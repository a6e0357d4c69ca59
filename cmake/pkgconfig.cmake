# SPDX-License-Identifier: 0BSD
# wg.pc, for moved trees, system prefixes and absolute folders alike.
set(PC_PREFIX ${CMAKE_INSTALL_PREFIX})
set(PC_LIBDIR \${prefix}/${CMAKE_INSTALL_LIBDIR})
set(PC_INCLUDEDIR \${prefix}/${CMAKE_INSTALL_INCLUDEDIR})
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
elseif(NOT CMAKE_INSTALL_PREFIX MATCHES "^/(usr)?/?$")
  # Found from where wg.pc is, so that the tree can be moved.  Not for the system's own prefix: pkg-config leaves out
  # the folders that the compiler searches anyway, and knows them by these very names.
  file(RELATIVE_PATH up "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /prefix)
  string(REGEX REPLACE "/$" "" up "${up}")
  set(PC_PREFIX \${pcfiledir}/${up})
endif()
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
endif()

# What a static link needs besides: -pthread always, since older C libraries kept threads apart.
set(private -pthread)
if(WIN32)
  list(INSERT private 0 -l${WG_FUTEX_LIBRARY})
endif()
if("dispatch" IN_LIST WG_BACKENDS AND NOT APPLE)
  get_filename_component(dir ${WG_DISPATCH_LIBRARY} DIRECTORY)
  set(private -ldispatch -lBlocksRuntime ${private})
  if(NOT dir IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
    list(INSERT private 0 -L${dir} -Wl,-rpath,${dir}) # or the program links, and does not start
  endif()
endif()
foreach(library ${WG_FLAG_LIBRARIES})
  list(APPEND private -l${library})
endforeach()
string(REPLACE ";" " " private "${private}")
set(PC_LIBS "-L\${libdir} -lwg")
set(PC_LIBS_PRIVATE ${private})
if(NOT TARGET wg_shared)
  set(PC_LIBS "${PC_LIBS} ${private}") # every link is a static one
  set(PC_LIBS_PRIVATE)
endif()
configure_file(wg.pc.in ${PROJECT_BINARY_DIR}/package/wg.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/wg.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
