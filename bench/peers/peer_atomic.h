/* SPDX-License-Identifier: 0BSD */
/* peer_atomic.h: only one shared atomic; a thread that waits yields until the count is zero. */
#define PEER_NAME "atomic"
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 0
#define PEER_HEAP 1

#include "../harness.h"

typedef struct group_storage {
    uint64_t count __attribute__((aligned(LINE)));
} group_storage;
typedef group_storage *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    __atomic_store_n(&storage->count, n, __ATOMIC_RELAXED);
    return storage;
}

static inline void group_end(group g)
{
    (void)g;
}

static inline group group_heap(void)
{
    void *memory = NULL;
    must(posix_memalign(&memory, LINE, sizeof(group_storage)) == 0, "posix_memalign");
    return group_make((group_storage *)memory, 0, 1);
}

static inline void group_add(group g, int n)
{
    __atomic_fetch_add(&g->count, (uint64_t)n, __ATOMIC_RELAXED);
}

static inline void group_done(group g)
{
    __atomic_fetch_sub(&g->count, 1, __ATOMIC_RELEASE);
}

static inline void group_wait(group g)
{
    while (__atomic_load_n(&g->count, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
}
