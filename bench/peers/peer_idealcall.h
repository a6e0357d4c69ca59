/* SPDX-License-Identifier: 0BSD */
/* peer_idealcall.h: the yardstick 'idealcall'. */
#include "idealcall.h"

#define PEER_NAME "idealcall"
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 1
#define PEER_HEAP 1

#include "../harness.h"

typedef struct group_storage {
    char none; /* it lives on the heap */
} group_storage;
typedef idealcall_t *group;

static inline group group_heap(void)
{
    const group g = idealcall_create();
    must(g != NULL, "idealcall_create");
    return g;
}

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)storage, (void)waiters;
    const group g = group_heap();
    idealcall_add(g, (int)n);
    return g;
}

static inline void group_end(group g)
{
    idealcall_destroy(g);
}

static inline void group_add(group g, int n)
{
    idealcall_add(g, n);
}

static inline void group_done(group g)
{
    idealcall_done(g);
}

static inline void group_wait(group g)
{
    idealcall_wait(g);
}

static inline int group_wait_until(group g, const struct timespec *deadline)
{
    return idealcall_wait_until(g, deadline);
}
