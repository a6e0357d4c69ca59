/* SPDX-License-Identifier: 0BSD */
/* peer_sharded.h: many groups of this library in place of one, as in examples/sharded.c; a wait is a whole drain. */
#include <wg/wg.h>

#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 0
#define PEER_HEAP 1
#define PEER_ENTERS 1

#include "../harness.h"

#define SHARDS 64

typedef struct group_storage {
    wg_storage_t storages[SHARDS] __attribute__((aligned(LINE)));
    wg_t *shards[SHARDS];
} group_storage;
typedef group_storage *group;
typedef wg_t *group_entry;

/* The first group counts what is added before the tasks start. */
static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    for (int i = 0; i < SHARDS; i++) {
        storage->shards[i] = wg_init(&storage->storages[i], NULL);
        must(storage->shards[i] != NULL, "wg_init");
    }
    wg_add(storage->shards[0], (int)n);
    return storage;
}

static inline void group_end(group g)
{
    for (int i = 0; i < SHARDS; i++)
        wg_destroy(g->shards[i]);
}

static inline group group_heap(void)
{
    void *memory = NULL;
    must(posix_memalign(&memory, LINE, sizeof(group_storage)) == 0, "posix_memalign");
    return group_make((group_storage *)memory, 0, 1);
}

static inline void group_add(group g, int n)
{
    wg_add(g->shards[0], n);
}

static inline void group_done(group g)
{
    wg_done(g->shards[0]);
}

static inline group_entry group_enter(group g)
{
    wg_t *const shard = g->shards[(unsigned)sched_getcpu() % SHARDS];
    must(wg_try_add(shard, 1), "wg_try_add");
    return shard;
}

static inline void group_leave(group_entry shard)
{
    wg_done(shard);
}

static inline void group_wait(group g)
{
    for (int i = 0; i < SHARDS; i++)
        wg_close(g->shards[i]);
    for (int i = 0; i < SHARDS; i++)
        wg_wait(g->shards[i]);
    for (int i = 0; i < SHARDS; i++)
        wg_reopen(g->shards[i]);
}
