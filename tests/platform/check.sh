#!/usr/bin/env bash
# SPDX-License-Identifier: 0BSD
# Builds the library, the tests and the examples for one platform, and runs what can be run:
#   tests/platform/check.sh <platform> <scratch folder> <cmocka's sources> quick|whole|list
# quick leaves out the examples and the stress tests.  For zig's targets (macOS, the BSDs, Windows on ARM) all is built,
# and nothing run.  list only writes down which tests there are: do so for `host` first, since the
# other platforms must have the same.
# A platform is the name of a file in cmake/toolchains/, with `-time64` after it for 64-bit
# times where the system's are of 32 bits, or `host`.  The last line on standard output is
# the platform's row of the table.  PATH must have zig for zig's targets.
set -u
platform=$1
scratch=$2/$1
cmocka=$3
extent=$4
source=$(cd "$(dirname "$0")/../.." && pwd)
toolchain=$source/cmake/toolchains/${platform%-time64}.cmake
jobs=${JOBS:-2}
notes=""
mkdir -p "$scratch"
log=$scratch/log

give_up() {
    tail -n 60 "$log"
    printf 'FAILED %s: %s\n' "$platform" "$1"
    exit 1
}

row() {
    printf '%-22s %-9s %s\n' "$platform" "$1" "$2$notes"
}

# Whether nothing here can run the programs: so for all that zig compiles.
is_only_linked() {
    [ "$platform" != host ] && grep -q zig_target "$toolchain"
}

options=(-G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo)
if [ "$platform" = host ]; then
    options+=(-DWG_DISPATCH="${DISPATCH:-off}")
elif is_only_linked; then
    options+=("--toolchain" "$toolchain")
else # no C++ but the host's and zig's: it would double the compilers, for one example
    options+=("--toolchain" "$toolchain" -DCMAKE_CXX_COMPILER=NOTFOUND)
fi
# On i686 gcc 12 notes each place where its ABI changed between versions.
case $platform in
linux-i686) options+=(-DCMAKE_C_FLAGS=-Wno-psabi) ;;
linux-i686-time64) options+=("-DCMAKE_C_FLAGS=-Wno-psabi -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64") ;;
esac

{
    cmake "${options[@]}" -S "$source/tests/platform/cmocka" -B "$scratch/cmocka" -DCMOCKA_SOURCE="$cmocka" \
        -DCMAKE_INSTALL_PREFIX="$scratch/prefix" && cmake --build "$scratch/cmocka" --target install
} >>"$log" 2>&1 || give_up "cmocka does not build"
options+=(-Dcmocka_DIR="$scratch/prefix/lib/cmake/cmocka" -DWG_BUILD_BENCH=OFF)
[ "$platform" != linux-x86_64-musl ] || options+=(-DWG_BUILD_SHARED=OFF)

# No atomic operations on 64 bits: the build must refuse, and say why.
if [ "$platform" = linux-mipsel ]; then
    if cmake "${options[@]}" -S "$source" -B "$scratch/build" >"$scratch/refusal" 2>&1; then
        cp "$scratch/refusal" "$log"
        give_up "it configured, but has no atomic operations on 64 bits"
    fi
    tr -s ' \n' ' ' <"$scratch/refusal" | grep -q '64-bit atomic' || {
        cp "$scratch/refusal" "$log"
        give_up "it refused, but not for its atomic operations"
    }
    row refused "configure says that there are no 64-bit atomic operations"
    exit 0
fi

cmake "${options[@]}" -S "$source" -B "$scratch/build" >>"$log" 2>&1 || give_up "it does not configure"

ctest --test-dir "$scratch/build" -N -L '^(unit|stress|platform)$' | sed -n 's/^ *Test *#[0-9]*: //p' >"$scratch/names"
if [ "$extent" = list ]; then
    row listed "$(wc -l <"$scratch/names") tests"
    exit 0
