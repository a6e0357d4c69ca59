/* SPDX-License-Identifier: 0BSD */
/*
 * sem_posix.c: POSIX sem_t.
 *
 * sem_post() must not touch the semaphore after its token can be taken: true of
 * glibc since 2.21 (its bug 12674) and of musl since 0.8.
 */
#include "panic.h"
#include "posix_wait.h"
#include "sem.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

_Static_assert(sizeof(sem_t) <= WG_SEM_SIZE && _Alignof(sem_t) <= 8, "must fit");

static int posix_init(void *sem, bool process_shared)
{
    return sem_init(sem, process_shared, 0) == 0 ? 0 : errno;
}

static void posix_destroy(void *sem)
{
    if (sem_destroy(sem) != 0)
        wgi_panic_system("sem_destroy", errno);
}

static int posix_acquire(void *sem, const struct timespec *deadline)
{
    const int saved = errno;
    int error, cancelable;
    /* The waits of sem_t are cancellation points; ours are not. */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelable);
    do
        error = deadline != NULL ? wgi_posix_wait(sem, deadline) : sem_wait(sem) == 0 ? 0 : errno;
    while (error == EINTR);
    pthread_setcancelstate(cancelable, &cancelable);
    errno = saved;
    return error;
}

static void posix_release(void *sem, uint32_t n)
{
    const int saved = errno;
    while (n > 0) {
        if (sem_post(sem) == 0)
            n--;
        else if (errno == EOVERFLOW)
            sched_yield(); /* SEM_VALUE_MAX tokens lie there, each owed to a waiter that will take it */
        else
            wgi_panic_system("sem_post", errno);
    }
    errno = saved;
}

const wg_sem_ops_t wgi_sem_posix = {
    .name = "posix",
    .init = posix_init,
    .destroy = posix_destroy,
    .acquire = posix_acquire,
    .release = posix_release,
};
