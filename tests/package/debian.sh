# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# debian.sh: the Debian packages, and builds that make the same files everywhere.  check.sh reads this file.

# staged NAME SOURCE [CMAKE-OPTION...]: what is installed, and the Debian packages, of a build in a folder of its own.
staged() {
    name=$1 source=$2
    shift 2
    SOURCE=$source build_library "$work/$name/build" -DCMAKE_INSTALL_PREFIX=/usr "$@"
    DESTDIR=$work/$name/stage quiet "$CMAKE" --install "$work/$name/build"
    (cd "$work/$name/build" && quiet cpack -G DEB)
    mkdir "$work/$name/stage/deb"
    mv "$work/$name/build"/*.deb "$work/$name/stage/deb/"
}

same() {
    [ "$(find "$work/$1/stage/deb" -name '*.deb' | wc -l)" -eq 2 ] || fail "the comparison sees no packages"
    quiet diff -r --no-dereference "$work/$1/stage" "$work/$2/stage"
}

# A build makes the same files whenever and wherever it is done.  The path of the source is in the LTO half of libwg.a,
# in a place where gcc lets nobody change it; without that half, the path of the source is nowhere.
reproducible() {
    need cpack dpkg
    SOURCE_DATE_EPOCH=1700000000
    export SOURCE_DATE_EPOCH
    staged one "$SOURCE"
    staged some/other/two "$SOURCE"
    same one some/other/two
    mkdir -p "$work/moved/source/docs"
    for part in CMakeLists.txt cmake include src wg.pc.in LICENSE docs/man; do
        cp -R "$SOURCE/$part" "$work/moved/source/$part"
    done
    staged three "$SOURCE" -DWG_LTO_OBJECTS=OFF
    staged moved "$work/moved/source" -DWG_LTO_OBJECTS=OFF
    same three moved
}

# What a Debian package must say, which lintian does not ask for; the stage 45-fresh-root installs and uses them.
debian() {
    need cpack dpkg-deb dpkg-gensymbols
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX=/usr
    cd "$work/build" || exit
    quiet cpack -G DEB
    package=libwg$ABI
    library=$(echo "${package}_${VERSION}"_*.deb) devel=$(echo "libwg-dev_${VERSION}"_*.deb)
    if ! [ -e "$library" ] || ! [ -e "$devel" ]; then
        fail "not $library and $devel: $(ls -- *.deb)"
    fi
    dpkg-deb -x "$library" root
    dpkg-deb -e "$library" control
    homepage=$(sed -n 's/^CMAKE_PROJECT_HOMEPAGE_URL:STATIC=//p' CMakeCache.txt)
    for deb in "$library" "$devel"; do
        [ "$(dpkg-deb -f "$deb" Homepage)" = "${homepage:?}" ] || fail "the homepage of $deb is not $homepage"
    done
    grep -q -x "URL: $homepage" package/wg.pc || fail "the homepage is not in wg.pc"
    for line in 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/' 'Files: \*' \
        'Copyright: [0-9]* .*' 'License: 0BSD' ' PERFORMANCE OF THIS SOFTWARE.'; do
        grep -q -x -e "$line" "root/usr/share/doc/$package/copyright" || fail "no line '$line' in the copyright"
    done
    if grep -v -e '^[A-Z][A-Za-z-]*: ' -e '^ [^ ]' "root/usr/share/doc/$package/copyright" | grep .; then
        fail "these lines of the copyright are not machine-readable"
    fi
    # The same symbols as in the library: -c4 refuses one that is missing and one too many.
    mkdir debian
    printf 'Source: wg\n\nPackage: %s\nArchitecture: any\n' "$package" >debian/control
    quiet dpkg-gensymbols -c4 -v"$VERSION" -p"$package" -P"root" -Icontrol/symbols -O"$work/symbols"
    [ "$(grep -c " ${VERSION%.*}.0\$" control/symbols)" -gt 24 ] || fail "the symbols are too few"
}