fi
targets=()
case $extent in
quick) # the programs of the tests unit.<name> and platform.<name>, and the libraries
    targets=(--target wg_static)
    [ "$platform" = linux-x86_64-musl ] || targets+=(wg_shared)
    while read -r name; do
        targets+=("wg_test_$name")
    done < <(grep -v '^stress' "$scratch/names" | cut -d. -f2 | grep -vxE 'header|includes|exports' | sort -u)
    ;;
esac
is_only_linked && targets=()
cmake --build "$scratch/build" -j "$jobs" "${targets[@]}" >>"$log" 2>&1 || give_up "it does not build"
warnings=$(grep -c 'src/[a-z0-9_]*\.[ch]:.*warning:' "$log")
[ "$warnings" -eq 0 ] || notes="; $warnings warnings in src"

# All that the host runs must be here too, except what the build says that it leaves out, and why.
# Other systems have other semaphores: there the names count without them.  Scripts that
# try this machine's compilers on the header say nothing of a platform.
sed -n 's/^-- Left out: test_/unit./p; s/^-- Left out: stress_/stress./p' "$log" >"$scratch/left-out"
names() {
    case $platform in
    linux-*) grep -v 'dispatch$' "$1/names" ;;
    *) grep -v '_over_dispatch$' "$1/names" | sed "s/^\([a-z]*\.[a-z_]*\)\.\(futex\|posix\|dispatch\|cond\)$/\1/" ;;
    esac | grep -vE '^unit\.(header|includes|exports)$' | sort -u
}
if [ "$platform" != host ] && [ -f "$2/host/names" ]; then
    names "$scratch" >"$scratch/here"
    for name in $(names "$2/host"); do
        grep -qx "$name" "$scratch/here" || grep -q "^$(echo "$name" | cut -d. -f1-2): ." "$scratch/left-out" ||
            give_up "it lacks $name and does not say why"
    done
fi

# A program of each time_t, with the shared and the static library of this one.
case $platform in
linux-i686*)
    own=64
    [ "$platform" != linux-i686 ] || own=32
    for library in libwg.a libwg.so; do
        sh "$source/tests/platform/time64/check.sh" $own "$scratch/build/$library" "$scratch" >>"$log" 2>&1 ||
            give_up "a program of another time_t: $(tail -n 1 "$log")"
    done
    ;;
esac

# What only links here.  The linker has found each name in the target's own libraries; which ones those are is checked.
uses() { # <extended regular expression for a symbol>
    llvm-nm-14 -u "$library" | grep -qE "(^| )_?($1)\$"
}
default_is() { # <semaphore>
    grep -q "WGI_SEM_DEFAULT=KIND_$1" "$scratch/build/build.ninja" || give_up "its default is not $1"
}
check_linked() { # <libraries that it may need, an extended regular expression>
    sort "$scratch/needed" | grep -vxE "$1" && give_up "it needs a library that is not of the target's C library"
    grep -v '^#' "$source/tests/support/exports.txt" | diff - <(sort "$scratch/exports") >>"$log" ||
        give_up "it does not export exactly the list"
    row linked "the library, the programs of $(wc -l <"$scratch/names") tests and the examples: cross-built and linked, not run"
    exit 0
}
case $platform in
macos-*)
    library=$(echo "$scratch"/build/libwg.*.*.*.dylib)
    # Two names are the linker's own.
    llvm-nm-14 -gU "$library" | sed -n 's/.* _//p' | grep -vxE '__dso_handle|_mh_dylib_header' >"$scratch/exports"
    llvm-objdump-14 --macho --dylibs-used "$library" | sed -n '3,$s/^[[:space:]]*\([^ ]*\) .*/\1/p' >"$scratch/needed"
    uses dispatch_semaphore_create || give_up "it has no dispatch semaphore"
    uses os_sync_wait_on_address || give_up "it has no futex semaphore"
    uses 'sem_(init|wait|post)' && give_up "it uses sem_t, which is a mere name there"
    llvm-objdump-14 --macho --dylib-id "$library" | grep -q '@rpath/libwg' || give_up "its id is not @rpath/libwg..."
    default_is DISPATCH
    check_linked '/usr/lib/libSystem\.B\.dylib'
    ;;
