/* SPDX-License-Identifier: 0BSD */
/* spawn_scope.h: a scope of this library; SCOPE_GO chooses the call that adds a task, SCOPE_LEND the function that
 * lends threads. */
#include <wg/scope.h>

#ifndef PEER_NAME
#define PEER_NAME "scope"
#endif
#ifndef SCOPE_GO
#define SCOPE_GO scope_go
#endif
#ifndef SCOPE_LEND
#define SCOPE_LEND NULL
#endif

#include "../spawn.h"

static wg_task_t scope_nodes[JOBS_MAX];

static int scope_job(void *job)
{
    job_run((job_t *)job);
    return 0;
}

static UNUSED void scope_go(wg_scope_t *scope, unsigned i, job_t *job)
{
    (void)i;
    if (wg_scope_go(scope, scope_job, job) != 0)
        job_run_here(job);
}

static UNUSED void scope_go_task(wg_scope_t *scope, unsigned i, job_t *job)
{
    scope_nodes[i].fn = scope_job;
    scope_nodes[i].arg = job;
    wg_scope_go_task(scope, &scope_nodes[i]);
}

static inline void spawn_round(job_t *jobs, unsigned n)
{
    wg_scope_storage_t storage;
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.lend = SCOPE_LEND;
    wg_scope_t *const scope = wg_scope_init(&storage, &config);
    must(scope != NULL, "wg_scope_init");
    for (unsigned i = 0; i < n; i++)
        SCOPE_GO(scope, i, &jobs[i]);
    spawned();
    must(wg_scope_wait(scope) == 0, "wg_scope_wait");
    wg_scope_destroy(scope);
}
