/* SPDX-License-Identifier: 0BSD */
/* peer_ideal.h: the yardstick 'ideal'. */
#include "ideal.h"

#define PEER_NAME "ideal"
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 1
#define PEER_HEAP 1

#include "../harness.h"

typedef ideal_t group_storage;
typedef ideal_t *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    atomic_init(&storage->word, n * IDEAL_ONE);
    return storage;
}

static inline void group_end(group g)
{
    (void)g;
}

static inline group group_heap(void)
{
    ideal_t *const g = malloc(sizeof *g);
    must(g != NULL, "malloc");
    return group_make(g, 0, 1);
}

static inline void group_add(group g, int n)
{
    ideal_add(g, n);
}

static inline void group_done(group g)
{
    ideal_done(g);
}

static inline void group_wait(group g)
{
    ideal_wait(g);
}

static inline int group_wait_until(group g, const struct timespec *deadline)
{
    return ideal_wait_until(g, deadline);
}
