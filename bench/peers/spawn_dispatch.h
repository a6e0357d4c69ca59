/* SPDX-License-Identifier: 0BSD */
/* spawn_dispatch.h: dispatch_group_async_f() of libdispatch, on the global queue. */
#include "dispatch.h"

#define PEER_NAME "dispatch-async"

#include "../spawn.h"

static void dispatch_job(void *job)
{
    job_run((job_t *)job);
}

static inline void spawn_round(job_t *jobs, unsigned n)
{
    const dispatch_queue_t queue = dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0);
    const dispatch_group_t group = dispatch_group_create();
    for (unsigned i = 0; i < n; i++)
        dispatch_group_async_f(group, queue, &jobs[i], dispatch_job);
    spawned();
    dispatch_group_wait(group, DISPATCH_TIME_FOREVER);
    dispatch_release(group);
}
