#!/bin/sh
# SPDX-License-Identifier: 0BSD
# standalone.sh CMAKE BUILD EXAMPLES WORK GENERATOR FLAVOUR...: installs the library built in BUILD into a
# fresh prefix, copies the examples out of the tree, builds them there with only find_package(wg),
# for each flavour of the library (shared or static), and runs them.
set -eu
cmake=$1
build=$2
examples=$3
work=$4
generator=$5
shift 5
expected=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
mkdir -p "$work"
"$cmake" --install "$build" --prefix "$work/prefix" >"$work/install.log" 2>&1 || {
    cat "$work/install.log"
    exit 1
}
cp -R "$examples" "$work/source"
for flavour in "$@"; do
    echo "== $flavour"
    "$cmake" -S "$work/source" -B "$work/$flavour" -G "$generator" -DCMAKE_PREFIX_PATH="$work/prefix" \
        -DCMAKE_C_FLAGS='-Wall -Wextra -Wpedantic -Werror' -DCMAKE_CXX_FLAGS='-Wall -Wextra -Wpedantic -Werror' \
        -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF -DWG_EXAMPLES_LIBRARY="wg::wg_$flavour"
    "$cmake" --build "$work/$flavour" --parallel 2
    for name in drain processes sort sharded fibers tree uv epoll kqueue glib dispatch cpp11 coroutine; do
        if [ -x "$work/$flavour/$name" ]; then
            sh "$expected/expect.sh" 0 "$expected/$name.expected" "$work/$flavour/$name"
        fi
    done
    "$work/$flavour/wgwc" "$work/source" >"$work/counted"
    bytes=$(find "$work/source" -type f -exec cat {} + | wc -c)
    tail -n 1 "$work/counted" | grep -q " $bytes total\$" || {
        echo "FAILED: wgwc of the standalone build does not count $bytes bytes"
        exit 1
    }
done
