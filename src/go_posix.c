/* SPDX-License-Identifier: 0BSD */
/* go_posix.c: tasks on POSIX threads. */
#include "go.h"

#include <pthread.h>
#include <stdlib.h>

static void count_off(void *wg)
{
    wg_done(wg);
}

static void *run(void *given)
{
    const wgi_task_t task = *(wgi_task_t *)given;
    free(given); /* now: fn may never come back */
    /* Runs on return, on pthread_exit() and on cancellation. */
    pthread_cleanup_push(count_off, task.wg);
    task.fn(task.arg);
    pthread_cleanup_pop(1);
    return NULL;
}

int wgi_go_start(wgi_task_t *task)
{
    pthread_t thread;
    pthread_attr_t detached;
    int error = pthread_attr_init(&detached);
    if (error != 0)
        return error;
    /* From the start: glibc 2.36's pthread_detach() reads what a thread that has just ended has freed. */
    error = pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (error == 0)
        error = pthread_create(&thread, &detached, run, task);
    pthread_attr_destroy(&detached);
    return error;
}
