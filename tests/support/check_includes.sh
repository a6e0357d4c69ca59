#!/bin/sh
# SPDX-License-Identifier: 0BSD
# Which file may include which, and where a mechanism may be named: check_includes.sh SOURCE-FOLDER.
set -eu
cd "$1"
failed=0

complain()
{
    echo "$*"
    failed=1
}

# allowed FILE: a pattern for all that it may include.
standard='stdalign|stdatomic|stdbool|stddef|stdint|stdlib|string|errno|limits|time'
allowed()
{
    case $1 in
    include/wg/wg.h) echo '<(stdbool|stddef|stdint)\.h>' ;;
    include/wg/scope.h) echo '"wg\.h"' ;;
    include/wg/wg.hpp) echo '<(wg/wg\.h|wg/scope\.h|[a-z_]+)>' ;; # and of the C++ library whatever it needs
    src/wg.c) echo "\"(group|annotate|clock|compiler|deadline|notice)\.h\"|<($standard)\.h>" ;;
    src/notice.c) echo "\"(notice|annotate|cancel|clock|compiler|group|pause)\.h\"|<($standard)\.h>" ;;
    src/any.c) echo "\"(group|annotate|clock|deadline|notice)\.h\"|<($standard)\.h>" ;;
    src/scope.c) echo "\"(wg/scope|annotate|cancel|config|lock|panic|processors|thread)\.h\"|<($standard)\.h>" ;;
    src/life.c) echo "\"(group|annotate|compiler|config|panic)\.h\"|<($standard)\.h>" ;;
    src/group.h) echo "\"(wg/wg|sem|spin|state)\.h\"|<($standard)\.h>" ;;
    src/state.h) echo '"compiler\.h"|<(stdatomic|stdbool|stdint)\.h>' ;;
    src/deadline.h) echo '<(stdbool|stdint|time)\.h>' ;;
    src/clock.h) echo '<time\.h>' ;;
    src/panic.h) echo '"wg/wg\.h"|<(stddef|stdint)\.h>' ;;
    src/sem.h) echo '"wg/wg\.h"|<(stdatomic|stdbool|stdint)\.h>' ;;
    src/sem.c) echo "\"(optional|sem|panic)\.h\"|<($standard)\.h>" ;;
    src/spin.h) echo "\"state\.h\"|<($standard)\.h>" ;;
    src/compiler.h) echo none ;;
    src/futex.h) echo "<($standard)\.h>" ;;
    src/annotate.h) echo "\"compiler\.h\"|<($standard)\.h>" ;;
    src/annotate.c) echo '"(annotate|optional)\.h"' ;;
    src/annotate_*.c) echo '"annotate\.h"|<valgrind/[a-z]+\.h>' ;;
    src/optional.h) echo '<stddef\.h>' ;;
    src/pause.h) echo '<intrin\.h>' ;;
    src/posix_wait.h) echo '<(semaphore|time)\.h>' ;;
    src/config.h) echo '<(stdbool|stddef)\.h>' ;;
    src/zero_*.c) echo "\"(sem|panic)\.h\"|<($standard)\.h>" ;;
    src/sem_*.c) echo '"(sem|clock|compiler|deadline|futex|panic|posix_wait)\.h"|<[a-z0-9_/]+\.h>' ;;
    *) echo '"(wg/wg|annotate|cancel|clock|compiler|deadline|futex|group|lock|panic|pause|posix_wait|processors|sem|spin|thread)\.h"|<[a-z0-9_/]+\.h>' ;;
    esac
}

files=$(ls include/wg/*.h include/wg/*.hpp src/*.h src/*.c)
count=0
for file in $files; do
    count=$((count + 1))
    bad=$(grep -E '^[[:space:]]*#[[:space:]]*include' "$file" | sed 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*//; s/ *\/\*.*//' |
        grep -vxE "$(allowed "$file")" || true)
    [ -z "$bad" ] || complain "$file must not include: $bad"
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: 0BSD' || complain "$file: no SPDX line"
done

# The code without its comments.
code()
{
    "${CC:-cc}" -fpreprocessed -dD -E -P -x c "$1" 2>/dev/null
}

# never WORD FILE...: none of these files has the word in its code.
never()
{
    word=$1
    shift
    for file; do
        if code "$file" | grep -E "$word"; then
            complain "$file has $word"
        fi
    done
}

# only WORD FILE...: no other file of the library has it.
only()
{
    word=$1
    shift
    for file in $files; do
        case " $* " in
        *" $file "*) ;;
        *) never "$word" "$file" ;;
        esac
    done
}

# What only some compilers know has its place.
only '__attribute__|__builtin_|__asm|__declspec|__pragma|__forceinline' include/wg/wg.h src/compiler.h src/pause.h
# MSVC's own headers say __declspec(noreturn), which the macro of <stdnoreturn.h> would break.
never '\bnoreturn\b' src/*.c src/*.h

# The state word knows no semaphore, and no semaphore the state word.
never 'state\.h|wgi_state' src/sem*.c src/zero_*.c src/sem.h src/futex*
# The table of a group is the seam's own.
never 'sem\.(bytes|table)' src/wg.c src/life.c src/notice.c src/any.c src/group.h
never 'sem|futex|dispatch|pthread' src/state.h

# A mechanism is in its own file and in the list of those built in, and nowhere else.
lists="include/wg/wg.h src/sem.c src/sem.h"
# shellcheck disable=SC2086 # words
{
    only 'futex|FUTEX' $lists src/sem_futex.c src/futex.h src/futex_*.c
    only '\b(sem_(init|post|wait|timedwait|clockwait|destroy|t)|semaphore\.h)\b' src/sem_posix.c src/posix_wait*
    only 'dispatch|DISPATCH' $lists src/sem_dispatch.c
    only 'WaitOnAddress|WakeByAddress' src/futex_win32.c
}
# Where all semaphores are alike, not even the comments name one.
if grep -nE 'futex|\bsem_t\b|dispatch' src/wg.c src/life.c src/notice.* src/any.c src/group.h src/state.h src/deadline.h src/clock.h src/panic.* src/go.c src/thread*; then
    complain "a mechanism is named above"
fi
# Nothing of the library's inside is offered outside.
if grep -rnE '"(group|state|sem|panic|deadline|clock|annotate|futex|spin)\.h"' include examples 2>/dev/null; then
    complain "an inner header is used above"
fi

[ "$count" -ge 15 ] || complain "only $count files seen"
[ "$failed" -eq 0 ] && echo "$count files"
exit "$failed"
