# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# dispatch.sh: libdispatch: nothing of it unless asked for, and a library that finds it if asked for.  check.sh reads this file.

# Nobody has asked for libdispatch: the library needs the C library alone, and looks for nothing in folders of this
# machine, whatever is on PATH.
dispatch_unasked() {
    library=$prefix/lib/libwg.so.$VERSION
    readelf -d "$library" >"$work/dynamic"
    grep -q 'NEEDED.*\[libc\.' "$work/dynamic" || fail "the probe does not see the C library"
    if grep -E 'NEEDED|RUNPATH|RPATH' "$work/dynamic" | grep -v -E 'NEEDED.*\[(libc|libpthread)\.'; then
        fail "libwg.so needs more than the C library"
    fi
    if nm -D --undefined-only "$library" | grep dispatch; then
        fail "libwg.so calls libdispatch"
    fi
    if grep -r -i -e 'wg::dispatch;' -e ldispatch -e blocks -e swift "$prefix/lib/cmake" "$prefix/lib/pkgconfig" ||
        [ -e "$prefix/lib/cmake/wg/wg-dispatch.cmake" ]; then
        fail "what users are told to link has libdispatch in it"
    fi
}

# With libdispatch, every way to link makes a program that starts without LD_LIBRARY_PATH; and Debian packages are
# refused, since no package there has that library.
dispatch() {
    if ! command -v swiftc >/dev/null; then
        echo "SKIPPED: there is no swiftc, so no libdispatch"
        exit 77
    fi
    need pkg-config
    build_library "$work/on" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib -DWG_DISPATCH=on
    quiet "$CMAKE" --install "$work/on"
    readelf -d "$work/prefix/lib/libwg.so" | grep -q 'NEEDED.*libdispatch' || fail "libwg.so has no libdispatch"
    with_pc "$work/prefix/lib/pkgconfig" shared
    with_pc "$work/prefix/lib/pkgconfig" static
    readelf -d "$work/static" | grep -q 'NEEDED.*libdispatch' || fail "the program has no libdispatch"
    consumer "$work/a" "$work/prefix" shared
    consumer "$work/b" "$work/prefix" static -DCOMPONENTS=static
    need cpack dpkg
    cd "$work/on" || exit
    refused 'WG_DISPATCH=on' cpack -G DEB
    [ -z "$(find . -name '*.deb')" ] || fail "a package was made"
}

# A cross build takes no libdispatch of the building machine: not of the swiftc on PATH, nor one that is for another
# processor or another system.
dispatch_foreign() {
    need aarch64-linux-gnu-gcc zig
    mkdir -p "$work/swift/bin" "$work/swift/lib/swift/linux" "$work/swift/lib/swift/dispatch"
    printf '#!/bin/sh\n' >"$work/swift/bin/swiftc"
    chmod +x "$work/swift/bin/swiftc"
    : >"$work/swift/lib/swift/dispatch/dispatch.h"
    echo 'void *dispatch_semaphore_create(long n) { return n < 0 ? (void *)1 : (void *)0; }' >"$work/one.c"
    for library in dispatch BlocksRuntime; do
        quiet "$CC" -shared -fPIC "$work/one.c" -o "$work/swift/lib/swift/linux/lib$library.so" -Wl,--no-as-needed -lc
    done
    set -- -S "$SOURCE" -DWG_BUILD_TESTS=OFF -DWG_BUILD_EXAMPLES=OFF -DWG_BUILD_BENCH=OFF -DWG_DISPATCH=on
    PATH=$work/swift/bin:$PATH
    quiet "$CMAKE" "$@" -B "$work/native" # what the others refuse
    aarch64=-DCMAKE_TOOLCHAIN_FILE=$SOURCE/cmake/toolchains/linux-aarch64.cmake
    freebsd=-DCMAKE_TOOLCHAIN_FILE=$work/freebsd.cmake # which names no roots
    printf '%s\n' 'set(CMAKE_SYSTEM_NAME FreeBSD)' "set(CMAKE_SYSTEM_PROCESSOR $(uname -m))" 'set(CMAKE_C_COMPILER zig)' \
        "set(CMAKE_C_COMPILER_ARG1 \"cc -target $(uname -m)-freebsd\")" >"$work/freebsd.cmake"
    refused 'no libdispatch was found' "$CMAKE" "$@" -B "$work/a" "$aarch64"
    refused 'no libdispatch was found' "$CMAKE" "$@" -B "$work/b" "$freebsd"
    # Named by the user.
    set -- "$@" -DWG_DISPATCH_INCLUDE_DIR="$work/swift/lib/swift" \
        -DWG_DISPATCH_LIBRARY="$work/swift/lib/swift/linux/libdispatch.so" \
        -DWG_BLOCKS_LIBRARY="$work/swift/lib/swift/linux/libBlocksRuntime.so"
    refused 'does not link for this target' "$CMAKE" "$@" -B "$work/c" "$aarch64"
    refused 'is of another system: it needs libc' "$CMAKE" "$@" -B "$work/d" "$freebsd"
    build_library "$work/freebsd" "$freebsd" -DCMAKE_AR="$(command -v ar)" \
        -DCMAKE_RANLIB="$(command -v ranlib)"
    readelf -d "$work/freebsd/libwg.so" | grep NEEDED >"$work/needed"
    grep -q 'libc\.so\.7' "$work/needed" || fail "no library for FreeBSD"
    if grep -v -E '\[lib(c|thr)\.so' "$work/needed"; then
        fail "the library for FreeBSD needs more than its C library"
    fi
}
