/* SPDX-License-Identifier: 0BSD */
/*
 * futex_openbsd.c: futex(2) of OpenBSD.
 *
 * Private and shared: a flag.
 * Time: relative.
 * Look again: EAGAIN (the word has changed), EINTR and ECANCELED (a signal), and
 * also when the time of a sleep is over, since the deadline may be further away.
 * A thread that a wake has chosen is never told that its time is up.
 * A wake on memory that is gone: 0, as the address is a mere key.
 */
#include "clock.h"
#include "deadline.h"
#include "futex.h"
#include "panic.h"

#include <errno.h>
#include <limits.h>
#include <sys/time.h>

#include <sys/futex.h>

int wgi_futex_check(bool shared)
{
    (void)shared;
    return 0;
}

bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    const int op = shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE;
    struct timespec left = { 0, 0 };
    if (deadline != NULL) {
        const int64_t ns = wgi_deadline_sleep_ns(deadline, wgi_clock_now());
        if (ns == 0)
            return false;
        left = wgi_deadline_after(left, ns);
    }
    const int saved = errno;
    const int result = futex((void *)word, op, (int)expected, deadline != NULL ? &left : NULL, NULL);
    const int error = result < 0 ? errno : result; /* the manual has it in the result, later kernels in errno */
    errno = saved;
    switch (error) {
    case 0:
    case EAGAIN:
    case EINTR:
    case ECANCELED:
    case ETIMEDOUT:
        return true;
    default:
        wgi_panic_system("futex wait", error);
    }
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    const int saved = errno;
    (void)futex((void *)word, shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, n > INT_MAX ? INT_MAX : (int)n, NULL, NULL);
    errno = saved;
}
