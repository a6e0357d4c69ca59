#!/bin/sh
# SPDX-License-Identifier: 0BSD
# Builds the explorer: build.sh ROOT SRC OUT [OBJECTS]
#   ROOT     the source tree
#   SRC      the library's sources: ROOT/src, or a changed copy
#   OUT      gets wg_explore_futex and wg_explore_tokens, and all objects
#   OBJECTS  an earlier OUT: only what differs from ROOT/src is compiled
# CC: gcc for x86-64 Linux (default: gcc).
set -eu
root=$1 src=$2 out=$3 objects=${4:-}
here=$root/tests/explore
cc=${CC:-gcc}
mkdir -p "$out"

# -fno-builtin: memset must stay a call.  -fno-pie: an address in the program names a source line.
common="-std=c11 -D_GNU_SOURCE -DWG_API= -g -fno-pie -U_FORTIFY_SOURCE -Wall -Wextra"
seen="$common -O1 -fsanitize=thread -fno-builtin -include $here/rename.h"
backends="-DWGI_HAVE_POSIX=1 -DWGI_HAVE_DISPATCH=0 -DWGI_HAVE_TSAN=1 -DWGI_HAVE_VALGRIND=0"
paths="-I$root/include -I$src -I$here -I$root/tests/scenes"

# The library: one object per file, and sem.c once for each default semaphore.
library() { # library FILE OBJECT FLAGS
    if [ -n "$objects" ] && ! changed "$1"; then
        cp "$objects/$2.o" "$out/$2.o"
        return
    fi
    # shellcheck disable=SC2086 # flags are words
    $cc $3 $backends $paths -c "$src/$1" -o "$out/$2.o"
}

# If a header has changed, every file counts as changed.
changed() {
    for header in "$src"/*.h; do
        cmp -s "$header" "$root/src/${header##*/}" || return 0
    done
    ! cmp -s "$src/$1" "$root/src/$1"
}

library wg.c wg "$seen"
library life.c life "$seen"
library sem_futex.c sem_futex "$seen"
library panic.c panic "$seen"
library panic_posix.c panic_posix "$seen"
library notice.c notice "$seen -DWGI_NOTICE_POLLS=1 -DWGI_NOT_SEEN="
library any.c any "$seen -include $here/stack.h"
library scope.c scope "$seen"
library cancel_posix.c cancel "$common -O1"
library annotate.c annotate "$common -O1"
library annotate_tsan.c annotate_tsan "$common -O1"
library sem.c sem_of_futex "$seen -DWGI_HAVE_FUTEX=1 -DWGI_SEM_DEFAULT=KIND_FUTEX -DWGI_SEM_ZERO=wgi_sem_futex"
library zero_ready.c zero_of_futex "$seen"
library sem.c sem_of_tokens "$seen -DWGI_HAVE_FUTEX=0 -DWGI_SEM_DEFAULT=KIND_POSIX -DWGI_SEM_ZERO=wgi_sem_heap"
library zero_heap.c zero_of_tokens "$seen"

runtime="memory calls runtime search stop compare report main"
rest="$runtime tokens lock clients"
for client in "$root"/tests/scenes/*.c "$here"/clients/*.c; do
    rest="$rest client_$(basename "$client" .c)"
done
files=
for name in $rest; do
    files="$files $out/$name.o"
    if [ -n "$objects" ]; then
        cp "$objects/$name.o" "$out/$name.o"
        continue
    fi
    case $name in
    client_*)
        flags=$seen file=$root/tests/scenes/${name#client_}.c
        [ -e "$file" ] || file=$here/clients/${name#client_}.c
        ;;
    tokens | lock | clients) flags=$seen file=$here/$name.c ;;
    *) flags="$common -O2" file=$here/$name.c ;;
    esac
    # shellcheck disable=SC2086
    $cc $flags $backends $paths -c "$file" -o "$out/$name.o"
done

for table in futex tokens; do
    # shellcheck disable=SC2086
    $cc -no-pie -o "$out/wg_explore_$table" $files "$out/wg.o" "$out/life.o" "$out/notice.o" "$out/any.o" "$out/scope.o" \
        "$out/cancel.o" "$out/sem_futex.o" "$out/panic.o" \
        "$out/panic_posix.o" "$out/annotate.o" "$out/annotate_tsan.o" "$out/sem_of_$table.o" "$out/zero_of_$table.o"
done
