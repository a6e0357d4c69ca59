/* SPDX-License-Identifier: 0BSD */
/*
 * lock.c: what scopes need of the system: a mutex made of one token, and no threads.
 *
 * A thread that has asked for the lock of a scope owes something: it is in the middle of
 * a call on the scope.  A task says itself what it owes.
 */
#include "lock.h"
#include "explore.h"
#include "no_threads.h"

static _Atomic uint32_t *token(wgi_lock_t *lock)
{
    return (_Atomic uint32_t *)(void *)lock;
}

int wgi_lock_init(wgi_lock_t *lock)
{
    atomic_init(token(lock), 1);
    lock->bytes[sizeof(uint32_t)] = 0;
    return 0;
}

void wgi_lock_destroy(wgi_lock_t *lock)
{
    WGX_CHECK(atomic_load_explicit(token(lock), memory_order_relaxed) == 1);
}

void wgi_lock(wgi_lock_t *lock)
{
    wgx_owes(true);
    (void)wgx_take(token(lock), false);
}

void wgi_unlock(wgi_lock_t *lock)
{
    WGX_CHECK(atomic_fetch_add_explicit(token(lock), 1, memory_order_release) == 0);
    /* pthread_mutex_unlock() may still touch the mutex when another thread has it (glibc's bug 13690). */
    (void)*(volatile unsigned char *)(lock->bytes + sizeof(uint32_t));
}
