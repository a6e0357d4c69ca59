#!/bin/sh
# SPDX-License-Identifier: 0BSD
# check_exports.sh LIST SHARED STATIC: the shared library exports exactly the list, and the static library nothing.
set -eu
list=$1 shared=$2 static=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grep -v '^#' "$list" | sort >"$work/wanted"
# The version's own symbol (WG_0.1) is absolute: type A.
nm -D --defined-only "$shared" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
if ! diff -u "$work/wanted" "$work/exported"; then
    echo "FAILED: $shared exports other names than $list"
    exit 1
fi

# A shared library that takes in the archive would export the archive's visible names.
visible=$(readelf -sW "$static" |
    awk '($5 == "GLOBAL" || $5 == "WEAK") && $6 == "DEFAULT" && $7 != "UND" { print $8 }')
if [ -n "$visible" ]; then
    echo "FAILED: visible in $static: $visible"
    exit 1
fi
# All global names of the archive must have our prefix: nothing else keeps them apart from a program's names.
foreign=$(nm --defined-only -g "$static" 2>/dev/null | awk 'NF == 3 && $3 !~ /^wgi?_/ { print $3 }' |
    grep -vE '^(__asan|__odr_asan|__tsan|__gnu_lto|DW\.ref)' || true)
if [ -n "$foreign" ]; then
    echo "FAILED: foreign names in $static: $foreign"
    exit 1
fi
seen=$(nm --defined-only -g "$static" 2>/dev/null | grep -c ' T wg_')
[ "$seen" -eq "$(grep -c . "$work/wanted")" ] || {
    echo "FAILED: $static defines $seen public functions"
    exit 1
}
echo "$seen functions"
