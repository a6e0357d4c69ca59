/* SPDX-License-Identifier: 0BSD */
/*
 * peer_cached.h: a group that is striped by thread, after folly's ThreadCachedInts.
 *
 * Each thread counts what it adds and what it has done in a slot of its own, by plain
 * loads and stores.  A wait sums the slots: first all that is done, then all that was
 * added, so that equal sums mean zero at the moment between them.  membarrier(2) in
 * the wait takes the place of a fence in each done: either the wait sees the done, or
 * the done sees that a thread waits.
 */
#include <linux/membarrier.h>

#define PEER_NAME "cached"
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 0
#define PEER_HEAP 1

#include "../harness.h"

#define CACHED_SLOTS 2048 /* threads that ever lived in this process */

typedef struct cached_slot {
    uint64_t added, done; /* both only rise; one thread writes them */
} __attribute__((aligned(LINE))) cached_slot_t;

typedef struct group_storage {
    uint32_t waiting __attribute__((aligned(LINE)));
    cached_slot_t slots[CACHED_SLOTS];
} group_storage;
typedef group_storage *group;

static unsigned cached_threads;
static __thread unsigned cached_number; /* 0: none yet */

static __attribute__((noinline, cold)) void cached_take_number(void)
{
    cached_number = __atomic_add_fetch(&cached_threads, 1, __ATOMIC_ACQ_REL);
    must(cached_number < CACHED_SLOTS, "too many threads");
}

static inline cached_slot_t *cached_slot(group g)
{
    if (__builtin_expect(cached_number == 0, 0))
        cached_take_number();
    return &g->slots[cached_number];
}

static inline void group_add(group g, int n)
{
    cached_slot_t *const slot = cached_slot(g);
    __atomic_store_n(&slot->added, slot->added + (uint64_t)n, __ATOMIC_RELAXED);
}

static inline void group_done(group g)
{
    cached_slot_t *const slot = cached_slot(g);
    __atomic_store_n(&slot->done, slot->done + 1, __ATOMIC_RELEASE);
    FORGET();
    if (__builtin_expect(__atomic_load_n(&g->waiting, __ATOMIC_RELAXED) != 0, 0) &&
        __atomic_exchange_n(&g->waiting, 0, __ATOMIC_RELAXED) != 0)
        futex_rouse(&g->waiting);
}

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    must(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0, "membarrier");
    memset(storage, 0, sizeof *storage);
    group_add(storage, (int)n);
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

static inline int cached_is_zero(group g)
{
    uint64_t done = 0, added = 0;
    const unsigned early = __atomic_load_n(&cached_threads, __ATOMIC_ACQUIRE);
    for (unsigned i = 1; i <= early; i++)
        done += __atomic_load_n(&g->slots[i].done, __ATOMIC_ACQUIRE);
    const unsigned late = __atomic_load_n(&cached_threads, __ATOMIC_ACQUIRE);
    for (unsigned i = 1; i <= late; i++)
        added += __atomic_load_n(&g->slots[i].added, __ATOMIC_RELAXED);
    return done == added;
}

static inline void group_wait(group g)
{
    if (cached_is_zero(g))
        return;
    for (;;) {
        __atomic_store_n(&g->waiting, 1, __ATOMIC_SEQ_CST);
        must(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0, "membarrier");
        if (cached_is_zero(g))
            return;
        futex_sleep(&g->waiting, 1);
    }
}
