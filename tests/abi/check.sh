#!/bin/sh
# SPDX-License-Identifier: 0BSD
# check.sh: holds a build's ABI against the stored one (x86-64, gcc).
#   sh tests/abi/check.sh LIBWG.SO            compares; 0 if nothing changed
#   sh tests/abi/check.sh --store LIBWG.SO    stores what is there now
set -eu
here=$(dirname "$0")
stored=$here/libwg.abi
describe() {
    # Only what users see: exported functions, and no folder of the machine that built it.
    abidw --headers-dir "$here/../../include" --drop-private-types --exported-interfaces-only --no-corpus-path \
        --no-comp-dir-path --no-elf-needed --no-show-locs "$1" | sed "s|path='[^']*/src/|path='src/|"
}
if [ "$1" = --store ]; then
    describe "$2" >"$stored"
    exit
fi
now=$(mktemp)
trap 'rm -f "$now"' EXIT
describe "$1" >"$now"
abidiff "$stored" "$now" && echo "ABI as stored"
