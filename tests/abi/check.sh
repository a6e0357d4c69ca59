#!/bin/sh
# SPDX-License-Identifier: 0BSD
# check.sh: compares a build's ABI with the stored one (x86-64, gcc).
#   sh tests/abi/check.sh LIBWG.SO            compares; 0 if nothing changed
#   sh tests/abi/check.sh --store LIBWG.SO    stores the ABI of this build
set -eu
here=$(dirname "$0")
stored=$here/libwg.abi
describe() {
    # Only what users see: the exported functions, and no folder names of the machine that built the library.
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
