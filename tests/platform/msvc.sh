#!/bin/sh
# SPDX-License-Identifier: 0BSD
# Compiles the library's files for Windows in the driver mode of MSVC's compiler, by clang-cl: msvc.sh SCRATCH-FOLDER.
# The headers are mingw's.  With the target of MSVC they serve the files named below; the other files need headers that
# mingw writes in gcc's words.
set -eu
cd "$(dirname "$0")/../.."
out=$1
mkdir -p "$out"
compile() { # <target> <file>
    ${CLANG_CL:-clang-cl-19} "--target=$1" /std:c11 /W4 /WX -Wno-unused-command-line-argument \
        /imsvc /usr/share/mingw-w64/include -Iinclude -DWG_API= -DWGI_HAVE_FUTEX=1 -DWGI_HAVE_POSIX=0 \
        -DWGI_HAVE_DISPATCH=0 -DWGI_SEM_DEFAULT=KIND_FUTEX -DWGI_SEM_ZERO=wgi_sem_futex -DWGI_HAVE_SPIN=1 \
        -DWGI_HAVE_TSAN=0 -DWGI_HAVE_VALGRIND=0 \
        -c "src/$2" -o "$out/$2.$1.obj"
}
portable="annotate.c any.c cancel_win32.c notice.c sem.c sem_futex.c spin.c wg.c zero_ready.c"
for file in $portable; do
    compile x86_64-pc-windows-msvc "$file"
done
for file in $portable clock_win32.c futex_win32.c go.c life.c panic.c panic_win32.c thread.c thread_win32.c; do
    compile x86_64-w64-windows-gnu "$file"
done
echo "clang-cl: $(find "$out" -name '*.obj' | wc -l) objects"
