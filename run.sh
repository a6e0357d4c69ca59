#!/bin/sh
# SPDX-License-Identifier: 0BSD
# The two commands: `sh run.sh demo [PATH...]` counts real trees with wgwc and compares it with wc; `sh run.sh test`
# runs the quick tests.  Both set a fresh machine up first.  BUILD=<folder> builds elsewhere than in build/.
set -eu
cd_from=$(pwd)
source=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$source/build}

have() {
    command -v "$1" >/dev/null 2>&1
}

# compiles FILE: whether the C compiler takes this program, links it included.
compiles() {
    probe=$(mktemp -d)
    cat >"$probe/probe.c"
    status=0
    # shellcheck disable=SC2086 # CC may be words
    ${CC:-cc} "$probe/probe.c" -o "$probe/probe" "$@" >/dev/null 2>&1 || status=1
    rm -r "$probe"
    return $status
}

has_compiler() {
    echo '#include <pthread.h>
    int main(void) { return 0; }' | compiles
}

# Homebrew's folders are not among the compiler's own.
cmocka_flags() {
    ! have brew || echo "-I$(brew --prefix)/include -L$(brew --prefix)/lib"
}

has_cmocka() {
    # shellcheck disable=SC2046 # words
    echo '#include <stdarg.h>
    #include <stddef.h>
    #include <stdint.h>
    #include <setjmp.h>
    #include <cmocka.h>
    int main(void) { return cmocka_run_group_tests((struct CMUnitTest *)0, 0, 0); }' | compiles $(cmocka_flags) -lcmocka
}

# missing demo|test: what is not there, in words.
missing() {
    has_compiler || printf 'a C compiler, '
    have cmake || printf 'cmake, '
    have make || have ninja || printf 'make, '
    [ "$1" = demo ] || has_cmocka || printf 'cmocka, '
    [ "$1" = test ] || for tool in wc find awk xargs; do
        have "$tool" || printf '%s, ' "$tool"
    done
}

# as_root COMMANDS: runs this line of shell; or says that somebody else has to.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        sh -c "$1"
    elif have sudo; then
        sudo sh -c "$1"
    else
        echo "run.sh: neither root nor sudo; please run this as root, and then run.sh again:" >&2
        echo "    $1" >&2
        exit 1
    fi
}

# set_up demo|test: installs what is missing, and nothing if nothing is.  Run on Debian; the others by their manuals.
set_up() {
    lacking=$(missing "$1")
    [ -n "$lacking" ] || return 0
    echo "run.sh: missing: ${lacking%, }; installing it"
    if have apt-get; then
        as_root "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
gcc g++ libc6-dev make cmake libcmocka-dev coreutils findutils mawk"
    elif have dnf; then
        as_root "dnf install -y gcc gcc-c++ make cmake libcmocka-devel coreutils findutils gawk"
    elif have apk; then
        as_root "apk add gcc g++ musl-dev make cmake cmocka-dev coreutils findutils gawk"
    elif have pacman; then
        as_root "pacman -Sy --needed --noconfirm gcc make cmake cmocka coreutils findutils gawk"
    elif have zypper; then
        as_root "zypper --non-interactive install gcc gcc-c++ make cmake libcmocka-devel coreutils findutils gawk"
    elif have brew; then
        brew install cmake cmocka # the compiler: xcode-select --install
    else
        echo "run.sh: no package manager that it knows; please install these by hand" >&2
        exit 1
    fi
    lacking=$(missing "$1")
    if [ -n "$lacking" ]; then
        echo "run.sh: still missing: ${lacking%, }" >&2
        exit 1
    fi
}

# configure FOLDER CMAKE-OPTION...
configure() {
    folder=$1
    shift
    have make || set -- -G Ninja "$@"
    cmake -S "$source" -B "$folder" -DCMAKE_BUILD_TYPE=Release "$@"
}

# make_in FOLDER TARGET CMAKE-OPTION...
make_in() {
    folder=$1 target=$2
    shift 2
    if ! { configure "$folder" "$@" &&
        cmake --build "$folder" --target "$target" --parallel "$jobs"; } >"$folder.log" 2>&1; then
        cat "$folder.log"
        echo "run.sh: the build failed; see above" >&2
        exit 1
    fi
}

# The time in seconds, with a fraction where date knows one (not in POSIX; a minimal system has no `time` either).
now() {
    stamp=$(date +%s.%N)
    case $stamp in
    *[!0-9.]*) date +%s ;;
    *) echo "$stamp" ;;
    esac
}

# timed COMMAND...: sets 'took'; what it prints goes to a file.
timed() {
    started=$(now)
    "$@" >"$scratch/out"
    took=$(echo "$started $(now)" | awk '{ printf "%.2f", $2 - $1 }')
}

# counted OPTION: the words of the probe.
counted() {
    "$wgwc" "$1" "$scratch/probe" | awk '{ print $2 }'
}