*bsd-*)
    library=$(echo "$scratch"/build/libwg.so.*.*.*)
    llvm-nm-14 -D --defined-only "$library" | sed -n 's/.* T \([a-z_]*\)@.*/\1/p' >"$scratch/exports"
    llvm-readelf-14 -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$scratch/needed"
    uses '_umtx_op|futex|syscall' || give_up "it has no futex semaphore"
    default_is FUTEX
    check_linked 'lib(c|pthread|thr)\.so(\.[0-9.]*)?'
    ;;
windows-aarch64)
    library=$scratch/build/libwg.dll
    llvm-readobj-14 --coff-exports "$library" | sed -n 's/^ *Name: //p' >"$scratch/exports"
    llvm-readobj-14 --coff-imports "$library" | sed -n 's/^  Name: //p' >"$scratch/needed"
    grep -qix 'api-ms-win-core-synch-l1-2-0.dll' "$scratch/needed" || give_up "it has no futex semaphore"
    default_is FUTEX
    check_linked '(KERNEL32|api-ms-win-(core-synch|crt-[a-z]*)-l1-[0-9]-0)\.dll'
    ;;
windows-*)
    # One server of wine for the whole suite.  Otherwise the server ends with its last program, and some programs
    # that start just then end at once, by "recvmsg: Connection reset by peer".  If the trap below does not run, the
    # server ends after 300 s without a program.
    wineserver=/usr/lib/wine/wineserver64
    export WINEPREFIX=$scratch/wine WINEDEBUG=-all TMPDIR=$scratch/tmp # in TMPDIR it keeps its socket
    mkdir -p "$WINEPREFIX" "$TMPDIR"
    trap '{ "$wineserver" -k; timeout 60 "$wineserver" -w; } >/dev/null 2>&1' EXIT
    trap 'exit 1' HUP INT TERM # after ctest, which would go on and start another server
    "$wineserver" -p300 </dev/null >>"$log" 2>&1 || give_up "the server of wine does not start"
    # The first program of all sets Windows up.
    timeout 120 /usr/lib/wine/wine64 wineboot -i </dev/null >>"$log" 2>&1 || give_up "wine does not start"
    ;;
esac

speed=()
[ "$extent" = whole ] || speed=(-LE slow)
# The CPU is shared and emulated.  So a test hangs only if it takes ten times as long as it should.
timeout 3000 ctest --test-dir "$scratch/build" -L '^(unit|stress|platform)$' "${speed[@]}" -j "$jobs" --timeout 300 \
    -E '^unit\.(header|includes|exports)$' --no-tests=error --verbose >"$scratch/ctest" 2>&1
code=$?
cat "$scratch/ctest" >>"$log"

count() {
    sed -n "s/\r//; s/^[0-9]*: \[ *$1 *\] \([0-9]*\) test(s).*/\1/p" "$scratch/ctest" | awk '{ n += $1 } END { print n + 0 }'
}
run=$(count '=*')
passed=$(count PASSED)
skipped=$(count SKIPPED)
programs=$(grep -c '^ *[0-9]*/[0-9]* Test ' "$scratch/ctest")
if [ $code -ne 0 ]; then
    grep -E 'FAILED|\*\*\*|required|Error' "$scratch/ctest" | head -n 40
    give_up "tests failed ($passed of $run passed)"
fi
# Under wine a program can end with status 0 before it began.
reports=$(grep -c 'test(s) run' "$scratch/ctest")
[ "$reports" -ge "$programs" ] || give_up "$programs programs, but $reports reports of their tests"
if [ "$run" -eq 0 ] || [ "$run" -ne $((passed + skipped)) ]; then
    give_up "$run tests, but $passed passed and $skipped skipped"
fi
row ok "$programs programs, $run tests: $passed passed, $skipped skipped"
sed 's/^/    left out: /' "$scratch/left-out"
