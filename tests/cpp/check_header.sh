#!/bin/sh
# SPDX-License-Identifier: 0BSD
# wg.hpp without exceptions and RTTI, beside a program's macros, and by the rules of MSVC; and that it leaves no macro:
# check_header.sh INCLUDE-FOLDER.  The tests beside this compile it in every standard.
set -eu
include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checked=0

check()
{
    if ! "$@" 2>"$work/errors" || [ -s "$work/errors" ]; then
        echo "FAILED, or not silent: $*"
        cat "$work/errors"
        exit 1
    fi
    checked=$((checked + 1))
}

have()
{
    command -v "$1" >/dev/null 2>&1
}

# wg.hpp, all of it used.  Compiled with -O2: what gcc sees only then, the user of a header sees, too.
cat >"$work/all.cpp" <<'END'
#include <wg/wg.hpp>
#include <wg/wg.hpp>
int use(wg::group &first, wg::group &second);
struct call_back {
    void operator()() const
    {
    }
};
#ifdef __cpp_lib_coroutine
struct detached {
    struct promise_type {
        detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
detached await(wg::group &group);
detached await(wg::group &group)
{
    co_await group;
}
#endif
int use(wg::group &first, wg::group &second)
{
    wg::group local;
    wg_config_t config = WG_CONFIG_INIT;
    const wg::group other(config);
    first.add();
    {
        const wg::task_guard guard(first);
    }
    local.go(call_back());
    wg::notice<call_back> notice((call_back()));
    if (!notice.notify(first) || notice.cancel() || !second.try_add(2))
        return 1;
    if (local.wait_for(std::chrono::duration<float>(1)) && local.wait_until(std::chrono::system_clock::now()))
        return 2;
    return wg::wait_any(first, second, local) == other.count() ? 3 : 0;
}
END
# Macros of these names, once the C++ library has been read, which is not ours.
{
    sed -n 's/^#include \(<[a-z_]*>\)$/#include \1/p' "$include/wg/wg.hpp"
    echo '#define malloc(n) my_malloc(n)'
    echo '#define free(p) my_free(p)'
    for name in aligned nonnull visibility deprecated warn_unused_result noinline cold pure unused; do
        echo "#define $name this is no attribute"
    done
    cat "$work/all.cpp"
} | grep -v '<coroutine>' >"$work/all-macros.cpp"
[ "$(grep -c '^#include <c' "$work/all-macros.cpp")" -ge 4 ]
wider="-Wall -Wextra -Wpedantic -Wundef -Wconversion -Wsign-conversion -Wshadow -Werror -O2 -c -o /dev/null -I$include"
for cxx in g++ clang++-19 clang++-14; do
    have "$cxx" || continue
    for std in c++11 c++20; do
        # shellcheck disable=SC2086 # words
        check "$cxx" -std=$std $wider -fno-exceptions -fno-rtti "$work/all.cpp"
    done
    # shellcheck disable=SC2086 # words
    check "$cxx" -std=c++11 $wider "$work/all-macros.cpp"
    # No macro but the guard is added to those of wg.h and of the C++ library.
    for std in c++11 c++20; do
        sed -n '/^#include </p' "$include/wg/wg.hpp" >"$work/before.cpp"
        echo '#include <wg/wg.hpp>' >"$work/after.cpp"
        # The compiler says whether it has coroutines, and with them their header.
        "$cxx" -std=$std -dM -E -x c++ /dev/null | grep -q __cpp_impl_coroutine || sed -i /coroutine/d "$work/before.cpp"
        for file in before after; do
            "$cxx" -std=$std -dM -E "-I$include" "$work/$file.cpp" | sort >"$work/$file"
        done
        if [ "$(comm -13 "$work/before" "$work/after")" != "#define WG_WG_HPP " ]; then
            echo "FAILED: $cxx -std=$std: wg.hpp leaves these macros:"
            comm -13 "$work/before" "$work/after"
            exit 1
        fi
        checked=$((checked + 1))
    done
    # A result thrown away.
    printf '#include <wg/wg.hpp>\nvoid f(wg::group &g) { g.try_wait(); }\n' >"$work/ignores.cpp"
    if "$cxx" -std=c++11 -Wall -Werror -O1 -c -o /dev/null "-I$include" "$work/ignores.cpp" 2>/dev/null; then
        echo "FAILED: $cxx lets ignores.cpp pass"
        exit 1
    fi
    checked=$((checked + 1))
done
# Another C++ library; and over that, MSVC's rules for names, templates and casts.
if have clang++-19 && echo '#include <chrono>' | clang++-19 -stdlib=libc++ -fsyntax-only -x c++ - 2>/dev/null; then
    for std in c++14 c++17; do
        # shellcheck disable=SC2086 # words
        check clang++-19 -std=$std -stdlib=libc++ $wider "$work/all.cpp"
        # shellcheck disable=SC2086 # words
        check clang++-19 -std=$std -stdlib=libc++ -fms-compatibility -fms-compatibility-version=19.38 -fms-extensions \
            -fdelayed-template-parsing $wider -O0 -Wno-language-extension-token "$work/all.cpp"
    done
fi
# Windows itself, by another compiler.
for cxx in x86_64-w64-mingw32-g++ x86_64-w64-mingw32-g++-win32; do
    have "$cxx" || continue
    for std in c++11 c++17 c++20; do
        # shellcheck disable=SC2086 # words
        check "$cxx" -std=$std $wider "$work/all.cpp"
    done
    break
done
echo "$checked compilations"
[ "$checked" -ge 6 ]
