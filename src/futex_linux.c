/* SPDX-License-Identifier: 0BSD */
/* futex_linux.c: the two calls of futex(2). */
#include "futex.h"
#include "panic.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From futex(2), by number: musl brings no kernel headers. */
enum { OP_WAKE = 1, OP_WAIT_BITSET = 9, OP_PRIVATE = 128 };
#define MATCH_ANY 0xffffffffu

#if defined(__x86_64__) && defined(__ILP32__)
#error "libwg: x32 is not supported: its long is not that of the kernel"
#endif

/* RISC-V of 32 bits never had the call with a 32-bit time. */
#ifndef SYS_futex
#define SYS_futex SYS_futex_time64
#endif

typedef struct time_long {
    long seconds, nanoseconds;
} time_long_t;

/* Returns 0 or an errno, and leaves errno itself alone. */
static int futex(long number, _Atomic uint32_t *word, int op, uint32_t value, const void *timeout)
{
    const int saved = errno;
    const int error = syscall(number, word, op, value, timeout, NULL, MATCH_ANY) < 0 ? errno : 0;
    errno = saved;
    return error;
}

/* The deadline as this kernel wants it.  It refuses times before zero, which is when the clock began. */
static int wait_until(_Atomic uint32_t *word, int op, uint32_t expected, const struct timespec *deadline)
{
    const int64_t seconds = deadline->tv_sec < 0 ? 0 : deadline->tv_sec;
#ifdef SYS_futex_time64
    const int64_t wide[2] = { seconds, deadline->tv_nsec };
    const int error = futex(SYS_futex_time64, word, op, expected, wide);
    if (error != ENOSYS)
        return error; /* else: a kernel before 5.1 */
#endif
    const time_long_t narrow = { seconds > LONG_MAX ? LONG_MAX : (long)seconds, deadline->tv_nsec };
    return futex(SYS_futex, word, op, expected, &narrow);
}

bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    const int op = OP_WAIT_BITSET | (shared ? 0 : OP_PRIVATE);
    const int error =
        deadline == NULL ? futex(SYS_futex, word, op, expected, NULL) : wait_until(word, op, expected, deadline);
    switch (error) {
    case 0:
    case EAGAIN: /* the word has changed */
    case EINTR:
        return true;
    case ETIMEDOUT:
        return false;
    default:
        wgi_panic_system("futex wait", error);
    }
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    /* EFAULT: the memory is gone, so nobody sleeps there. */
    (void)futex(SYS_futex, word, OP_WAKE | (shared ? 0 : OP_PRIVATE), n > INT_MAX ? INT_MAX : n, NULL);
}
