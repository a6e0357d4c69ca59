/* SPDX-License-Identifier: 0BSD */
/*
 * sem_futex.c: a semaphore of one 32-bit word, by whose address threads sleep and wake.
 *
 * The word is the number of tokens that nobody has taken.  release(n) wakes n
 * sleepers by one call, so that none of them depends on another.  What differs
 * between systems is behind futex.h.
 *
 * Zero-filled memory is a semaphore of one process.  Nothing to destroy.
 */
#include "futex.h"
#include "sem.h"

#include <errno.h>

typedef struct futex_sem {
    _Atomic uint32_t tokens;
    bool shared; /* written by init only */
} futex_sem_t;
_Static_assert(sizeof(futex_sem_t) <= WG_SEM_SIZE, "must fit");

static int futex_init(void *sem, bool process_shared)
{
    futex_sem_t *const self = sem;
    atomic_init(&self->tokens, 0);
    self->shared = process_shared;
    return wgi_futex_check(process_shared);
}

static void futex_destroy(void *sem)
{
    (void)sem;
}

static int futex_acquire(void *sem, const struct timespec *deadline)
{
    futex_sem_t *const self = sem;
    for (;;) {
        uint32_t tokens = atomic_load_explicit(&self->tokens, memory_order_relaxed);
        if (tokens == 0) {
            if (!wgi_futex_wait(&self->tokens, 0, self->shared, deadline))
                return ETIMEDOUT;
            continue;
        }
        /* Acquire: pairs with the release of the token. */
        if (atomic_compare_exchange_weak_explicit(&self->tokens, &tokens, tokens - 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return 0;
    }
}

static void futex_release(void *sem, uint32_t n)
{
    futex_sem_t *const self = sem;
    const bool shared = self->shared;
    /* Release: pairs with the acquire of each token.  The last touch: the memory may be gone after it. */
    atomic_fetch_add_explicit(&self->tokens, n, memory_order_release);
    wgi_futex_wake(&self->tokens, n, shared);
}

const wg_sem_ops_t wgi_sem_futex = {
    .name = "futex",
    .init = futex_init,
    .destroy = futex_destroy,
    .acquire = futex_acquire,
    .release = futex_release,
};
