# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# parent.sh: libwg built as a part of another project, by CMake and by meson.  check.sh reads this file.

# names CACHE: the entries that a project has made.
names() {
    sed -n 's/^\([A-Za-z_][A-Za-z0-9_.-]*\):.*/\1/p' "$1/CMakeCache.txt" | sort
}

# as_part HOW: a parent must get the library and nothing else.
as_part() {
    for flavour in static shared; do
        build=$work/$flavour
        set -- "$1" -DHOW="$1" -DWG_SOURCE="$SOURCE" -DCMAKE_INSTALL_PREFIX="$work/prefix-$flavour"
        [ "$flavour" = static ] || set -- "$@" -DBUILD_SHARED_LIBS=ON
        how=$1
        shift
        quiet "$CMAKE" -S "$here/parent" -B "$build" "$@"
        quiet "$CMAKE" --build "$build"
        linked $flavour "$build/consumer"
        runs "$build/consumer"
        [ "$(find "$build" -name 'libwg.*' ! -type l | wc -l)" -eq 1 ] || fail "both libraries were built"
        quiet "$CMAKE" --install "$build"
        [ "$(cd "$work/prefix-$flavour" && find . ! -type d)" = ./bin/consumer ] || fail "more than the parent's was installed"
        set -- "$how"
    done
    quiet "$CMAKE" -S "$here/parent" -B "$work/none" -DHOW=none
    names "$work/none" >"$work/before"
    names "$work/static" | comm -13 "$work/before" - >"$work/new"
    if grep -v -e '^WG_' -e '^wg_' -e '^HOW$' -e '^FETCHCONTENT_' -e '^FIND_PACKAGE_MESSAGE_DETAILS_Threads$' \
        -e '^CMAKE_HAVE_' -e '^CMAKE_PROJECT_VERSION' "$work/new"; then
        fail "the parent's cache has got foreign entries"
    fi
    [ -s "$work/new" ] || fail "the comparison of the caches sees nothing"
    # Both names, whatever the default is.
    for flavour in static shared; do
        quiet "$CMAKE" -S "$here/parent" -B "$work/named-$flavour" -DHOW="$how" -DWG_SOURCE="$SOURCE" -DLINK=wg::wg_$flavour
        quiet "$CMAKE" --build "$work/named-$flavour"
        linked $flavour "$work/named-$flavour/consumer"
    done
}

subdirectory() {
    as_part subdirectory
}

fetchcontent() {
    as_part fetchcontent
    # The parent's own find_package(wg), answered by FetchContent.
    case $("$CMAKE" --version) in
    *' 3.1'* | *' 3.20'* | *' 3.21'* | *' 3.22'* | *' 3.23'*) return 0 ;;
    esac
    quiet "$CMAKE" -S "$here/parent" -B "$work/override" -DHOW=override -DWG_SOURCE="$SOURCE"
    quiet "$CMAKE" --build "$work/override"
    runs "$work/override/consumer"
}

# A parent that installs libwg with itself: then it is whole, and `uninstall` is still the parent's name.
subproject_install() {
    quiet "$CMAKE" -S "$here/parent" -B "$work/build" -DHOW=subdirectory -DWG_SOURCE="$SOURCE" -DWG_INSTALL=ON \
        -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib
    quiet "$CMAKE" --build "$work/build"
    quiet "$CMAKE" --install "$work/build"
    [ -x "$work/prefix/bin/consumer" ] || fail "the parent's own program is not installed"
    consumer "$work/a" "$work/prefix" shared
    consumer "$work/b" "$work/prefix" static -DCOMPONENTS=static
}

meson() {
    need meson ninja pkg-config
    cp -R "$here/meson" "$work/source"
    cp "$here/consumer/main.c" "$work/source"
    mkdir "$work/source/subprojects"
    # A copy: meson does not look for subprojects elsewhere.
    mkdir "$work/source/subprojects/wg"
    for part in CMakeLists.txt cmake include src wg.pc.in LICENSE bench docs examples tests; do
        cp -R "$SOURCE/$part" "$work/source/subprojects/wg/"
    done
    for how in pkg-config cmake static subproject; do
        quiet env PKG_CONFIG_PATH="$prefix/lib/pkgconfig" CMAKE_PREFIX_PATH="$prefix" \
            meson setup -Dhow=$how "$work/$how" "$work/source"
        ! grep -e WARNING -e Warning "$work/log" || fail "meson warns"
        quiet ninja -C "$work/$how"
        LD_LIBRARY_PATH=$prefix/lib runs "$work/$how/consumer"
    done
    linked shared "$work/pkg-config/consumer"
    linked shared "$work/cmake/consumer"
    linked static "$work/static/consumer"
    linked static "$work/subproject/consumer"
    inside=$work/subproject/subprojects/wg/__CMake_build
    [ -e "$inside/CMakeCache.txt" ] || fail "the probe does not see libwg's own build"
    for folder in tests examples bench docs; do
        [ ! -e "$inside/$folder" ] || fail "meson has configured libwg's $folder too"
    done
}
