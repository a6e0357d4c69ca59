/* SPDX-License-Identifier: 0BSD */
/* go_posix.c: wg_go on POSIX threads. */
#include "wg/wg.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct task {
    wg_t *wg;
    void (*fn)(void *arg);
    void *arg;
} task_t;

static void count_off(void *wg)
{
    wg_done(wg);
}

static void *run(void *given)
{
    const task_t task = *(task_t *)given;
    free(given); /* now: fn may never come back */
    /* Runs on return, on pthread_exit() and on cancellation. */
    pthread_cleanup_push(count_off, task.wg);
    task.fn(task.arg);
    pthread_cleanup_pop(1);
    return NULL;
}

static int start_detached(task_t *task)
{
    pthread_t thread;
    const int error = pthread_create(&thread, NULL, run, task);
    if (error == 0)
        (void)pthread_detach(thread);
    return error;
}

int wg_go(wg_t *wg, void (*fn)(void *arg), void *arg)
{
    const int saved = errno;
    task_t *const task = malloc(sizeof *task);
    errno = saved;
    if (task == NULL)
        return ENOMEM;
    *task = (task_t){ wg, fn, arg };

    wg_add(wg, 1);
    const int error = start_detached(task);
    if (error != 0) {
        free(task);
        wg_done(wg);
    }
    errno = saved;
    return error;
}
