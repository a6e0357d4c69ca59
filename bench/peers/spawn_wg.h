/* SPDX-License-Identifier: 0BSD */
/* spawn_wg.h: wg_go() of this library, a new thread for each task. */
#include <wg/wg.h>

#define PEER_NAME "wg-go"

#include "../spawn.h"

static void wg_job(void *job)
{
    job_run((job_t *)job);
}

static inline void spawn_round(job_t *jobs, unsigned n)
{
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = wg_attach(&storage);
    must(wg != NULL, "wg_attach");
    for (unsigned i = 0; i < n; i++)
        if (wg_go(wg, wg_job, &jobs[i]) != 0)
            job_run_here(&jobs[i]);
    spawned();
    wg_wait(wg);
    wg_destroy(wg);
}
