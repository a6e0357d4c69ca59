/* SPDX-License-Identifier: 0BSD */
/*
 * zero_heap.c: zero-filled groups where zero-filled memory may be no semaphore.
 *
 * If the system that runs has a semaphore that is ready at zero, they use that one.
 * Else their first waiter makes the default semaphore on the heap.  Several first
 * waiters make one each: the first to publish its own wins, and the others end
 * theirs.  So no thread waits for another thread's set-up, whatever stops that one.
 * The pointer is published before the waiter registers, so the last done finds it.
 */
#include "panic.h"
#include "sem.h"

#include <errno.h>
#include <stdlib.h>

typedef _Atomic(void *) slot_t; /* the bytes of the group's semaphore begin with it */
_Static_assert(sizeof(slot_t) <= WG_SEM_SIZE, "must fit");

void wgi_sem_prepare(wgi_sem_t *sem)
{
    slot_t *const slot = (void *)sem->bytes;
    const wg_sem_ops_t *const ops = wg_sem_default();
    if (atomic_load_explicit(&sem->table, memory_order_relaxed) != 0 || wgi_sem_ready() != NULL)
        return;
    const int saved = errno;
    /* Acquire: pairs with the exchange of whichever waiter made the semaphore. */
    while (atomic_load_explicit(slot, memory_order_acquire) == NULL) {
        void *const made = calloc(1, WG_SEM_SIZE);
        const int error = made != NULL ? ops->init(made, false) : ENOMEM;
        if (error != 0)
            wgi_panic_system("making the semaphore of a zero-filled group", error);
        void *none = NULL;
        if (!atomic_compare_exchange_strong_explicit(slot, &none, made, memory_order_release, memory_order_relaxed)) {
            ops->destroy(made);
            free(made);
        }
    }
    errno = saved;
}

/* Relaxed: each thread that comes here is ordered after the exchange, by prepare or by ENLIST and RESET (state.h). */
static void *made_in(void *sem)
{
    return atomic_load_explicit((slot_t *)sem, memory_order_relaxed);
}

static const wg_sem_ops_t *table(void)
{
    return wgi_sem_ready() != NULL ? wgi_sem_ready() : wg_sem_default();
}

/* In the group, or on the heap; NULL if no waiter has made it. */
static void *place_of(void *sem)
{
    return wgi_sem_ready() != NULL ? sem : made_in(sem);
}

static void heap_destroy(void *sem)
{
    void *const place = place_of(sem);
    if (place != NULL)
        table()->destroy(place);
    if (place != sem)
        free(place);
}

static int heap_acquire(void *sem, const struct timespec *deadline)
{
    return table()->acquire(place_of(sem), deadline);
}

static void heap_release(void *sem, uint32_t n)
{
    table()->release(place_of(sem), n);
}

const wg_sem_ops_t wgi_sem_heap = {
    .name = "heap",
    .init = NULL, /* wgi_sem_prepare() makes it */
    .destroy = heap_destroy,
    .acquire = heap_acquire,
    .release = heap_release,
};
