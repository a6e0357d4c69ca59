/* SPDX-License-Identifier: 0BSD */
/*
 * runner.h: the words of tests/scenes/scene.h for the model: the library's sources in one translation unit with scenes.
 *
 * Under the model checker GenMC (0.10) each scene is checked by itself:
 *
 *     genmc -rc11 -disable-sr -disable-ipr -check-liveness -- -DMODEL_GENMC -DMODEL_SCENES=play_publication \
 *         -std=gnu11 -Iinclude -Isrc -Itests/scenes -Itests/model tests/scenes/publication.c
 *
 * Built by a C compiler, a file of scenes is an ordinary program.  It plays the scenes
 * that MODEL_SCENES names many times, and must pass without luck.
 *
 * The group's semaphore is a token count instead of the posix one, or the real futex
 * semaphore (-DMODEL_FUTEX=1).  Nothing else here orders threads: waiting is polling,
 * also where the kernel would wait.
 *
 * Some scenes are the explorer's alone.  futex_shared and futex_shared_three are about
 * wakes.  The names in _stale need not be here: in GenMC every load may be old.  Here
 * reuse_one_thread replaces reuse_stale.  In GenMC no weak exchange fails for no reason.
 */
#ifndef WGM_RUNNER_H
#define WGM_RUNNER_H

#ifndef MODEL_FUTEX
#define MODEL_FUTEX 0
#endif
/* 1: a misuse ends its thread, and the threads that sleep.  A file of scenes may define it. */
#ifndef MODEL_MISUSE
#define MODEL_MISUSE 0
#endif

#define _GNU_SOURCE
#define WG_API
#define WGI_HAVE_FUTEX MODEL_FUTEX
#define WGI_HAVE_POSIX 1
#define WGI_HAVE_DISPATCH 0
#define WGI_HAVE_VALGRIND 0
#define WGI_HAVE_TSAN 0
#define WGI_SEM_DEFAULT (MODEL_FUTEX ? KIND_FUTEX : KIND_POSIX)
#if MODEL_FUTEX
#define WGI_SEM_ZERO wgi_sem_futex
#else
#define WGI_SEM_ZERO wgi_sem_heap
#endif

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef MODEL_GENMC
/* What GenMC's headers lack.  All threads share its errno. */
#define ENOTSUP 95
static _Thread_local int model_errno;
#undef errno
#define errno model_errno
/* GenMC takes a loop without effects for waiting, and reports a thread that waits for ever. */
#define sched_yield() ((void)0)
/* GenMC knows memory by typed accesses.  The library fills either a config or 32-bit words. */
#include "wg/wg.h"
static inline void model_clear(wg_config_t *config, size_t size)
{
    (void)size;
    config->size = 0;
    config->sem = NULL;
    config->flags = 0;
}
static inline void model_fill(void *start, size_t size)
{
    for (size_t i = 0; i < size / sizeof(uint32_t); i++)
        ((uint32_t *)start)[i] = 0;
}
static inline void *model_calloc(size_t size)
{
    void *const block = malloc(size);
    model_fill(block, size);
    return block;
}
#define calloc(count, size) model_calloc((count) * (size))
/* Copies a config.  Keeps no bytes of a semaphore: its init never fails here. */
static inline void model_copy(wg_config_t *to, const void *from, size_t size)
{
    (void)size;
    *to = *(const wg_config_t *)from;
}
static inline void model_keep(unsigned char *to, const void *from, size_t size)
{
    (void)to, (void)from, (void)size;
}
#define memcpy(to, from, size) _Generic((to), wg_config_t * : model_copy, unsigned char * : model_keep)(to, from, size)
#define memset(start, zero, size) _Generic((start), wg_config_t * : model_clear, default : model_fill)(start, size)
/* A structure that a function returns would be one access of 128 bits.  So no deadline is over before the wait. */
#include "clock.h"
#include "deadline.h"
static const struct timespec model_later = { .tv_sec = 1001 };
#define wgi_deadline_after(now, timeout) model_later
#define wgi_deadline_left_ns(deadline, now) ((int64_t)1)
#endif

#if MODEL_MISUSE
#include "sight.h"
#endif

#include "../../src/wg.c"

#define WGI_NOTICE_POLLS 1
#include "../../src/any.c"
#include "../../src/life.c"
#include "../../src/notice.c"
#undef STRING
#include "../../src/sem.c"
#undef JOIN
#if MODEL_FUTEX
#include "../../src/zero_ready.c"
#else
#include "../../src/zero_heap.c"
#endif

#include "../../src/annotate.c"
#ifndef MODEL_GENMC
#include "../../src/panic.c"
#endif
#if MODEL_FUTEX
#include "../../src/sem_futex.c"
#endif

/* Is a deadline over?  GenMC has a flag for each timed wait of a thread, in turn. */
#ifdef MODEL_GENMC
enum { ROUNDS = 1, TIMED_WAITS = 2 };
static atomic_bool time_ended[TIMED_WAITS];
static _Thread_local unsigned timed_out;

