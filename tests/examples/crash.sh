#!/bin/sh
# SPDX-License-Identifier: 0BSD
# crash.sh PROCESSES: the parent must notice that a worker died with a job in its hands.
set -u
message=$("$1" crash 2>&1 >/dev/null)
status=$?
expected='processes: a worker has died in its job
processes: 1 job is not done'
if [ "$status" -ne 1 ] || [ "$message" != "$expected" ]; then
    printf 'FAILED: status %s, message:\n%s\n' "$status" "$message"
    exit 1
fi
