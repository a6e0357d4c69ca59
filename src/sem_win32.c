/* SPDX-License-Identifier: 0BSD */
/*
 * sem_win32.c: a semaphore of one 32-bit word on WaitOnAddress(), Windows 8 and later.
 *
 * The word is the number of tokens.  WakeByAddress takes the word's address and
 * does not read it.  A thread whose sleep timed out may have swallowed a wake at
 * that moment, so it looks for a token once more before it goes.
 *
 * Zero-filled memory is a semaphore.  Nothing to destroy.
 */
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0602 /* Windows 8 */
#endif
#include <windows.h>

#include "clock.h"
#include "deadline.h"
#include "panic.h"
#include "sem.h"

#include <errno.h>

typedef struct win32_sem {
    _Atomic uint32_t tokens;
} win32_sem_t;
_Static_assert(sizeof(win32_sem_t) <= WG_SEM_SIZE, "must fit");

static int win32_init(void *sem, bool process_shared)
{
    win32_sem_t *const self = sem;
    if (process_shared)
        return ENOTSUP; /* WaitOnAddress() knows the threads of its own process only */
    atomic_init(&self->tokens, 0);
    return 0;
}

static void win32_destroy(void *sem)
{
    (void)sem;
}

static bool try_take(win32_sem_t *self)
{
    uint32_t tokens = atomic_load_explicit(&self->tokens, memory_order_relaxed);
    /* Acquire: pairs with the release of the token. */
    while (tokens != 0)
        if (atomic_compare_exchange_weak_explicit(&self->tokens, &tokens, tokens - 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

/* Rounded up, so that a sleep that is over is never early; a longer one than this goes on in the next round. */
static DWORD to_ms(int64_t ns)
{
    const int64_t ms = ns / 1000000 + (ns % 1000000 != 0);
    return ms < INFINITE ? (DWORD)ms : INFINITE - 1;
}

/* Sleeps while there is no token, until a wake, for no reason, or for so long. */
static void sleep_at_zero(win32_sem_t *self, DWORD ms)
{
    uint32_t zero = 0;
    if (!WaitOnAddress(&self->tokens, &zero, sizeof zero, ms)) {
        const DWORD error = GetLastError();
        if (error != ERROR_TIMEOUT)
            wgi_panic_system("WaitOnAddress", (int)error);
    }
}

static int win32_acquire(void *sem, const struct timespec *deadline)
{
    win32_sem_t *const self = sem;
    for (;;) {
        /* The time before the token: what comes late is still taken, and a swallowed wake is made good. */
        const int64_t left_ns = deadline != NULL ? wgi_deadline_left_ns(deadline, wgi_clock_now()) : 1;
        if (try_take(self))
            return 0;
        if (left_ns == 0)
            return ETIMEDOUT;
        sleep_at_zero(self, deadline != NULL ? to_ms(left_ns) : INFINITE);
    }
}

static void win32_release(void *sem, uint32_t n)
{
    win32_sem_t *const self = sem;
    /* Release: pairs with the acquire of each token.  The last touch: the memory may be gone after it. */
    atomic_fetch_add_explicit(&self->tokens, n, memory_order_release);
    if (n == 1)
        WakeByAddressSingle(&self->tokens);
    else
        WakeByAddressAll(&self->tokens);
}

const wg_sem_ops_t wgi_sem_win32 = {
    .name = "win32",
    .init = win32_init,
    .destroy = win32_destroy,
    .acquire = win32_acquire,
    .release = win32_release,
};
