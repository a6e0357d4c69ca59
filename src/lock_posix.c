/* SPDX-License-Identifier: 0BSD */
/* lock_posix.c: pthread_mutex_t. */
#include "lock.h"

#include "panic.h"

#include <pthread.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(wgi_lock_t) && _Alignof(pthread_mutex_t) <= 8, "must fit");

int wgi_lock_init(wgi_lock_t *lock)
{
    return pthread_mutex_init((pthread_mutex_t *)lock, NULL);
}

void wgi_lock_destroy(wgi_lock_t *lock)
{
    pthread_mutex_destroy((pthread_mutex_t *)lock);
}

void wgi_lock(wgi_lock_t *lock)
{
    const int error = pthread_mutex_lock((pthread_mutex_t *)lock);
    if (error != 0)
        wgi_panic_system("pthread_mutex_lock", error);
}

void wgi_unlock(wgi_lock_t *lock)
{
    pthread_mutex_unlock((pthread_mutex_t *)lock);
}
