/* SPDX-License-Identifier: 0BSD */
/* thread_posix.c: POSIX threads. */
#include "thread.h"

#include <pthread.h>
#include <stddef.h>

void wgi_thread_guard(const wgi_job_t *job)
{
    /* Runs on pthread_exit() and on cancellation. */
    pthread_cleanup_push(job->ended, job->that);
    job->fn(job->arg);
    pthread_cleanup_pop(0);
}

static void *start(void *job)
{
    wgi_thread_run(job);
    return NULL;
}

int wgi_thread_create(wgi_job_t *job)
{
    pthread_t thread;
    pthread_attr_t detached;
    int error = pthread_attr_init(&detached);
    if (error != 0)
        return error;
    /* From the start: glibc 2.36's pthread_detach() reads what a thread that has just ended has freed. */
    error = pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (error == 0)
        error = pthread_create(&thread, &detached, start, job);
    pthread_attr_destroy(&detached);
    return error;
}
