/* SPDX-License-Identifier: 0BSD */
/* no_threads.h: the functions of src/thread.h for the runners of scenes, which have no threads to lend. */
#ifndef SCENE_NO_THREADS_H
#define SCENE_NO_THREADS_H

#include "processors.h"
#include "thread.h"

#include <errno.h>

unsigned wgi_processors(void)
{
    return 2;
}

int wgi_thread_start(wgi_job_t job)
{
    (void)job;
    return EAGAIN;
}

void wgi_thread_guard(const wgi_job_t *job)
{
    job->fn(job->arg);
}

#endif
