/* SPDX-License-Identifier: 0BSD */
/* peer_nsync.h: nsync_counter.  Once a thread has waited, it must not be raised from zero, so each round makes one. */
#include <nsync.h>

#define PEER_NAME "nsync"
#define PEER_ADDS 1
#define PEER_REUSABLE 0
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 1
#define PEER_HEAP 1
#define PEER_WAITS_ANY 1

#include "../harness.h"

typedef struct group_storage {
    char none; /* it lives on the heap */
} group_storage;
typedef nsync_counter group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)storage, (void)waiters;
    const group g = nsync_counter_new(n);
    must(g != NULL, "nsync_counter_new");
    return g;
}

static inline void group_end(group g)
{
    nsync_counter_free(g);
}

static inline group group_heap(void)
{
    return group_make(NULL, 0, 1);
}

static inline void group_add(group g, int n)
{
    nsync_counter_add(g, n);
}

static inline void group_done(group g)
{
    nsync_counter_add(g, -1);
}

static inline void group_wait(group g)
{
    nsync_counter_wait(g, nsync_time_no_deadline);
}

static inline int group_wait_until(group g, const struct timespec *deadline)
{
    /* nsync takes deadlines by CLOCK_REALTIME. */
    struct timespec monotonic, wall;
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_REALTIME, &wall);
    const nsync_time left = nsync_time_sub(*deadline, monotonic);
    return nsync_counter_wait(g, nsync_time_add(wall, left)) == 0 ? 0 : ETIMEDOUT;
}

typedef struct nsync_waitable_s group_choice;

static inline void group_choose(group_choice *choice, group g)
{
    choice->v = g;
    choice->funcs = &nsync_counter_waitable_funcs;
}

static inline int group_wait_any(group_choice *choices, unsigned n, int64_t timeout_ns)
{
    group_choice *list[64];
    for (unsigned i = 0; i < n; i++)
        list[i] = &choices[i];
    const nsync_time deadline = timeout_ns < 0
                                    ? nsync_time_no_deadline
                                    : nsync_time_add(nsync_time_now(), nsync_time_s_ns(0, (unsigned)timeout_ns));
    const int which = nsync_wait_n(NULL, NULL, NULL, deadline, (int)n, list);
    return which < (int)n ? which : -1;
}
