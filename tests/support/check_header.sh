#!/bin/sh
# SPDX-License-Identifier: 0BSD
# check_header.sh INCLUDE-FOLDER: compiles the public headers by every standard of C and C++, and by the rules of MSVC.
# For wg.hpp there is tests/cpp/check_header.sh.
set -eu
include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checked=0

# The headers come first and are included twice.  The code uses the initialisers, so that they are compiled too.
cat >"$work/user.c" <<'END'
#include <wg/scope.h>
#include <wg/scope.h>
#include <wg/wg.h>
#include <wg/wg.h>
int use(wg_storage_t *storage);
int use_scope(wg_scope_storage_t *storage);
static wg_storage_t zeroes = WG_STORAGE_INIT;
int use(wg_storage_t *storage)
{
    wg_config_t config = WG_CONFIG_INIT;
    wg_t *group = wg_init(storage != NULL ? storage : &zeroes, &config);
    if (group == NULL)
        return 1;
    wg_add(group, 1);
    wg_done(group);
    wg_wait(group);
    wg_destroy(group);
    return sizeof(wg_storage_t) == 64 && config.flags == 0 ? 0 : 2;
}
int use_scope(wg_scope_storage_t *storage)
{
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    wg_scope_t *scope = wg_scope_init(storage, &config);
    wg_task_t task;
    int error;
    if (scope == NULL)
        return 1;
    wg_scope_go_task(scope, &task);
    error = wg_scope_wait(scope);
    wg_scope_destroy(scope);
    return sizeof(wg_scope_storage_t) == 192 ? error : 2;
}
END
# A program that has macros of these names.  Memory debuggers define the first two.
{
    echo '#define malloc(n) my_malloc(n)'
    echo '#define free(p) my_free(p)'
    for name in aligned nonnull visibility deprecated warn_unused_result noinline cold pure unused; do
        echo "#define $name this is no attribute"
    done
    cat "$work/user.c"
} >"$work/macros.c"
cp "$work/user.c" "$work/user.cpp"
cp "$work/macros.c" "$work/macros.cpp"

check()
{
    # shellcheck disable=SC2068 # words
    if ! "$@" 2>"$work/errors"; then
        echo "FAILED: $*"
        cat "$work/errors"
        exit 1
    fi
    if [ -s "$work/errors" ]; then
        echo "NOT SILENT: $*"
        cat "$work/errors"
        exit 1
    fi
    checked=$((checked + 1))
}

have()
{
    command -v "$1" >/dev/null 2>&1
}

# The headers include no more of the system than this.
more=$(grep -hE '^[[:space:]]*#[[:space:]]*include' "$include/wg/wg.h" "$include/wg/scope.h" |
    grep -vE '<(stdbool|stddef|stdint)\.h>$|"wg\.h"$' || true)
if [ -n "$more" ]; then
    echo "FAILED: a header includes: $more"
    exit 1
fi

strict="-Wall -Wextra -Wpedantic -Wundef -Wconversion -Wsign-conversion -Wshadow -Werror -fsyntax-only -I$include"
for cc in gcc clang-19 clang-14; do
    have "$cc" || continue
    for std in c89 c99 c11 c17 c2x gnu89 gnu11 gnu2x; do
        extra=
        case $std in *89*) extra=-Wno-long-long ;; esac
        # shellcheck disable=SC2086 # words
        check "$cc" -std=$std $strict -Wstrict-prototypes -Wmissing-prototypes $extra "$work/user.c"
        # shellcheck disable=SC2086 # words
        check "$cc" -std=$std $strict $extra "$work/macros.c"
    done
done
for cxx in g++ clang++-19 clang++-14; do
    have "$cxx" || continue
    for std in c++98 c++03 c++11 c++14 c++17 c++20 c++23 gnu++98 gnu++20; do
        extra=
        case $std in
        *98 | *03) extra=-Wno-long-long ;;
        *) extra=-Wzero-as-null-pointer-constant ;;
        esac
        case $cxx in *14) extra=-Wno-long-long ;; esac # clang 14 warns of its own NULL
        case $std$cxx in c++23*14) std=c++2b ;; esac
        # shellcheck disable=SC2086 # words
        check "$cxx" -std=$std $strict -Wold-style-cast $extra "$work/user.cpp"
        # shellcheck disable=SC2086 # words
        check "$cxx" -std=$std $strict $extra "$work/macros.cpp"
    done
done
# MSVC's rules, without its headers: the three headers that ours include come from the compiler.
for clang in clang-19 clang-14; do
    have "$clang" || continue
    for std in c11 c17; do
        # shellcheck disable=SC2086 # words
        check "$clang" --target=x86_64-pc-windows-msvc -ffreestanding -std=$std $strict "$work/user.c"
    done
    check "$clang" --driver-mode=cl --target=x86_64-pc-windows-msvc /W4 /WX /Zs /clang:-ffreestanding "/I$include" \
        "$work/user.c"
    check "$clang" --driver-mode=cl --target=x86_64-pc-windows-msvc /W4 /WX /Zs /TP /clang:-ffreestanding "/I$include" \
        "$work/user.c"
done

# The attributes must find misuse: a result that is thrown away, and a null pointer.
printf '#include <wg/wg.h>\nvoid f(wg_t *g) { wg_try_wait(g); }\n' >"$work/ignores.c"
printf '#include <wg/wg.h>\nvoid f(void) { wg_done(NULL); }\n' >"$work/null.c"
for cc in gcc clang-19; do
    have "$cc" || continue
    for bad in ignores null; do
        if "$cc" -std=c11 -Wall -Werror -O1 -c -o /dev/null "-I$include" "$work/$bad.c" 2>/dev/null; then
            echo "FAILED: $cc lets $bad.c pass"
            exit 1
        fi
        checked=$((checked + 1))
    done
done
# gcc's analyser must see a group that leaks, and one that is destroyed twice.
if have gcc; then
    printf '#include <wg/wg.h>\nint f(void) { wg_t *g = wg_create(); return g == NULL; }\n' >"$work/leak.c"
    printf '#include <wg/wg.h>\nvoid f(void) { wg_t *g = wg_create(); wg_destroy(g); wg_destroy(g); }\n' >"$work/twice.c"
    for bad in leak twice; do
        if gcc -std=c11 -fanalyzer -Werror -c -o /dev/null "-I$include" "$work/$bad.c" 2>/dev/null; then
            echo "FAILED: gcc -fanalyzer lets $bad.c pass"
            exit 1
        fi
        checked=$((checked + 1))
    done
fi
echo "$checked compilations"
[ "$checked" -ge 17 ]
