# SPDX-License-Identifier: 0BSD
# What goes where: components runtime, devel and static; the CMake package, wg.pc, the manual, uninstall.
include(CMakePackageConfigHelpers)
set(cmakedir ${CMAKE_INSTALL_LIBDIR}/cmake/wg)
if(is_top AND NOT WIN32)
  set(folders ${CMAKE_INSTALL_INCLUDEDIR}/wg ${cmakedir} ${CMAKE_INSTALL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_MANDIR}/man3
    ${CMAKE_INSTALL_MANDIR}/man7)
  foreach(component runtime devel static)
    install(CODE "set(DIR \"${PROJECT_BINARY_DIR}\")\nset(WG_FOLDERS \"${folders}\")
      include(\"${PROJECT_SOURCE_DIR}/cmake/note-folders.cmake\")" COMPONENT ${component})
  endforeach()
endif()
install(FILES include/wg/wg.h include/wg/scope.h include/wg/wg.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/wg COMPONENT devel)
if(EXISTS ${PROJECT_SOURCE_DIR}/docs/man/CMakeLists.txt AND NOT WIN32)
  add_subdirectory(docs/man)
endif()

# A file of targets for each library, since a distribution may delete one of the libraries.
set(archive_component_shared devel) # the import library of a DLL
set(archive_component_static static)
foreach(flavour shared static)
  if(TARGET wg_${flavour})
    install(TARGETS wg_${flavour} EXPORT wg_${flavour}
      RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime
      LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT devel
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${archive_component_${flavour}})
    install(EXPORT wg_${flavour} NAMESPACE wg:: DESTINATION ${cmakedir} FILE wg-${flavour}.cmake COMPONENT devel)
    set(file_${flavour} $<TARGET_FILE_NAME:wg_${flavour}>)
  endif()
endforeach()

# The version: 0.1 and 0.2 differ as 1 and 2 will.
set(policy SameMajorVersion)
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(policy SameMinorVersion)
endif()
set(gen ${PROJECT_BINARY_DIR}/package)
write_basic_package_version_file(${gen}/wg-config-version.cmake COMPATIBILITY ${policy})
set(WG_LIBDIR ${CMAKE_INSTALL_LIBDIR})
set(WG_SHARED_DIR ${CMAKE_INSTALL_LIBDIR})
if(WIN32)
  set(WG_SHARED_DIR ${CMAKE_INSTALL_BINDIR})
endif()
configure_package_config_file(cmake/wg-config.cmake.in ${gen}/wg-config.cmake.in INSTALL_DESTINATION ${cmakedir}
  PATH_VARS WG_LIBDIR WG_SHARED_DIR NO_SET_AND_CHECK_MACRO)
file(GENERATE OUTPUT ${gen}/wg-config.cmake INPUT ${gen}/wg-config.cmake.in)
install(FILES ${gen}/wg-config.cmake ${gen}/wg-config-version.cmake DESTINATION ${cmakedir} COMPONENT devel)
if("dispatch" IN_LIST WG_BACKENDS)
  install(FILES cmake/wg-dispatch.cmake DESTINATION ${cmakedir} COMPONENT devel)
endif()

include(cmake/pkgconfig.cmake)
if(is_top AND NOT TARGET uninstall)
  add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -D DIR=${PROJECT_BINARY_DIR}
    -P ${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake)
endif()
