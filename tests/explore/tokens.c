/* SPDX-License-Identifier: 0BSD */
/*
 * tokens.c: a semaphore in place of the posix one, for the explorer.
 * Its init and destroy write plain memory, so a use that is not ordered after init, or
 * comes after destroy, is found.  It takes fewer steps than the futex semaphore, so
 * clients over it may be larger.
 */
#include "explore.h"
#include "sem.h"

#include <errno.h>

enum { READY = 0x52656479, GONE = 0x476f6e65 };

typedef struct tokens {
    _Atomic uint32_t count;
    uint32_t state; /* plain */
} tokens_t;

static int tokens_init(void *sem, bool process_shared)
{
    tokens_t *const self = sem;
    (void)process_shared;
    WGX_CHECK(self->state == 0);
    atomic_init(&self->count, 0);
    self->state = READY;
    return 0;
}

static void tokens_destroy(void *sem)
{
    tokens_t *const self = sem;
    WGX_CHECK(self->state == READY);
    WGX_CHECK(atomic_load_explicit(&self->count, memory_order_relaxed) == 0);
    self->state = GONE;
}

static int tokens_acquire(void *sem, const struct timespec *deadline)
{
    tokens_t *const self = sem;
    WGX_CHECK(self->state == READY);
    return wgx_take(&self->count, deadline != NULL) ? 0 : ETIMEDOUT;
}

static void tokens_release(void *sem, uint32_t n)
{
    tokens_t *const self = sem;
    WGX_CHECK(self->state == READY);
    atomic_fetch_add_explicit(&self->count, n, memory_order_release);
}

const wg_sem_ops_t wgi_sem_posix = {
    .name = "tokens",
    .init = tokens_init,
    .destroy = tokens_destroy,
    .acquire = tokens_acquire,
    .release = tokens_release,
};
