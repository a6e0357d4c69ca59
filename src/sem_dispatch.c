/* SPDX-License-Identifier: 0BSD */
/*
 * sem_dispatch.c: the semaphore of libdispatch.
 *
 * Made with the value 0 always: libdispatch stops a program that releases one
 * whose value is below the value at its creation.  dispatch_semaphore_signal() may
 * still read the object after a waiter has gone on, so release holds a reference.
 * There is no signal for many: release(n) signals n times.
 */
#include "clock.h"
#include "compiler.h"
#include "deadline.h"
#include "panic.h"
#include "sem.h"

#include <errno.h>
#include <pthread.h>

/* The header asks for features of clang, which gcc before 14 does not know. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_extension
#define __has_extension(x) 0
#endif
#include <dispatch/dispatch.h>

typedef struct object {
    dispatch_semaphore_t object;
} object_t;
_Static_assert(sizeof(object_t) <= WG_SEM_SIZE, "must fit");

static int init(void *sem, bool process_shared)
{
    object_t *const self = sem;
    if (process_shared)
        return ENOTSUP;
    self->object = dispatch_semaphore_create(0);
    return self->object != NULL ? 0 : ENOMEM;
}

static void destroy(void *sem)
{
    object_t *const self = sem;
    dispatch_release(self->object);
}

static int timed_wait(dispatch_semaphore_t object, const struct timespec *deadline)
{
    /* The clock of libdispatch stops while the machine sleeps.  Ours may go on, so look at ours again. */
    for (;;) {
        const int64_t left_ns = wgi_deadline_left_ns(deadline, wgi_clock_now());
        if (dispatch_semaphore_wait(object, dispatch_time(DISPATCH_TIME_NOW, left_ns)) == 0)
            return 0;
        if (left_ns == 0)
            return ETIMEDOUT;
    }
}

static int acquire(void *sem, const struct timespec *deadline)
{
    object_t *const self = sem;
    const int saved = errno;
    int error = 0, cancelable;
    /* On some systems it sleeps in sem_wait(), a cancellation point. */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelable);
    if (deadline != NULL)
        error = timed_wait(self->object, deadline);
    else
        dispatch_semaphore_wait(self->object, DISPATCH_TIME_FOREVER);
    pthread_setcancelstate(cancelable, &cancelable);
    errno = saved;
    return error;
}

/*
 * ThreadSanitizer does not see inside libdispatch, so it cannot know that the read
 * of 'object' comes before the signal, and that before the end of the group.
 */
WGI_UNSEEN static void release(void *sem, uint32_t n)
{
    const dispatch_semaphore_t object = ((object_t *)sem)->object;
    const int saved = errno;
    dispatch_retain(object);
    for (; n > 0; n--)
        dispatch_semaphore_signal(object); /* after the last one the memory of 'sem' may be gone */
    dispatch_release(object);
    errno = saved;
}

const wg_sem_ops_t wgi_sem_dispatch = {
    .name = "dispatch",
    .init = init,
    .destroy = destroy,
    .acquire = acquire,
    .release = release,
};
