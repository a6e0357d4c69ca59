#!/bin/sh
# SPDX-License-Identifier: 0BSD
# refuse.sh PROGRAM: the example must refuse an option that it does not know, and, except wgwc, a word.  Then a message
# on standard error names the argument, nothing is on standard output, and the status is 2.
set -u
program=$1
name=$(basename "$program")
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

refuses() {
    "$program" "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
    if [ "$status" -ne 2 ] || [ -s "$scratch/out" ] || ! grep -q "^$name: .*nonsense" "$scratch/err"; then
        echo "FAILED: $name $*: status $status, and this:"
        cat "$scratch/out" "$scratch/err"
        exit 1
    fi
}

refuses --nonsense
[ "$name" = wgwc ] || refuses nonsense
[ "$name" != processes ] || refuses crash nonsense
