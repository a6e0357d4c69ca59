/* SPDX-License-Identifier: 0BSD */
/* spawn_pthread.h: pthread_create() and pthread_join(), a new thread for each task. */
#define PEER_NAME "pthread"

#include "../spawn.h"

static void *pthread_job(void *job)
{
    job_run((job_t *)job);
    return NULL;
}

static inline void spawn_round(job_t *jobs, unsigned n)
{
    static pthread_t threads[JOBS_MAX];
    unsigned started = 0;
    for (unsigned i = 0; i < n; i++)
        if (pthread_create(&threads[started], NULL, pthread_job, &jobs[i]) == 0)
            started++;
        else
            job_run_here(&jobs[i]);
    spawned();
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}
