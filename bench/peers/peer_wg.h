/* SPDX-License-Identifier: 0BSD */
/* peer_wg.h: this library; WG_BENCH_SEM and WG_BENCH_FLAGS choose its semaphore and flags. */
#include <wg/wg.h>

#ifndef PEER_NAME
#define PEER_NAME "wg"
#endif
#ifndef WG_BENCH_SEM
#define WG_BENCH_SEM wg_sem_default
#endif
#ifndef WG_BENCH_FLAGS
#define WG_BENCH_FLAGS 0u
#endif
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 1
#define PEER_HEAP 1

#include "../harness.h"

typedef wg_storage_t group_storage;
typedef wg_t *group;

static inline wg_config_t group_config(void)
{
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = WG_BENCH_SEM();
    config.flags = WG_BENCH_FLAGS;
    must(config.sem != NULL, "no such semaphore");
    return config;
}

static inline group group_heap(void)
{
    const wg_config_t config = group_config();
    const group g = wg_create_with(&config);
    must(g != NULL, "wg_create_with");
    return g;
}

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    const wg_config_t config = group_config();
    const group g = wg_init(storage, &config);
    must(g != NULL, "wg_init");
    wg_add(g, (int)n);
    return g;
}

static inline void group_end(group g)
{
    wg_destroy(g);
}

static inline void group_add(group g, int n)
{
    wg_add(g, n);
}

static inline void group_done(group g)
{
    wg_done(g);
}

static inline void group_wait(group g)
{
    wg_wait(g);
}

static inline int group_wait_until(group g, const struct timespec *deadline)
{
    return wg_wait_until(g, deadline);
}
