# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# cmake.sh: find_package(wg), in every way a project can say it.  check.sh reads this file.

cmake_flavours() {
    consumer "$work/a" "$prefix" shared
    consumer "$work/b" "$prefix" static -DBUILD_SHARED_LIBS=OFF
    consumer "$work/c" "$prefix" shared -DBUILD_SHARED_LIBS=ON
    consumer "$work/d" "$prefix" shared -DLINK=wg::wg_shared -DBUILD_SHARED_LIBS=OFF
    consumer "$work/e" "$prefix" static -DLINK=wg::wg_static
}

cmake_components() {
    consumer "$work/a" "$prefix" static -DCOMPONENTS=static -DBUILD_SHARED_LIBS=ON
    consumer "$work/b" "$prefix" shared -DCOMPONENTS=shared -DBUILD_SHARED_LIBS=OFF
    refused 'nope' "$CMAKE" -S "$here/consumer" -B "$work/c" -DCMAKE_PREFIX_PATH="$prefix" -DCOMPONENTS=nope
}

cmake_version() {
    consumer "$work/a" "$prefix" shared -DWANT="$VERSION"
    consumer "$work/b" "$prefix" shared -DWANT="${VERSION%.*}"
    major=${VERSION%%.*} minor=${VERSION#*.}
    minor=${minor%%.*}
    set -- "$major.$((minor + 1))" "$((major + 1))" "${VERSION%.*}.99"
    # While the major version is 0, the one before is another ABI too.
    if [ "$major" -eq 0 ] && [ "$minor" -gt 0 ]; then
        set -- "$@" "0.$((minor - 1))"
    fi
    for other; do
        refused "version: $VERSION" "$CMAKE" -S "$here/consumer" -B "$work/c$other" -DCMAKE_PREFIX_PATH="$prefix" \
            -DWANT="$other"
    done
}

cmake_moved() {
    cp -R "$prefix" "$work/elsewhere"
    mv "$prefix" "$prefix.away"
    trap 'mv "$prefix.away" "$prefix"' EXIT
    consumer "$work/a" "$work/elsewhere" shared
    consumer "$work/b" "$work/elsewhere" static -DCOMPONENTS=static
    consumer "$work/c" "" shared -Dwg_DIR="$work/elsewhere/lib/cmake/wg"
}

cmake_no_archive() {
    cp -R "$prefix" "$work/prefix"
    rm "$work/prefix/lib/libwg.a"
    consumer "$work/a" "$work/prefix" shared
    refused 'static' "$CMAKE" -S "$here/consumer" -B "$work/b" -DCMAKE_PREFIX_PATH="$work/prefix" -DCOMPONENTS=static
    cp -R "$prefix" "$work/other"
    rm "$work/other"/lib/libwg.so*
    consumer "$work/c" "$work/other" static
    rm "$work/other/lib/libwg.a"
    refused 'neither' "$CMAKE" -S "$here/consumer" -B "$work/d" -DCMAKE_PREFIX_PATH="$work/other"
}

cmake_absolute() {
    install_absolute
    consumer "$work/a" "" shared -Dwg_DIR="$work/abs/lib/cmake/wg"
    consumer "$work/b" "" static -Dwg_DIR="$work/abs/lib/cmake/wg" -DCOMPONENTS=static
}

cmake_cxx_only() {
    need c++
    consumer "$work/a" "$prefix" shared -DLANGUAGE=CXX
    consumer "$work/b" "$prefix" static -DLANGUAGE=CXX -DCOMPONENTS=static
}

# A shared library that embeds libwg.a gives none of its names away.
cmake_hidden_static() {
    consumer "$work/a" "$prefix" static -DCOMPONENTS=static
    nm -D --defined-only "$work/a/libembed.so" >"$work/names"
    grep -q embed_count "$work/names" || fail "the probe has no names"
    if grep wg "$work/names"; then
        fail "libwg's names leak out of a library that embeds it"
    fi
}
