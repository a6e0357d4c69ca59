/* SPDX-License-Identifier: 0BSD */
/*
 * peer_sem.h: a loop over a sem_t.  One waiter takes a token for each task.  If there
 * are several waiters, their number must be known before, and the last task posts a
 * token for each of them.
 */
#include <semaphore.h>

#define PEER_NAME "sem"
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 0
#define PEER_TIMED 0
#define PEER_HEAP 1

#include "../harness.h"

typedef struct group_storage {
    sem_t sem;
    uint32_t tasks, waiters;
} group_storage;
typedef group_storage *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    must(sem_init(&storage->sem, 0, 0) == 0, "sem_init");
    storage->tasks = n;
    storage->waiters = waiters;
    return storage;
}

static inline void group_end(group g)
{
    sem_destroy(&g->sem);
}

static inline group group_heap(void)
{
    group_storage *const g = malloc(sizeof *g);
    must(g != NULL, "malloc");
    return group_make(g, 0, 1);
}

static inline void group_add(group g, int n)
{
    __atomic_fetch_add(&g->tasks, (uint32_t)n, __ATOMIC_RELAXED);
}

static inline void group_done(group g)
{
    if (g->waiters == 1) {
        sem_post(&g->sem);
        return;
    }
    const uint32_t waiters = g->waiters;
    if (__atomic_sub_fetch(&g->tasks, 1, __ATOMIC_ACQ_REL) == 0)
        for (uint32_t i = 0; i < waiters; i++)
            sem_post(&g->sem);
}

static inline void group_take(group g)
{
    while (sem_wait(&g->sem) != 0)
        continue;
}

static inline void group_wait(group g)
{
    if (g->waiters != 1) {
        group_take(g);
        return;
    }
    const uint32_t tasks = __atomic_load_n(&g->tasks, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < tasks; i++)
        group_take(g);
    __atomic_store_n(&g->tasks, 0, __ATOMIC_RELAXED);
}
