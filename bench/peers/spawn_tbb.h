/* SPDX-License-Identifier: 0BSD */
/* spawn_tbb.h: the task_group of TBB. */
#include <tbb/task_group.h>

#define PEER_NAME "tbb"

#include "../spawn.h"

static inline void spawn_round(job_t *jobs, unsigned n)
{
    tbb::task_group group;
    for (unsigned i = 0; i < n; i++)
        group.run([job = &jobs[i]] { job_run(job); });
    spawned();
    group.wait();
}
