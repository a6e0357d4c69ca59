/* SPDX-License-Identifier: 0BSD */
/* peer_dispatch.h: libdispatch's group. */
#include "dispatch.h"

#define PEER_NAME "dispatch"
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 1
#define PEER_HEAP 1
#define PEER_NOTIFIES 1

#include "../harness.h"

typedef struct group_storage {
    char none; /* it lives on the heap */
} group_storage;
typedef dispatch_group_t group;

static inline group group_heap(void)
{
    const group g = dispatch_group_create();
    must(g != NULL, "dispatch_group_create");
    return g;
}

static inline void group_add(group g, int n)
{
    for (int i = 0; i < n; i++)
        dispatch_group_enter(g);
}

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)storage, (void)waiters;
    const group g = group_heap();
    group_add(g, (int)n);
    return g;
}

static inline void group_end(group g)
{
    dispatch_release(g);
}

static inline void group_done(group g)
{
    dispatch_group_leave(g);
}

static inline void group_wait(group g)
{
    dispatch_group_wait(g, DISPATCH_TIME_FOREVER);
}

static inline int group_wait_until(group g, const struct timespec *deadline)
{
    const int64_t left = deadline->tv_sec * INT64_C(1000000000) + deadline->tv_nsec - now_ns();
    return dispatch_group_wait(g, dispatch_time(DISPATCH_TIME_NOW, left > 0 ? left : 0)) == 0 ? 0 : ETIMEDOUT;
}

typedef char group_notice; /* libdispatch allocates them */

static inline dispatch_queue_t group_queue(void)
{
    static dispatch_queue_t queue;
    if (queue == NULL)
        queue = dispatch_queue_create("notices", NULL);
    return queue;
}

static inline void group_notify(group g, group_notice *notice, void (*fn)(void *arg), void *arg)
{
    (void)notice;
    dispatch_group_notify_f(g, group_queue(), arg, fn);
}

static void group_nothing(void *unused)
{
    (void)unused;
}

/* Waits until the queue has called all notices. */
static inline void group_settle(void)
{
    dispatch_sync_f(group_queue(), NULL, group_nothing);
}