/* A thread sets this flag meanwhile, so GenMC explores every read of it both ways. */
static bool time_is_over(void)
{
    if (timed_out == TIMED_WAITS || !atomic_load_explicit(&time_ended[timed_out], memory_order_relaxed))
        return false;
    timed_out++;
    return true;
}

static void *let_time_end(void *unused)
{
    for (int i = 0; i < TIMED_WAITS; i++)
        atomic_store_explicit(&time_ended[i], true, memory_order_relaxed);
    return unused;
}
#else
enum { ROUNDS = 500 };
static _Thread_local unsigned draws;

static bool time_is_over(void)
{
    return draws++ % 5 == 4;
}
#endif

int wgi_cancel_off(void)
{
    return 0;
}

void wgi_cancel_restore(int before)
{
    (void)before;
}

void wgi_clock_nap(void)
{
    sched_yield();
}

#ifndef MODEL_GENMC
void wgi_panic_write(const char *text, size_t length)
{
    (void)text, (void)length;
}
#endif

struct timespec wgi_clock_now(void)
{
    return (struct timespec){ .tv_sec = 1000 };
}

#if MODEL_MISUSE
static atomic_uint misuses; /* a bit for each */
static void on_misuse(const wg_t *wg, wg_misuse_t misuse, const char *message);

static inline unsigned panicked(void)
{
    return atomic_load_explicit(&misuses, memory_order_relaxed);
}

/* After a misuse nobody wakes this thread. */
static inline void leave_if_misused(void)
{
    if (panicked() != 0)
        pthread_exit(NULL);
}
#else
static inline unsigned panicked(void)
{
    return 0;
}

static inline void leave_if_misused(void)
{
}
#endif

#ifdef MODEL_GENMC
/* Without the message: each letter of it would be a step. */
void wgi_panic(const wg_t *wg, wg_misuse_t misuse, int32_t counter, uint32_t waiters, int64_t delta)
{
    (void)counter, (void)waiters, (void)delta;
#if MODEL_MISUSE
    on_misuse(wg, misuse, "misuse");
#endif
    assert(!"a misuse that was not expected");
    __builtin_unreachable();
}

void wgi_panic_system(const char *what, int error)
{
    (void)what, (void)error;
    assert(!"wgi_panic_system()");
    __builtin_unreachable();
}

wg_panic_fn *wg_set_panic_handler(wg_panic_fn *handler)
{
    return handler;
}
#endif

/* The semaphore of tokens.  init writes it in plain memory, so the set-up must be ordered before each use. */
enum { READY = 0x52656479, GONE = 0x476f6e65 };

typedef struct tokens {
    _Atomic uint32_t count;
    uint32_t state;
} tokens_t;

static int tokens_init(void *sem, bool process_shared)
{
    tokens_t *const self = sem;
    (void)process_shared;
    assert(self->state == 0);
    atomic_init(&self->count, 0);
    self->state = READY;
    return 0;
}

static void tokens_destroy(void *sem)
{
    tokens_t *const self = sem;
    assert(self->state == READY);
    assert(MODEL_MISUSE || atomic_load_explicit(&self->count, memory_order_relaxed) == 0);
    self->state = GONE;
}

static int tokens_acquire(void *sem, const struct timespec *deadline)
{
    tokens_t *const self = sem;
    assert(self->state == READY);
    for (;;) {
        if (deadline != NULL && time_is_over())
            return ETIMEDOUT;
        uint32_t count = atomic_load_explicit(&self->count, memory_order_relaxed);
        if (count != 0 && atomic_compare_exchange_strong_explicit(&self->count, &count, count - 1, memory_order_acquire,
                                                                  memory_order_relaxed))
            return 0;
        leave_if_misused();
        sched_yield();
    }
}

static void tokens_release(void *sem, uint32_t n)
{
    tokens_t *const self = sem;
    assert(self->state == READY);
    atomic_fetch_add_explicit(&self->count, n, memory_order_release);
}

const wg_sem_ops_t wgi_sem_posix = {
    .name = "tokens",
    .init = tokens_init,
    .destroy = tokens_destroy,
    .acquire = tokens_acquire,
    .release = tokens_release,
};

#if MODEL_FUTEX
int wgi_futex_check(bool shared)
{
    (void)shared;
    return 0;
}

/* A kernel without sleep: each sleep ends for no reason.  The explorer checks wakes. */
bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    (void)shared;
    if (atomic_load_explicit(word, memory_order_relaxed) == expected) {
        if (deadline != NULL && time_is_over())
            return false;
        leave_if_misused();
        sched_yield();
    }
    return true;
}

void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)word, (void)n, (void)shared;
}
#endif

#include "scope.h"

/* The words of scenes. */

#define CHECK(x) assert(x)
#define MISUSE(m) (1u << (m))

static inline void await(_Atomic uint32_t *word, uint32_t value)
{
    while (atomic_load_explicit(word, memory_order_acquire) != value) {
        leave_if_misused();
        sched_yield();
    }
}

static inline void owes(bool yes)
{
    (void)yes;
}

