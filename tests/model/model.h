/* SPDX-License-Identifier: 0BSD */
/*
 * model.h: the library's sources in one translation unit with a program of a few
 * threads, for stateless model checkers:
 *
 *     genmc -- -std=gnu11 -Iinclude -Isrc tests/model/publication.c
 *
 * Compiled by a C compiler it is an ordinary program that plays the same scene many
 * times over.  The semaphore is a token count; who finds none assumes that one will
 * come.  A scene is setup(), the functions of 'scene', and finish().
 */
#ifndef WGM_MODEL_H
#define WGM_MODEL_H

#define _GNU_SOURCE
#define WG_API
#define WGI_HAVE_FUTEX MODEL_FUTEX
#define WGI_HAVE_POSIX 1
#define WGI_HAVE_DISPATCH 0
#define WGI_HAVE_WIN32 0
#define WGI_SEM_DEFAULT KIND_POSIX

#ifndef MODEL_FUTEX
#define MODEL_FUTEX 0
#endif

#include "../../src/wg.c"
#undef STRING
#include "../../src/sem.c"

#include "../../src/annotate.c"
#include "../../src/panic.c"
#if MODEL_FUTEX
#undef FUTEX
#include "../../src/sem_futex.c"
#endif

#include <assert.h>
#include <pthread.h>

#ifdef __GENMC__
void __VERIFIER_assume(int condition);
int __VERIFIER_nondet_int(void);
#define ASSUME_LATER(condition) __VERIFIER_assume(condition)
#define REPEATS 1
static inline bool time_is_over(void)
{
    return __VERIFIER_nondet_int() != 0;
}
#else
#define ASSUME_LATER(condition) \
    do \
        while (!(condition)) \
            (void)sched_yield(); \
    while (0)
#ifndef REPEATS
#define REPEATS 3000
#endif
static _Thread_local unsigned draws;
static inline bool time_is_over(void)
{
    return draws++ % 3 == 0;
}
#endif

/* Nobody cancels a thread here. */
void wgi_cancel_off(void)
{
}

struct timespec wgi_clock_now(void)
{
    return (struct timespec){ .tv_sec = 1000 };
}

/* The semaphore: written in plain memory by init, so that its set-up must be ordered before each use. */
typedef struct tokens {
    _Atomic uint32_t count;
    uint32_t ready;
} tokens_t;

static int tokens_init(void *sem, bool process_shared)
{
    (void)process_shared;
    atomic_init(&((tokens_t *)sem)->count, 0);
    ((tokens_t *)sem)->ready = 1;
    return 0;
}

static void tokens_destroy(void *sem)
{
    ((tokens_t *)sem)->ready = 0;
}

static int tokens_acquire(void *sem, const struct timespec *deadline)
{
    tokens_t *const self = sem;
    assert(self->ready == 1);
    if (deadline != NULL && time_is_over())
        return ETIMEDOUT;
    for (;;) {
        ASSUME_LATER(atomic_load_explicit(&self->count, memory_order_relaxed) != 0);
        uint32_t count = atomic_load_explicit(&self->count, memory_order_relaxed);
        if (count != 0 && atomic_compare_exchange_strong_explicit(&self->count, &count, count - 1, memory_order_acquire,
                                                                  memory_order_relaxed))
            return 0;
    }
}

static void tokens_release(void *sem, uint32_t n)
{
    assert(((tokens_t *)sem)->ready == 1);
    atomic_fetch_add_explicit(&((tokens_t *)sem)->count, n, memory_order_release);
}

const wg_sem_ops_t wgi_sem_posix = {
    .name = "tokens",
    .init = tokens_init,
    .destroy = tokens_destroy,
    .acquire = tokens_acquire,
    .release = tokens_release,
};

#if MODEL_FUTEX
/* The kernel without sleep: whoever would sleep assumes that the word changes.  Wakes are the explorer's matter. */
bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    (void)shared;
    if (deadline != NULL && time_is_over())
        return false;
    ASSUME_LATER(atomic_load_explicit(word, memory_order_relaxed) != expected);
    return true;
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)word, (void)n, (void)shared;
}
#endif

/* A scene of at most four threads. */
typedef struct part {
    void (*run)(void);
} part_t;

static void *play(void *part)
{
    ((const part_t *)part)->run();
    return NULL;
}

static inline void play_scene(void (*setup)(void), const part_t *parts, int n, void (*finish)(void))
{
    for (int round = 0; round < REPEATS; round++) {
        pthread_t thread[4];
        setup();
        for (int i = 0; i < n; i++)
            if (pthread_create(&thread[i], NULL, play, (void *)(uintptr_t)&parts[i]) != 0)
                abort();
        for (int i = 0; i < n; i++)
            if (pthread_join(thread[i], NULL) != 0)
                abort();
        finish();
    }
}

#define SCENE(setup, finish, ...) \
    int main(void) \
    { \
        static const part_t parts[] = { __VA_ARGS__ }; \
        play_scene(setup, parts, (int)(sizeof parts / sizeof parts[0]), finish); \
        return 0; \
    }

static wg_storage_t storage;
static wg_t *group;

static inline void make_group(int count)
{
    group = wg_init(&storage, NULL);
    assert(group != NULL);
    if (count > 0)
        wg_add(group, count);
}

static inline void end_group(void)
{
    assert(wg_count(group) == 0 && wg_waiters(group) == 0);
    wg_destroy(group);
}

#endif
