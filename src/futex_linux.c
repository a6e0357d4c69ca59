/* SPDX-License-Identifier: 0BSD */
/*
 * futex_linux.c: the two calls of futex(2) on Linux.
 *
 * Private and shared: an operation each.
 * Time: absolute, CLOCK_MONOTONIC, by FUTEX_WAIT_BITSET.
 * Look again: EAGAIN (the word has changed), EINTR.  A thread that a wake has
 * chosen is never told that its time is up.
 * A wake on memory that is gone: 0, or EFAULT if shared.
 */
#include "futex.h"
#include "panic.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__ILP32__)
#error "libwg: x32 is not supported: its long is not that of the kernel"
#endif
#ifndef SYS_futex
#define SYS_futex SYS_futex_time64 /* RISC-V of 32 bits never had the call with a 32-bit time */
#endif

/* From futex(2), by number: musl brings no kernel headers. */
enum { OP_WAKE = 1, OP_WAIT_BITSET = 9, OP_PRIVATE = 128, MATCH_ANY = -1 };

/* Returns 0 or an errno, and leaves errno itself alone. */
static int futex(long number, _Atomic uint32_t *word, int op, uint32_t value, const void *time)
{
    const int saved = errno;
    const int error = syscall(number, word, op, value, time, NULL, MATCH_ANY) < 0 ? errno : 0;
    errno = saved;
    return error;
}

/* A second before zero: the kernel refuses it.  The clock began at zero. */
static int wait_until(_Atomic uint32_t *word, int op, uint32_t expected, int64_t seconds, long nanoseconds)
{
    const long time[2] = { seconds < 0 ? 0 : seconds > LONG_MAX ? LONG_MAX : (long)seconds, nanoseconds };
    return futex(SYS_futex, word, op, expected, time);
}

/* Where long has 32 bits there is a second call, with a time of 64 bits; but not before Linux 5.1. */
#ifdef SYS_futex_time64
static int wait_until_wide(_Atomic uint32_t *word, int op, uint32_t expected, int64_t seconds, long nanoseconds)
{
    const int64_t time[2] = { seconds < 0 ? 0 : seconds, nanoseconds };
    const int error = futex(SYS_futex_time64, word, op, expected, time);
    return error == ENOSYS ? wait_until(word, op, expected, seconds, nanoseconds) : error;
}
#else
#define wait_until_wide wait_until
#endif

int wgi_futex_check(bool shared)
{
    (void)shared;
    return 0;
}

bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    const int op = OP_WAIT_BITSET | (shared ? 0 : OP_PRIVATE);
    const int error = deadline == NULL ? futex(SYS_futex, word, op, expected, NULL)
                                       : wait_until_wide(word, op, expected, deadline->tv_sec, deadline->tv_nsec);
    if (error != 0 && error != EAGAIN && error != EINTR && error != ETIMEDOUT)
        wgi_panic_system("futex wait", error);
    return error != ETIMEDOUT;
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)futex(SYS_futex, word, OP_WAKE | (shared ? 0 : OP_PRIVATE), n > INT_MAX ? INT_MAX : n, NULL);
}
