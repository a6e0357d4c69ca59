/* SPDX-License-Identifier: 0BSD */
/* lock_win32.c: a slim reader/writer lock, which cannot fail and needs no end. */
#include <windows.h>

#include "lock.h"

_Static_assert(sizeof(SRWLOCK) <= sizeof(wgi_lock_t), "must fit");

int wgi_lock_init(wgi_lock_t *lock)
{
    InitializeSRWLock((SRWLOCK *)lock);
    return 0;
}

void wgi_lock_destroy(wgi_lock_t *lock)
{
    (void)lock;
}

void wgi_lock(wgi_lock_t *lock)
{
    AcquireSRWLockExclusive((SRWLOCK *)lock);
}

void wgi_unlock(wgi_lock_t *lock)
{
    ReleaseSRWLockExclusive((SRWLOCK *)lock);
}
