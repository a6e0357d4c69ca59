/* SPDX-License-Identifier: 0BSD */
/*
 * sem_futex.c: a semaphore of one 32-bit word on a futex.
 *
 * Bits 0..30 are the tokens that nobody has taken.  Bit 31 is a duty: whoever
 * takes a token while it is set clears it in the same step and wakes the others,
 * if tokens are left for them.  So release(n) wakes one thread, whatever n is, and
 * the crowd is woken by a thread that has what it waited for.  It is legal to set
 * the duty only together with new tokens, and no token can be taken without it:
 * so at zero tokens there is no duty.  Groups shared by processes have none, as a
 * process may be killed while it holds it; there, release wakes all.
 *
 * Zero-filled memory is a semaphore of one process.  Nothing to destroy.
 */
#include "futex.h"
#include "sem.h"

#include <errno.h>

#define DUTY ((uint32_t)1 << 31)

typedef struct futex_sem {
    _Atomic uint32_t word;
    bool shared; /* written by init only */
} futex_sem_t;
_Static_assert(sizeof(futex_sem_t) <= WG_SEM_SIZE, "must fit");

static int futex_init(void *sem, bool process_shared)
{
    futex_sem_t *const self = sem;
    atomic_init(&self->word, 0);
    self->shared = process_shared;
    return 0;
}

static void futex_destroy(void *sem)
{
    (void)sem;
}

static int futex_acquire(void *sem, const struct timespec *deadline)
{
    futex_sem_t *const self = sem;
    for (;;) {
        uint32_t word = atomic_load_explicit(&self->word, memory_order_relaxed);
        if (word == 0) {
            if (!wgi_futex_wait(&self->word, 0, self->shared, deadline))
                return ETIMEDOUT;
            continue;
        }
        const uint32_t left = (word & ~DUTY) - 1;
        /* Acquire: pairs with the release of the token. */
        if (!atomic_compare_exchange_weak_explicit(&self->word, &word, left, memory_order_acquire,
                                                   memory_order_relaxed))
            continue;
        if ((word & DUTY) != 0 && left > 0)
            wgi_futex_wake(&self->word, left, self->shared);
        return 0;
    }
}

static void futex_release(void *sem, uint32_t n)
{
    futex_sem_t *const self = sem;
    const bool shared = self->shared;
    const uint32_t duty = n > 1 && !shared ? DUTY : 0;
    uint32_t word = atomic_load_explicit(&self->word, memory_order_relaxed);
    /* Release: pairs with the acquire of each token.  The last touch: the memory may be gone after it. */
    while (!atomic_compare_exchange_weak_explicit(&self->word, &word, (word + n) | duty, memory_order_release,
                                                  memory_order_relaxed))
        continue;
    wgi_futex_wake(&self->word, duty != 0 ? 1 : n, shared);
}

const wg_sem_ops_t wgi_sem_futex = {
    .name = "futex",
    .init = futex_init,
    .destroy = futex_destroy,
    .acquire = futex_acquire,
    .release = futex_release,
};
