/* SPDX-License-Identifier: 0BSD */
/* scope.h: scopes in the model: a mutex of one word, no threads of the library's own, and scope.c itself. */
#ifndef WGM_SCOPE_H
#define WGM_SCOPE_H

#include "wg/scope.h"

#include "lock.h"
#include "no_threads.h"

static _Atomic uint32_t *word_of(wgi_lock_t *lock)
{
    return (_Atomic uint32_t *)(void *)lock;
}

int wgi_lock_init(wgi_lock_t *lock)
{
    atomic_init(word_of(lock), 0);
    return 0;
}

void wgi_lock_destroy(wgi_lock_t *lock)
{
    assert(atomic_load_explicit(word_of(lock), memory_order_relaxed) == 0);
}

void wgi_lock(wgi_lock_t *lock)
{
    for (;;) {
        uint32_t word = atomic_load_explicit(word_of(lock), memory_order_relaxed);
        if (word == 0 && atomic_compare_exchange_strong_explicit(word_of(lock), &word, 1, memory_order_acquire,
                                                                 memory_order_relaxed))
            return;
        sched_yield();
    }
}

void wgi_unlock(wgi_lock_t *lock)
{
    atomic_store_explicit(word_of(lock), 0, memory_order_release);
}

#ifdef MODEL_GENMC
/* As for a wg_config_t in runner.h: member by member. */
static inline void clear_config(wg_scope_config_t *config, size_t size)
{
    (void)size;
    config->size = 0;
    config->threads = config->queue = 0;
    config->lend = NULL;
    config->self = NULL;
}
static inline void copy_config(wg_scope_config_t *to, const wg_scope_config_t *from, size_t size)
{
    (void)size;
    to->size = from->size;
    to->threads = from->threads;
    to->queue = from->queue;
    to->lend = from->lend;
    to->self = from->self;
}
#pragma push_macro("memset")
#pragma push_macro("memcpy")
#undef memset
#undef memcpy
#define memset(config, zero, size) clear_config(config, size)
#define memcpy(to, from, size) copy_config(to, from, size)
#endif
#include "../../src/scope.c"
#ifdef MODEL_GENMC
#pragma pop_macro("memset")
#pragma pop_macro("memcpy")
#endif

#endif
