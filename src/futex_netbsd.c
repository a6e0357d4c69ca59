/* SPDX-License-Identifier: 0BSD */
/*
 * futex_netbsd.c: __futex(2) of NetBSD 10 and later, which has no function in libc.
 *
 * Private and shared: a flag.
 * Time: absolute, CLOCK_MONOTONIC, by FUTEX_WAIT_BITSET; but the kernel sleeps for
 * at most 2^31 - 1 ticks, which may be 25 days, and then says that the time is up.
 * Look again: EAGAIN (the word has changed), EINTR, ENOMEM (the kernel lacks
 * memory), and also when the time of a sleep is over.
 * A thread that a wake has chosen is never told that its time is up.
 * A wake on memory that is gone: 0, or EFAULT if shared.
 */
#include "clock.h"
#include "deadline.h"
#include "futex.h"
#include "panic.h"

#include <errno.h>
#include <limits.h>
#include <sys/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns 0 or an errno, and leaves errno itself alone. */
static int futex(_Atomic uint32_t *word, int op, bool shared, uint32_t value, const struct timespec *until)
{
    const int saved = errno;
    int *const no_second_word = NULL;
    const int whole_op = shared ? op : op | (int)FUTEX_PRIVATE_FLAG;
    const int result =
        syscall(SYS___futex, word, whole_op, (int)value, until, no_second_word, 0, FUTEX_BITSET_MATCH_ANY);
    const int error = result < 0 ? errno : 0;
    errno = saved;
    return error;
}

int wgi_futex_check(bool shared)
{
    (void)shared;
    return 0;
}

bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    if (deadline != NULL && wgi_deadline_left_ns(deadline, wgi_clock_now()) == 0)
        return false;
    const int error = futex(word, FUTEX_WAIT_BITSET, shared, expected, deadline);
    switch (error) {
    case 0:
    case EAGAIN:
    case EINTR:
    case ENOMEM:
    case ETIMEDOUT:
        return true;
    default:
        wgi_panic_system("__futex wait", error);
    }
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)futex(word, FUTEX_WAKE, shared, n > INT_MAX ? INT_MAX : n, NULL);
}
