/* SPDX-License-Identifier: 0BSD */
/* peer_barrier.h: C++20's std::barrier.  The tasks arrive; one waiter arrives and waits. */
#include <barrier>
#include <new>

#define PEER_NAME "std::barrier"
#define PEER_ADDS 0
#define PEER_REUSABLE 0
#define PEER_WAITERS 0
#define PEER_LOOKS 0
#define PEER_TIMED 0
#define PEER_HEAP 1

#include "../harness.h"

typedef std::barrier<> barrier_t;
typedef struct group_storage {
    alignas(barrier_t) unsigned char bytes[sizeof(barrier_t)];
} group_storage;
typedef barrier_t *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    must(waiters == 1, "one waiter only");
    return new (storage->bytes) barrier_t(n + 1);
}

static inline void group_end(group g)
{
    g->~barrier_t();
}

static inline group group_heap()
{
    return new barrier_t(1);
}

static inline void group_done(group g)
{
    (void)g->arrive();
}

static inline void group_wait(group g)
{
    g->arrive_and_wait();
}
