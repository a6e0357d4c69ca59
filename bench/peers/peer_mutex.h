/* SPDX-License-Identifier: 0BSD */
/* peer_mutex.h: a mutex, a condition variable and an int: what people write by hand. */
#define PEER_NAME "mutex"
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 1
#define PEER_HEAP 1

#include "../harness.h"

typedef struct group_storage {
    pthread_mutex_t lock;
    pthread_cond_t zero;
    int count;
} group_storage;
typedef group_storage *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&storage->lock, NULL);
    pthread_cond_init(&storage->zero, &attributes);
    pthread_condattr_destroy(&attributes);
    storage->count = (int)n;
    return storage;
}

static inline void group_end(group g)
{
    pthread_cond_destroy(&g->zero);
    pthread_mutex_destroy(&g->lock);
}

static inline group group_heap(void)
{
    group_storage *const g = malloc(sizeof *g);
    must(g != NULL, "malloc");
    return group_make(g, 0, 1);
}

static inline void group_add(group g, int n)
{
    pthread_mutex_lock(&g->lock);
    g->count += n;
    pthread_mutex_unlock(&g->lock);
}

static inline void group_done(group g)
{
    pthread_mutex_lock(&g->lock);
    if (--g->count == 0)
        pthread_cond_broadcast(&g->zero);
    pthread_mutex_unlock(&g->lock);
}

static inline void group_wait(group g)
{
    pthread_mutex_lock(&g->lock);
    while (g->count != 0)
        pthread_cond_wait(&g->zero, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static inline int group_wait_until(group g, const struct timespec *deadline)
{
    int error = 0;
    pthread_mutex_lock(&g->lock);
    while (g->count != 0 && error == 0)
        error = pthread_cond_timedwait(&g->zero, &g->lock, deadline);
    error = g->count != 0 ? error : 0;
    pthread_mutex_unlock(&g->lock);
    return error;
}
