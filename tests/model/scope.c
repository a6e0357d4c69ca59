/* SPDX-License-Identifier: 0BSD */
/* scope.c: threads that are lent to a scope, called off, refused or late, against its tasks and its wait. */
#include "model.h"

#include "wg/scope.h"

/* A mutex of one word, and no threads of the library's own. */
#include "lock.h"
#include "processors.h"
#include "thread.h"

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

unsigned wgi_processors(void)
{
    return 2;
}

int wgi_thread_start(wgi_job_t job)
{
    (void)job;
    return EAGAIN;
}

void wgi_thread_guard(const wgi_job_t *job)
{
    job->fn(job->arg);
}

#ifdef MODEL_GENMC
/* As model.h does for a wg_config_t: member by member. */
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
#undef memset
#undef memcpy
#define memset(config, zero, size) clear_config(config, size)
#define memcpy(to, from, size) copy_config(to, from, size)
#endif
#include "../../src/scope.c"

enum { LOANS = 2 };

/* A thread that was asked for.  One of the threads below comes with it, or finish() does when the scope is gone. */
static struct loan {
    void (*run)(void *arg);
    void *arg;
    _Atomic uint32_t asked;
    bool came;
} loans[LOANS];
static _Atomic uint32_t lent;
static uint32_t refused_from; /* these are not lent */
static wg_scope_storage_t memory;
static wg_scope_t *scope;
static wg_task_t tasks[2];
static int data[2];

static int lend(void *unused, void (*run_it)(void *arg), void *arg)
{
    (void)unused;
    const uint32_t n = atomic_fetch_add_explicit(&lent, 1, memory_order_relaxed);
    if (n >= refused_from)
        return EAGAIN;
    assert(n < LOANS);
    loans[n].run = run_it;
    loans[n].arg = arg;
    atomic_store_explicit(&loans[n].asked, 1, memory_order_release);
    return 0;
}

/* It looks once: whoever has not been asked by then does not come. */
static void come_once(int n)
{
    if (atomic_load_explicit(&loans[n].asked, memory_order_acquire) == 0)
        return;
    loans[n].came = true;
    loans[n].run(loans[n].arg);
}

static void first(void)
{
    come_once(0);
}

static void second(void)
{
    come_once(1);
}

static void make_scope(unsigned threads, uint32_t refused)
{
    for (int n = 0; n < LOANS; n++) {
        atomic_init(&loans[n].asked, 0);
        loans[n].came = false;
        data[n] = 0;
    }
    atomic_init(&lent, 0);
    refused_from = refused;
    wg_scope_config_t config;
    config.size = sizeof config;
    config.threads = threads;
    config.queue = 0;
    config.lend = lend;
    config.self = NULL;
    scope = wg_scope_init(&memory, &config);
    assert(scope != NULL);
}

static void setup(void)
{
    make_scope(2, LOANS);
}

static void setup_three(void)
{
    make_scope(3, LOANS);
}

static void setup_refused_second(void)
{
    make_scope(3, 1);
}

static void finish(void)
{
    wg_scope_destroy(scope);
    for (int n = 0; n < LOANS; n++)
        if (!loans[n].came)
            come_once(n);
}

static int write_to(void *place)
{
    ++*(int *)place;
    return 0;
}

static void go(int n, int (*fn)(void *arg))
{
    tasks[n].fn = fn;
    tasks[n].arg = &data[n];
    wg_scope_go_task(scope, &tasks[n]);
}

static int wait_for_scope(void)
{
    return wg_scope_wait(scope);
}

static void owner(void)
{
    go(0, write_to);
    const int error = wait_for_scope();
    assert(error == 0 && data[0] == 1);
}

static void owner_of_two(void)
{
    go(0, write_to);
    go(1, write_to);
    const int error = wait_for_scope();
    assert(error == 0 && data[0] == 1 && data[1] == 1);
}

static int write_and_add(void *place)
{
    write_to(place);
    go(1, write_to);
    return 0;
}

static void owner_of_subtask(void)
{
    go(0, write_and_add);
    const int error = wait_for_scope();
    assert(error == 0 && data[0] == 1 && data[1] == 1);
}

static void owner_of_two_rounds(void)
{
    go(0, write_to);
    (void)!wait_for_scope();
    assert(data[0] == 1);
    go(0, write_to);
    (void)!wait_for_scope();
    assert(data[0] == 2);
}

static int return_it(void *place)
{
    return *(int *)place;
}

static void owner_of_errors(void)
{
    data[0] = EDOM;
    data[1] = ERANGE;
    go(0, return_it);
    go(1, return_it);
    const int error = wait_for_scope();
    assert(error == EDOM || error == ERANGE);
    assert(!wg_scope_stopped(scope));
}

SCENE(scope, setup, finish, owner, first)
SCENE(scope_two, setup_three, finish, owner_of_two, first, second)
SCENE(scope_subtask, setup, finish, owner_of_subtask, first, second)
SCENE(scope_subtask_refused, setup_refused_second, finish, owner_of_subtask, first)
SCENE(scope_again, setup, finish, owner_of_two_rounds, first, second)
SCENE(scope_errors, setup, finish, owner_of_errors, first)
SCENES(play_scope, play_scope_two, play_scope_subtask, play_scope_subtask_refused, play_scope_again, play_scope_errors)
