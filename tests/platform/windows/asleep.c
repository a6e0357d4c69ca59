/* SPDX-License-Identifier: 0BSD */
/*
 * asleep.c: which threads sleep in WaitOnAddress().  The linker takes that name from
 * here, and this one calls the real one.  A thread counts as asleep from just before
 * that call.  If the word changes after that, the real call sees it, and does not sleep.
 */
#include <windows.h>

#include "threads.h"

#include "suite.h"

#include <string.h>

enum { MOST = 1024 };
static _Atomic DWORD sleepers[MOST]; /* ids; 0: free */

typedef BOOL(WINAPI *wait_fn)(volatile void *, void *, SIZE_T, DWORD);
typedef void(WINAPI *wake_fn)(void *);

static FARPROC real(const char *name)
{
    const FARPROC found = GetProcAddress(GetModuleHandleA("kernelbase.dll"), name);
    REQUIRE(found != NULL);
    return found;
}

BOOL WINAPI WaitOnAddress(volatile void *address, void *compare, SIZE_T size, DWORD ms)
{
    const FARPROC found = real("WaitOnAddress");
    wait_fn wait;
    memcpy(&wait, &found, sizeof wait);
    unsigned at = 0;
    for (DWORD free = 0; !atomic_compare_exchange_strong(&sleepers[at], &free, GetCurrentThreadId()); free = 0)
        REQUIRE(++at < MOST);
    const BOOL woken = wait(address, compare, size, ms);
    const DWORD error = GetLastError();
    atomic_store(&sleepers[at], 0);
    SetLastError(error);
    return woken;
}

static void wake(const char *name, void *address)
{
    const FARPROC found = real(name);
    wake_fn wake;
    memcpy(&wake, &found, sizeof wake);
    wake(address);
}

void WINAPI WakeByAddressSingle(void *address)
{
    wake("WakeByAddressSingle", address);
}

void WINAPI WakeByAddressAll(void *address)
{
    wake("WakeByAddressAll", address);
}

pid_t thread_id(void)
{
    return (pid_t)GetCurrentThreadId();
}

static bool asleep(DWORD id)
{
    for (unsigned at = 0; at < MOST; at++)
        if (atomic_load(&sleepers[at]) == id)
            return true;
    return false;
}

void until_asleep(const thread_t *thread)
{
    UNTIL(atomic_load(&thread->tid) != 0);
    UNTIL(asleep((DWORD)atomic_load(&thread->tid)));
}
