/* SPDX-License-Identifier: 0BSD */
/*
 * spawn_openmp.h: tasks of OpenMP.  When many are queued, libgomp runs a task in the thread that starts it.  So that
 * thread cannot hold the gate shut: it would wait at the gate itself.
 */
#define PEER_NAME "openmp"
#define SPAWN_BY_CALLER

#include "../spawn.h"

static inline void spawn_round(job_t *jobs, unsigned n)
{
#pragma omp parallel
#pragma omp single
    {
        for (unsigned i = 0; i < n; i++)
#pragma omp task
            job_run(&jobs[i]);
        spawned();
#pragma omp taskwait
    }
}
