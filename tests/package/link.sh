# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# link.sh: the installed files, linked by the compiler alone, with and without its LTO.  check.sh reads this file.

plain() {
    quiet "$CC" -I"$prefix/include" "$here/consumer/main.c" -o "$work/program" -L"$prefix/lib" -lwg
    linked shared "$work/program"
    LD_LIBRARY_PATH=$prefix/lib runs "$work/program"
    quiet "$CC" -I"$prefix/include" "$here/consumer/main.c" "$prefix/lib/libwg.a" -pthread -o "$work/program"
    linked static "$work/program"
    runs "$work/program"
}

cxx() {
    need g++ clang++-14
    for compiler in g++ clang++-14; do
        for standard in c++98 c++11 c++20; do
            quiet "$compiler" -std=$standard -Wall -Wextra -Wpedantic -Werror -Wno-deprecated -Wno-long-long \
                -I"$prefix/include" -x c++ "$here/consumer/main.c" -o "$work/program" -L"$prefix/lib" -lwg
            LD_LIBRARY_PATH=$prefix/lib runs "$work/program"
        done
        for standard in c++11 c++20; do
            quiet "$compiler" -std=$standard -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" \
                "$here/consumer/main.cpp" -o "$work/program" -L"$prefix/lib" -lwg
            LD_LIBRARY_PATH=$prefix/lib runs "$work/program"
        done
    done
}

# link_archive SOURCE PROGRAM COMPILER...: with libwg.a.
link_archive() {
    source=$here/consumer/$1 program=$2
    shift 2
    quiet "$@" -O2 -I"$prefix/include" "$source" -o "$program" "$prefix/lib/libwg.a" -pthread
    runs "$program"
}

# hot PROGRAM: the code of the loop in hot.c.
hot() {
    objdump -d --no-show-raw-insn "$1" | sed -n '/<hot[^>]*>:$/,/^$/p'
}

# libwg.a has both halves: gcc -O2 -flto inlines out of it, and everybody else can link it.
lto() {
    need gcc clang-14 objdump
    if ! "$CC" --version | grep -q 'Free Software' || [ "$(uname -m)" != x86_64 ]; then
        echo "SKIPPED: needs gcc for x86-64, where libwg.a has the LTO half"
        exit 77
    fi
    link_archive hot.c "$work/gcc" gcc -fno-lto
    link_archive hot.c "$work/lto" gcc -flto
    link_archive main.c "$work/main" gcc
    link_archive main.c "$work/main-lto" gcc -flto
    link_archive main.c "$work/clang" clang-14
    link_archive main.c "$work/clang-lto" clang-14 -flto -fuse-ld=lld-14
    [ "$(hot "$work/gcc" | grep -c 'call.*<wg_\(add\|done\)>')" -eq 2 ] || fail "the probe sees no calls"
    if hot "$work/lto" | grep 'call.*<wg_\(add\|done\)>'; then
        fail "gcc -O2 -flto did not inline wg_add and wg_done"
    fi
    hot "$work/lto" | grep -q 'lock' || fail "no atomic in the loop"
}

# A build that makes LTO objects by itself: clang, which cannot read gcc's, must still link the archive.
slim_lto() {
    need gcc clang-14
    CC=gcc build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON
    quiet "$CMAKE" --install "$work/build"
    prefix=$work/prefix
    link_archive main.c "$work/clang" clang-14
    nm -D --defined-only "$work/prefix/lib/libwg.so.$ABI" | grep -q ' T wg_add' || fail "LTO lost the names"
}
