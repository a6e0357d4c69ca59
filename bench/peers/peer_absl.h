/* SPDX-License-Identifier: 0BSD */
/* peer_absl.h: absl::BlockingCounter.  No add, one waiter that waits once. */
#include <absl/synchronization/blocking_counter.h>
#include <new>

#define PEER_NAME "absl"
#define PEER_ADDS 0
#define PEER_REUSABLE 0
#define PEER_WAITERS 0
#define PEER_LOOKS 0
#define PEER_TIMED 0
#define PEER_HEAP 1

#include "../harness.h"

typedef struct group_storage {
    alignas(absl::BlockingCounter) unsigned char bytes[sizeof(absl::BlockingCounter)];
} group_storage;
typedef absl::BlockingCounter *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    must(waiters == 1, "one waiter only");
    return new (storage->bytes) absl::BlockingCounter((int)n);
}

static inline void group_end(group g)
{
    g->~BlockingCounter();
}

static inline group group_heap()
{
    return new absl::BlockingCounter(0);
}

static inline void group_done(group g)
{
    g->DecrementCount();
}

static inline void group_wait(group g)
{
    g->Wait();
}
