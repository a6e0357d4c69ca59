/* SPDX-License-Identifier: 0BSD */
/*
 * futex_win32.c: WaitOnAddress(), Windows 8 and later.
 *
 * Private and shared: it knows the threads of its own process only.
 * Time: relative, in milliseconds, rounded up here.
 * Look again: also when the time of a sleep is over.  The deadline may be further
 * away than one sleep; timers may be early; and a thread whose time is over may
 * have swallowed a wake at that moment.
 * A wake on memory that is gone: the address is a mere key.
 */
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0602 /* Windows 8 */
#endif
#include <windows.h>

#include "clock.h"
#include "deadline.h"
#include "futex.h"
#include "panic.h"

#include <errno.h>

int wgi_futex_check(bool shared)
{
    return shared ? ENOTSUP : 0;
}

bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    DWORD ms = INFINITE;
    (void)shared;
    if (deadline != NULL) {
        const int64_t ns = wgi_deadline_sleep_ns(deadline, wgi_clock_now());
        if (ns == 0)
            return false;
        ms = (DWORD)(ns / 1000000 + (ns % 1000000 != 0));
    }
    if (!WaitOnAddress(word, &expected, sizeof expected, ms)) {
        const DWORD error = GetLastError();
        if (error != ERROR_TIMEOUT)
            wgi_panic_system("WaitOnAddress", (int)error);
    }
    return true;
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)shared;
    if (n == 1)
        WakeByAddressSingle(word);
    else
        WakeByAddressAll(word);
}
