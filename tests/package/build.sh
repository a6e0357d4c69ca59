# shellcheck shell=sh disable=SC2153,SC2154 # check.sh sets these variables
# SPDX-License-Identifier: 0BSD
# build.sh: what a build offers: its options, the target uninstall, sanitizers.  check.sh reads this file.

# What cannot be had is refused with a sentence; each default semaphore can be chosen.
options() {
    set -- -S "$SOURCE" -DWG_BUILD_TESTS=OFF -DWG_BUILD_EXAMPLES=OFF -DWG_BUILD_BENCH=OFF
    refused 'does not have the semaphore' "$CMAKE" "$@" -B "$work/b" -DWG_SEM=dispatch -DWG_DISPATCH=OFF
    for choice in WG_SEM=mutex WG_SEM=win32 WG_DISPATCH=never WG_VALGRIND=1; do
        refused "$choice is none of" "$CMAKE" "$@" -B "$work/$choice" -D"$choice"
    done
    refused 'both off' "$CMAKE" "$@" -B "$work/c" -DWG_BUILD_SHARED=OFF -DWG_BUILD_STATIC=OFF
    refused 'no lock-free 64-bit atomics' "$CMAKE" "$@" -B "$work/d" \
        -DCMAKE_C_FLAGS='-U__GCC_ATOMIC_LLONG_LOCK_FREE -D__GCC_ATOMIC_LLONG_LOCK_FREE=1'
    for sem in futex posix; do
        build_library "$work/$sem" -DWG_SEM=$sem -DWG_BUILD_SHARED=OFF
        printf '#include <wg/wg.h>\n#include <stdio.h>\nint main(void) { return puts(wg_sem_default()->name) < 0; }\n' \
            >"$work/name.c"
        quiet "$CC" -I"$SOURCE/include" "$work/name.c" -o "$work/name-$sem" "$work/$sem/libwg.a" -pthread
        [ "$("$work/name-$sem")" = $sem ] || fail "WG_SEM=$sem makes $("$work/name-$sem") the default"
    done
}

uninstall() {
    mkdir -p "$work/prefix/share/man"
    build_library "$work/build" -DCMAKE_INSTALL_PREFIX="$work/prefix"
    quiet "$CMAKE" --install "$work/build"
    quiet "$CMAKE" --install "$work/build"
    [ -d "$work/prefix/include/wg" ] || fail "the probe sees no folder"
    echo mine >"$work/prefix/keep"
    quiet "$CMAKE" --build "$work/build" --target uninstall
    # What was there before stays.
    (cd "$work/prefix" && find . | sort) >"$work/left"
    printf '%s\n' . ./keep ./share ./share/man | diff - "$work/left" || fail "not what was there before"
    refused 'Nothing was installed' "$CMAKE" --build "$work/build" --target uninstall
    # A prefix that was made goes, too; staged as well.
    rm -r "$work/prefix"
    DESTDIR=$work/stage quiet "$CMAKE" --install "$work/build"
    DESTDIR=$work/stage quiet "$CMAKE" --build "$work/build" --target uninstall
    [ "$(find "$work/stage")" = "$work/stage" ] || fail "left: $(find "$work/stage")"
}

# Sanitizers leave names open, which the link must allow.
sanitizer() {
    need clang-14
    CC=clang-14 build_library "$work/build" -DCMAKE_C_FLAGS=-fsanitize=thread
    CC=clang-14 build_library "$work/build2" -DCMAKE_C_FLAGS=-fsanitize=address,undefined
}
