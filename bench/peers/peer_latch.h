/* SPDX-License-Identifier: 0BSD */
/* peer_latch.h: C++20's std::latch.  No add, no second use, no timed wait. */
#include <latch>
#include <new>

#define PEER_NAME "std::latch"
#define PEER_ADDS 0
#define PEER_REUSABLE 0
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 0
#define PEER_HEAP 1

#include "../harness.h"

typedef struct group_storage {
    alignas(std::latch) unsigned char bytes[sizeof(std::latch)];
} group_storage;
typedef std::latch *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    return new (storage->bytes) std::latch(n);
}

static inline void group_end(group g)
{
    g->~latch();
}

static inline group group_heap()
{
    return new std::latch(0);
}

static inline void group_done(group g)
{
    g->count_down();
}

static inline void group_wait(group g)
{
    g->wait();
}