demo() {
    make_in "$build/demo" wg_example_wgwc -DWG_BUILD_TESTS=OFF -DWG_BUILD_BENCH=OFF -DWG_BUILD_EXAMPLES=ON
    wgwc=$(find "$build/demo" -name wgwc -type f | head -n 1)
    cd "$cd_from"
    if [ $# -eq 0 ]; then
        set -- "$source"
        # /usr/include is there, and worth counting, on a machine that compiles
        [ ! -d /usr/include ] || set -- /usr/include
    fi
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    # What a word is differs between wcs: wgwc follows the rule that this one has, found by asking both.
    printf '\001 a\240b \377 \001a\001 ' >"$scratch/probe"
    asked=$(LC_ALL=C wc -w <"$scratch/probe" | tr -d ' ')
    option=-t words=words
    [ "$(counted -t)" = "$asked" ] || option=-tp
    [ "$(counted $option)" = "$asked" ] || option=-to
    [ "$(counted $option)" = "$asked" ] || words=none # a rule of its own: words are not compared

    # A name that begins with a dash is no option.
    for path; do
        shift
        case $path in -*) path=./$path ;; esac
        set -- "$@" "$path"
    done

    # The list that both count; once before, so that both find it in memory.
    for path; do
        find -H "$path" -type f -print0
    done >"$scratch/list"
    files=$(tr -dc '\000' <"$scratch/list" | wc -c | tr -d ' ')
    [ "$files" -gt 0 ] || {
        echo "run.sh: no files in $*" >&2
        exit 1
    }
    # xargs may start wc several times: each prints its line for /dev/null first and, with that, a total at its end.
    cat >"$scratch/wc.sh" <<'EOF'
xargs -0 wc /dev/null <"$1" | awk '
    function take() { lines += last[1]; words += last[2]; bytes += last[3] }
    NF == 4 && $4 == "/dev/null" && NR > 1 { take() }
    { last[1] = $1; last[2] = $2; last[3] = $3 }
    END { take(); printf "%.0f %.0f %.0f\n", lines, words, bytes }'
EOF
    LC_ALL=C
    export LC_ALL
    sh "$scratch/wc.sh" "$scratch/list" >/dev/null
    timed sh "$scratch/wc.sh" "$scratch/list"
    slow=$took
    by_wc=$(cat "$scratch/out")
    timed "$wgwc" "$option" -j "$jobs" "$@"
    fast=$took
    by_wgwc=$(awk '{ print $1, $2, $3 }' "$scratch/out")
    echo "counted: $* ($files files, $jobs threads)"
    # shellcheck disable=SC2086 # three words each
    {
        printf '%-6s %12s %12s %14s %9s\n' '' lines words bytes seconds
        printf '%-6s %12s %12s %14s %9s\n' wc $by_wc "$slow" wgwc $by_wgwc "$fast"
    }
    awk -v slow="$slow" -v fast="$fast" 'BEGIN { if (fast > 0) printf "speed-up: %.1f\n", slow / fast }'
    if [ "$words" = none ]; then
        echo "run.sh: this wc has a rule of its own for what a word is; lines and bytes are compared"
        by_wc=${by_wc%% *}-${by_wc##* } by_wgwc=${by_wgwc%% *}-${by_wgwc##* }
    fi
    if [ -z "$by_wc" ] || [ "$by_wc" != "$by_wgwc" ]; then
        echo "run.sh: the two do not agree (do the files change just now?)" >&2
        exit 1
    fi
    echo OK
}

# left_out OUTPUT LOG SLOW: from what ctest printed and logged, how many tests passed, and what was left out and why.
left_out() {
    awk -v slow="$3" '
    FNR == 1 { file++ }
    file == 1 && $2 == "Test" && $3 ~ /^#[0-9]+:$/ {
        if (/ Passed +[0-9.]+ sec/)
            passed++
        else if (/\*\*\*Skipped +[0-9.]+ sec/)
            skipped[$4] = "that do not say why"
        else
            failed++
    }
    file == 2 && $2 == "Testing:" { test = $3 }
    file == 2 && /^SKIPPED: / && (test in skipped) { skipped[test] = substr($0, 10) }
    END {
        for (test in skipped)
            count[skipped[test]]++
        printf "run.sh: %d passed", passed
        if (failed > 0)
            printf ", %d FAILED", failed
        separator = "; left out: "
        for (reason in count) {
            why = reason
            if (sub(/^needs /, "", why))
                why = "that need" (count[reason] == 1 ? "s " : " ") why
            printf "%s%d %s", separator, count[reason], why
            separator = ", "
        }
        if (slow > 0)
            printf "%s%d that are slow, which .ci/run has", separator, slow
        print ""
    }' "$1" "$2"
}

tests() {
    # The dispatch semaphore too, where there is a libdispatch.
    dispatch=on
    configure "$build/test" -DWG_DISPATCH=on >"$build/test.log" 2>&1 || dispatch=auto
    make_in "$build/test" all -DWG_BUILD_TESTS=ON -DWG_DISPATCH=$dispatch
    cd "$build/test"
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    slow=$(ctest -N -L slow | sed -n 's/^Total Tests: //p') # first: each ctest begins the log afresh
    {
        status=0
        ctest -LE slow --output-on-failure --no-tests=error --parallel "$jobs" || status=$?
        echo "$status" >"$scratch/status"
    } | tee "$scratch/out"
    left_out "$scratch/out" Testing/Temporary/LastTest.log "$slow"
    return "$(cat "$scratch/status")"
}

jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
command=${1:-}
[ $# -eq 0 ] || shift
case $command in
demo | test)
    set_up "$command"
    mkdir -p "$build"
    [ "$command" = demo ] || {
        tests
        exit
    }
    demo "$@"
    ;;
*)
    echo "usage: sh run.sh demo [PATH...] | test" >&2
    exit 2
    ;;
esac
