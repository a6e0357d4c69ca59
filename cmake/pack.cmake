# SPDX-License-Identifier: 0BSD
# The Debian packages: `cpack -G DEB` in a build folder configured with the prefix /usr.  For one's own use; a
# distribution makes its own.  libwg0 is the library, and will be until 1.0; a package made against one 0.x needs that
# very 0.x (its dependency is '=', since the ABI may change in each), so it is never left without its library.
set(CPACK_PACKAGE_NAME wg)
set(CPACK_PACKAGE_VENDOR "the libwg authors")
set(CPACK_PACKAGE_CONTACT "the libwg authors <libwg@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
