#!/bin/sh
# SPDX-License-Identifier: 0BSD
# check.sh OWN LIBRARY SCRATCH: on i686, programs with a time_t of 32 and of 64 bits against a LIBRARY whose own has OWN:
# the same links and waits, the other does not link, and the linker names the call.
set -eu
own=$1 library=$2 scratch=$3
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    cat "$scratch/link"
    echo "FAILED: $*"
    exit 1
}

try() { # <time_t of the program> [flag ...]
    bits=$1 program=$scratch/deadline
    shift
    rm -f "$program"
    i686-linux-gnu-gcc -std=c11 -Wall -Wextra -Werror -pedantic -D_GNU_SOURCE "$@" -I"$here/../../../include" \
        "$here/deadline.c" "$library" -pthread -o "$program" \
        -Wl,--dynamic-linker=/usr/i686-linux-gnu/lib/ld-linux.so.2 \
        -Wl,-rpath,"/usr/i686-linux-gnu/lib:$(dirname "$library")" >"$scratch/link" 2>&1 || :
    if [ "$own" = "$bits" ]; then
        [ -x "$program" ] || fail "$library does not link with a time_t of $bits bits"
        timeout 60 "$program" || fail "a wait with a time_t of $bits bits goes wrong"
    elif [ -x "$program" ] || ! grep -q "undefined reference to .wg_wait_until" "$scratch/link"; then
        fail "$library links with a time_t of $bits bits"
    fi
}

try 32
try 64 -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64
