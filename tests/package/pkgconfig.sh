# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# pkgconfig.sh: pkg-config wg, in every place to which the library can be installed.  check.sh reads this file.

pkgconfig_shared() {
    need pkg-config
    quiet pkg-config --validate "$prefix/lib/pkgconfig/wg.pc"
    with_pc "$prefix/lib/pkgconfig" shared
    found=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --modversion wg)
    [ "$found" = "$VERSION" ] || fail "wg.pc says version $found"
    if PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --libs wg | grep -e -pthread -e dispatch; then
        fail "what only a static link needs is in Libs"
    fi
}

# By --static, and in a program that has no shared library at all.
pkgconfig_static() {
    need pkg-config
    with_pc "$prefix/lib/pkgconfig" static
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --static --libs wg | grep -q -e -pthread ||
        fail "--static does not ask for threads"
    # shellcheck disable=SC2046 # words
    quiet "$CC" -static "$here/consumer/main.c" -o "$work/alone" \
        $(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --static --cflags --libs wg)
    runs "$work/alone"
}

pkgconfig_moved() {
    need pkg-config
    cp -R "$prefix" "$work/elsewhere"
    mv "$prefix" "$prefix.away"
    trap 'mv "$prefix.away" "$prefix"' EXIT
    with_pc "$work/elsewhere/lib/pkgconfig" shared
    with_pc "$work/elsewhere/lib/pkgconfig" static
}

# The prefix /usr: pkg-config must leave out what the compiler knows; and inside a sysroot it must not.
pkgconfig_system() {
    need pkg-config
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR=lib
    DESTDIR=$work/root quiet "$CMAKE" --install "$work/build"
    pc=$work/root/usr/lib/pkgconfig
    [ "$(PKG_CONFIG_LIBDIR=$pc pkg-config --cflags --libs wg | tr -s ' ' | sed 's/ $//')" = -lwg ] ||
        fail "not only -lwg: $(PKG_CONFIG_LIBDIR=$pc pkg-config --cflags --libs wg)"
    found=$(PKG_CONFIG_SYSROOT_DIR=$work/root PKG_CONFIG_LIBDIR=$pc PKG_CONFIG_SYSTEM_INCLUDE_PATH=/none \
        PKG_CONFIG_SYSTEM_LIBRARY_PATH=/none pkg-config --cflags --libs wg | sed 's/ *$//')
    [ "$found" = "-I$work/root/usr/include -L$work/root/usr/lib -lwg" ] || fail "in a sysroot: $found"
}

# A multiarch folder, staged: what a packager does.
pkgconfig_destdir() {
    need pkg-config
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX=/opt/wg -DCMAKE_INSTALL_LIBDIR=lib/some-triplet/deep
    DESTDIR=$work/stage quiet "$CMAKE" --install "$work/build"
    [ ! -e /opt/wg ] || fail "something was installed outside DESTDIR"
    with_pc "$work/stage/opt/wg/lib/some-triplet/deep/pkgconfig" shared
}

pkgconfig_absolute() {
    need pkg-config
    install_absolute
    with_pc "$work/abs/lib/pkgconfig" shared
    with_pc "$work/abs/lib/pkgconfig" static
    # shellcheck disable=SC2016 # pkg-config's own variable
    if grep -n -F '${prefix}/'"$work" "$work/abs/lib/pkgconfig/wg.pc"; then
        fail "an absolute folder below the prefix"
    fi
}

# Without the shared library every link is static, and must not need --static.
pkgconfig_static_only() {
    need pkg-config
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib -DWG_BUILD_SHARED=OFF
    quiet "$CMAKE" --install "$work/build"
    # shellcheck disable=SC2046 # words
    quiet "$CC" -static "$here/consumer/main.c" -o "$work/alone" \
        $(PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig pkg-config --cflags --libs wg)
    runs "$work/alone"
    PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig pkg-config --libs wg | grep -q -e -pthread || fail "no -pthread in Libs"
    consumer "$work/a" "$work/prefix" static
}
