/* SPDX-License-Identifier: 0BSD */
/*
 * futex_freebsd.c: _umtx_op(2) of FreeBSD.
 *
 * Private and shared: an operation each.
 * Time: absolute, CLOCK_MONOTONIC, by struct _umtx_time.
 * Look again: EINTR.  If the word has changed, the result is 0.
 * A thread that a wake has chosen is never told that its time is up.
 * A wake on memory that is gone: 0, or EFAULT if shared.
 */
#include "futex.h"
#include "panic.h"

#include <errno.h>
#include <limits.h>
#include <sys/types.h>
#include <sys/umtx.h>

/* Returns 0 or an errno, and leaves errno itself alone. */
static int umtx_op(_Atomic uint32_t *word, int op, uint32_t value, struct _umtx_time *until)
{
    const int saved = errno;
    void *const size = until != NULL ? (void *)sizeof *until : NULL;
    const int error = _umtx_op(word, op, value, size, until) != 0 ? errno : 0;
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
    const int op = shared ? UMTX_OP_WAIT_UINT : UMTX_OP_WAIT_UINT_PRIVATE;
    struct _umtx_time until = { ._flags = UMTX_ABSTIME, ._clockid = CLOCK_MONOTONIC };
    if (deadline != NULL) {
        until._timeout = *deadline;
        if (deadline->tv_sec < 0)
            until._timeout.tv_sec = 0; /* the kernel refuses times before zero, which is when the clock began */
    }
    const int error = umtx_op(word, op, expected, deadline != NULL ? &until : NULL);
    if (error != 0 && error != EINTR && error != ETIMEDOUT)
        wgi_panic_system("_umtx_op", error);
    return error != ETIMEDOUT;
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)umtx_op(word, shared ? UMTX_OP_WAKE : UMTX_OP_WAKE_PRIVATE, n > INT_MAX ? INT_MAX : n, NULL);
}
