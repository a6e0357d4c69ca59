#!/bin/sh
# SPDX-License-Identifier: 0BSD
# expect.sh STATUS EXPECTED PROGRAM [ARG...]: the program must print the file EXPECTED on
# standard output, end with STATUS, and, unless that is an error, say nothing on standard error.
set -u
status=$1
expected=$2
shift 2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
"$@" >"$scratch/out" 2>"$scratch/err"
result=$?
cat "$scratch/err"
if [ "$result" -ne "$status" ]; then
    echo "FAILED: $* ended with $result, not $status"
    exit 1
fi
if ! diff -u "$expected" "$scratch/out"; then
    echo "FAILED: $* printed something else"
    exit 1
fi
if [ "$status" -eq 0 ] && [ -s "$scratch/err" ]; then
    echo "FAILED: $* wrote to standard error"
    exit 1
fi