static inline bool may_take(_Atomic uint32_t *word)
{
    if (atomic_load_explicit(word, memory_order_acquire) == 0)
        return false;
    atomic_fetch_sub_explicit(word, 1, memory_order_relaxed);
    return true;
}

static inline unsigned self(void)
{
    return 0;
}

static inline unsigned blocks_left(void)
{
    return 0;
}

static inline void name_memory(const void *start, size_t size, const char *name)
{
    (void)start, (void)size, (void)name;
}

#ifdef MODEL_GENMC
static inline void zero_group(wg_storage_t *memory)
{
    wg_t *const wg = (wg_t *)(void *)memory;
    atomic_init(&wg->state, 0);
    atomic_init(&wg->sem.table, 0);
#if MODEL_FUTEX
    atomic_init(&((futex_sem_t *)(void *)wg->sem.bytes)->tokens, 0);
    ((futex_sem_t *)(void *)wg->sem.bytes)->shared = false;
#else
    atomic_init((slot_t *)(void *)wg->sem.bytes, NULL);
#endif
    atomic_init(&wg->notices, 0);
    atomic_init(&wg->spins, 0);
    atomic_init(&wg->flags, 0);
    wg->shadow = 0;
}

static inline void zero_notice(wg_notice_t *notice)
{
    notice->wg = NULL;
}

static inline void zero_choice(wg_choice_t *choice)
{
    choice->wg = NULL;
}

#define zero_fill(pointer) \
    _Generic((pointer), wg_storage_t * : zero_group, wg_notice_t * : zero_notice, wg_choice_t * : zero_choice)(pointer)
#else
#define zero_fill(pointer) memset(pointer, 0, sizeof *(pointer))
#endif

#include "scene.h"
#include "setup.h"

/* By plain writes, which race with any use. */
static inline void overwrite_group(void)
{
    *(uint64_t *)(void *)&group->state = 1;
    *(uint32_t *)(void *)&group->sem.bytes[0] = 1;
    *(uint32_t *)(void *)&group->sem.table = 1;
}

static inline unsigned panics(void)
{
    return panicked() != 0; /* whether there was one: the model does not count */
}

/* The model keeps no steps, and stops no thread. */
typedef struct step {
    unsigned thread;
    bool load, write;
    uint64_t before, after;
} step_t;

static inline bool get_step(const void *word, unsigned number, step_t *step)
{
    (void)word, (void)number, (void)step;
    return false;
}

static inline bool stopped(unsigned thread)
{
    (void)thread;
    return false;
}

#if MODEL_MISUSE
static void on_misuse(const wg_t *wg, wg_misuse_t misuse, const char *message)
{
    assert(wg == group && message != NULL);
    check_report(misuse);
    atomic_fetch_or_explicit(&misuses, MISUSE(misuse), memory_order_relaxed);
    pthread_exit(NULL);
}

static inline void expect_misuse(void)
{
    atomic_store_explicit(&misuses, 0, memory_order_relaxed);
    (void)wg_set_panic_handler(on_misuse);
}
#else
static inline void expect_misuse(void)
{
}
#endif

/* Playing scenes. */

static void *play_thread(void *thread)
{
    (*(void (*const *)(void))thread)();
    return NULL;
}

static inline pthread_t start(void *(*run)(void *), void *arg)
{
    pthread_t thread;
    const int error = pthread_create(&thread, NULL, run, arg);
    assert(error == 0);
    (void)error;
    return thread;
}

static inline void end(pthread_t thread)
{
    const int error = pthread_join(thread, NULL);
    assert(error == 0);
    (void)error;
}

static inline void play_round(const scene_t *scene)
{
    pthread_t thread[SCENE_THREADS];
    expect_misuse();
    scene->setup();
#ifdef MODEL_GENMC
    const pthread_t clock = scene->timed ? start(let_time_end, NULL) : 0;
#endif
    int n = 0;
    for (; n < SCENE_THREADS && scene->thread[n] != NULL; n++)
        thread[n] = start(play_thread, (void *)(uintptr_t)&scene->thread[n]);
    for (int i = 0; i < n; i++)
        end(thread[i]);
#ifdef MODEL_GENMC
    if (scene->timed)
        end(clock);
#endif
    if (panicked() != 0)
        free(storage); /* after a misuse no call may use the group */
    else if (scene->finish != NULL)
        scene->finish();
    if (scene->judge != NULL)
        scene->judge();
}

/* Each scene is a function, for either runner.  MODEL_SCENES names those that main() plays: "play_one,play_two". */
#define SCENE(name, sentence, ...) \
    void play_##name(void); \
    void play_##name(void) \
    { \
        static const scene_t scene = { __VA_ARGS__ }; \
        for (int round = 0; round < ROUNDS; round++) \
            play_round(&scene); \
    }
#define EXPLORER_SCENE SCENE
#define MODEL_SCENE SCENE

typedef void play_t(void);
play_t MODEL_SCENES;

int main(void)
{
    static play_t *const plays[] = { MODEL_SCENES };
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++)
        plays[i]();
    return 0;
}

#endif
