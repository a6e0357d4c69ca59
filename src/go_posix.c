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
    const int error = pthread_create(&thread, NULL, run, task);
    if (error == 0)
        (void)pthread_detach(thread);
    return error;
}
