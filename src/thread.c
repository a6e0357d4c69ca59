/* SPDX-License-Identifier: 0BSD */
/* thread.c: a job on its way to a thread of its own. */
#include "thread.h"

#include <errno.h>
#include <stdlib.h>

int wgi_thread_start(wgi_job_t job)
{
    wgi_job_t *const given = malloc(sizeof *given);
    if (given == NULL)
        return ENOMEM;
    *given = job;
    const int error = wgi_thread_create(given);
    if (error != 0)
        free(given);
    return error;
}

void wgi_thread_run(wgi_job_t *given)
{
    const wgi_job_t job = *given;
    free(given); /* now: fn may never come back */
    wgi_thread_guard(&job);
    job.ended(job.that);
}
