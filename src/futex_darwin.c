/* SPDX-License-Identifier: 0BSD */
/*
 * futex_darwin.c: os_sync_wait_on_address() of macOS 14.4, iOS 17.4 and later.
 *
 * Private and shared: a flag.
 * Time: relative, in nanoseconds.  The form with a deadline takes it on a clock
 * that stops while the machine sleeps, as CLOCK_MONOTONIC does not.
 * Look again: EINTR, ENOMEM and EFAULT (the kernel lacks memory), and also when
 * the time of a sleep is over, since the deadline may be further away.
 * A wake on memory that is gone: ENOENT, or EFAULT if shared.  EINTR: not done yet.
 */
#include "clock.h"
#include "compiler.h"
#include "deadline.h"
#include "futex.h"
#include "panic.h"

#include <errno.h>
#include <stddef.h>

/*
 * By hand, as <os/os_sync_wait_on_address.h> is not in every SDK.  Weak: a program
 * starts on an older system too, where these are NULL.
 */
WGI_WEAK int os_sync_wait_on_address(void *word, uint64_t value, size_t size, uint32_t flags);
WGI_WEAK int os_sync_wait_on_address_with_timeout(void *word, uint64_t value, size_t size, uint32_t flags,
                                                  uint32_t clock, uint64_t timeout_ns);
WGI_WEAK int os_sync_wake_by_address_any(void *word, size_t size, uint32_t flags);
WGI_WEAK int os_sync_wake_by_address_all(void *word, size_t size, uint32_t flags);
enum { SHARED = 1, MACH_ABSOLUTE_TIME = 32 };

int wgi_futex_check(bool shared)
{
    (void)shared;
    return os_sync_wait_on_address_with_timeout != NULL ? 0 : ENOSYS;
}

bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    const uint32_t flags = shared ? SHARED : 0;
    const int64_t ns = deadline != NULL ? wgi_deadline_sleep_ns(deadline, wgi_clock_now()) : 0;
    if (deadline != NULL && ns == 0)
        return false;
    const int saved = errno;
    const int sleepers = deadline == NULL ? os_sync_wait_on_address(word, expected, sizeof *word, flags)
                                          : os_sync_wait_on_address_with_timeout(word, expected, sizeof *word, flags,
                                                                                 MACH_ABSOLUTE_TIME, (uint64_t)ns);
    const int error = sleepers < 0 ? errno : 0;
    errno = saved;
    if (error != 0 && error != EINTR && error != ENOMEM && error != EFAULT && error != ETIMEDOUT)
        wgi_panic_system("os_sync_wait_on_address", error);
    return true;
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    const uint32_t flags = shared ? SHARED : 0;
    const int saved = errno;
    int result;
    do
        result = n == 1 ? os_sync_wake_by_address_any(word, sizeof *word, flags)
                        : os_sync_wake_by_address_all(word, sizeof *word, flags);
    while (result < 0 && errno == EINTR);
    errno = saved;
}
