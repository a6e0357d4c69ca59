/* SPDX-License-Identifier: 0BSD */
/*
 * sem_dispatch.c: the semaphore of libdispatch.
 *
 * Made with the value 0 always: libdispatch stops a program that releases one
 * whose value is below the value at its creation.  dispatch_semaphore_signal() may
 * still read the object after a waiter has gone on, so release holds a reference.
 *
 * There is no signal for many.  So release signals once, and whoever takes a token
 * signals what is left to signal: the crowd is woken by a thread that has what it
 * waited for.  While something is left, a token is signalled or about to be: nothing
 * is forgotten.
 */
#include "clock.h"
#include "deadline.h"
#include "panic.h"
#include "sem.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

/* The header asks for features of clang, which gcc before 14 does not know. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_extension
#define __has_extension(x) 0
#endif
#include <dispatch/dispatch.h>

typedef struct dispatch_sem {
    dispatch_semaphore_t object;
    atomic_uint left; /* tokens released and not yet signalled */
} dispatch_sem_t;
_Static_assert(sizeof(dispatch_sem_t) <= WG_SEM_SIZE, "must fit");

static int dispatch_init(void *sem, bool process_shared)
{
    dispatch_sem_t *const self = sem;
    if (process_shared)
        return ENOTSUP;
    self->object = dispatch_semaphore_create(0);
    atomic_init(&self->left, 0);
    return self->object != NULL ? 0 : ENOMEM;
}

static void dispatch_destroy(void *sem)
{
    dispatch_sem_t *const self = sem;
    dispatch_release(self->object);
}

static int timed_wait(dispatch_semaphore_t object, const struct timespec *deadline)
{
    /* Its clock stands still while the machine sleeps, ours need not: so look again. */
    for (;;) {
        const int64_t left_ns = wgi_deadline_left_ns(deadline, wgi_clock_now());
        if (dispatch_semaphore_wait(object, dispatch_time(DISPATCH_TIME_NOW, left_ns)) == 0)
            return 0;
        if (left_ns == 0)
            return ETIMEDOUT;
    }
}

static void signal_what_is_left(dispatch_sem_t *self)
{
    /* Acquire, both: pairs with the release of these tokens, which need not be the one that was taken. */
    if (atomic_load_explicit(&self->left, memory_order_acquire) == 0)
        return;
    for (unsigned n = atomic_exchange_explicit(&self->left, 0, memory_order_acquire); n > 0; n--)
        dispatch_semaphore_signal(self->object);
}

static int dispatch_acquire(void *sem, const struct timespec *deadline)
{
    dispatch_sem_t *const self = sem;
    int error = 0, cancelable;
    /* On some systems it sleeps in sem_wait(), a cancellation point. */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelable);
    if (deadline != NULL)
        error = timed_wait(self->object, deadline);
    else
        dispatch_semaphore_wait(self->object, DISPATCH_TIME_FOREVER);
    if (error == 0)
        signal_what_is_left(self);
    pthread_setcancelstate(cancelable, &cancelable);
    return error;
}

static void dispatch_release_tokens(void *sem, uint32_t n)
{
    dispatch_sem_t *const self = sem;
    const dispatch_semaphore_t object = self->object;
    dispatch_retain(object);
    /*
     * Release: pairs with the acquire of who signals them.  For one token, too: libdispatch itself is out of a race
     * detector's sight, and this says that 'object' was read before the token could be taken.
     */
    atomic_fetch_add_explicit(&self->left, n - 1, memory_order_release);
    dispatch_semaphore_signal(object); /* the memory of 'self' may be gone after it */
    dispatch_release(object);
}

const wg_sem_ops_t wgi_sem_dispatch = {
    .name = "dispatch",
    .init = dispatch_init,
    .destroy = dispatch_destroy,
    .acquire = dispatch_acquire,
    .release = dispatch_release_tokens,
};
