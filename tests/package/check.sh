#!/bin/sh
# SPDX-License-Identifier: 0BSD
# check.sh WORK SUBJECT CASE: runs the function CASE of SUBJECT.sh, one way to use the installed library.
# `check.sh WORK - install` goes first: it makes the prefix that most cases share.
# The environment names SOURCE, CMAKE, CC, CMAKE_GENERATOR, VERSION and ABI.  A missing tool skips its case (77);
# with WG_STRICT=1 the case fails.
set -eu
unset DESTDIR CFLAGS CXXFLAGS LDFLAGS PKG_CONFIG_PATH PKG_CONFIG_LIBDIR LD_LIBRARY_PATH CMAKE_PREFIX_PATH wg_DIR
: "${SOURCE:?}" "${CMAKE:?}" "${CC:?}" "${VERSION:?}" "${ABI:?}"
here=$(cd "$(dirname "$0")" && pwd)
shared_work=$1 subject=$2 case=$3
# shellcheck disable=SC2034 # the cases read it
prefix=$shared_work/install/prefix
work=$shared_work/$case
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd -P)
export CMAKE_GENERATOR CC CMAKE_FIND_USE_PACKAGE_REGISTRY=OFF

fail() {
    echo "FAILED: $*"
    exit 1
}

need() {
    for tool; do
        command -v "$tool" >/dev/null && continue
        echo "SKIPPED: needs $tool"
        [ "${WG_STRICT:-0}" = 0 ] || fail "which this machine must have"
        exit 77
    done
}

# quiet COMMAND...: its output only if it fails.
quiet() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        fail "$*"
    }
}

# refused TEXT COMMAND...: it must fail, and say TEXT.
refused() {
    text=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        fail "accepted: $*"
    fi
    # cmake breaks its lines where it likes
    tr -s ' \n' '  ' <"$work/log" | grep -q -e "$text" || {
        cat "$work/log"
        fail "does not say '$text': $*"
    }
}

# build_library BUILD [CMAKE-OPTION...]
build_library() {
    build=$1
    shift
    quiet "$CMAKE" -S "$SOURCE" -B "$build" -DCMAKE_BUILD_TYPE=Release -DWG_BUILD_TESTS=OFF -DWG_BUILD_EXAMPLES=OFF \
        -DWG_BUILD_BENCH=OFF -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "$@"
    quiet "$CMAKE" --build "$build" --parallel 2
}

# runs PROGRAM: it must print the version, and that three tasks ran.
runs() {
    result=$("$@") || fail "$* ended with $?"
    [ "$result" = "$VERSION 3" ] || fail "$* printed $result"
}

# linked shared|static PROGRAM
linked() {
    found=static
    if readelf -d "$2" | grep -q "NEEDED.*libwg\.so\.$ABI\]"; then
        found=shared
    fi
    [ "$found" = "$1" ] || fail "$2 is linked with the $found library, not with the $1 one"
}

# consumer BUILD PREFIX shared|static [CMAKE-OPTION...]
consumer() {
    build=$1 where=$2 flavour=$3
    shift 3
    quiet "$CMAKE" -S "$here/consumer" -B "$build" -DCMAKE_PREFIX_PATH="$where" "$@"
    quiet "$CMAKE" --build "$build"
    linked "$flavour" "$build/consumer"
    runs "$build/consumer"
}

# with_pc PKGCONFIG-FOLDER shared|static: builds main.c by what pkg-config says and runs it.
with_pc() {
    options=
    [ "$2" = shared ] || options=--static
    # shellcheck disable=SC2086 # none or one word
    cflags=$(PKG_CONFIG_PATH=$1 pkg-config --cflags wg) libs=$(PKG_CONFIG_PATH=$1 pkg-config --libs $options wg)
    libdir=$(PKG_CONFIG_PATH=$1 pkg-config --variable=libdir wg)
    [ "$2" = shared ] || libs=$(printf '%s' "$libs" | sed 's/-lwg\b/-Wl,-Bstatic -lwg -Wl,-Bdynamic/')
    # shellcheck disable=SC2086 # words
    quiet "$CC" $cflags "$here/consumer/main.c" -o "$work/$2" $libs
    linked "$2" "$work/$2"
    if [ "$2" = shared ]; then
        LD_LIBRARY_PATH=$libdir runs "$work/$2"
    else
        runs "$work/$2"
    fi
}

install_absolute() {
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR="$work/abs/lib" \
        -DCMAKE_INSTALL_INCLUDEDIR="$work/abs/dev/include"
    quiet "$CMAKE" --install "$work/build"
    rm -r "$work/build"
}

if [ "$case" = install ]; then
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib
    quiet "$CMAKE" --install "$work/build"
else
    # shellcheck source=/dev/null # each is checked by itself
    . "$here/$subject.sh"
    "$case"
    rm -rf "$work"
fi
echo ok
