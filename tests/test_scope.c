/* SPDX-License-Identifier: 0BSD */
/* test_scope.c: scopes: what each call does, with any lender of threads, and what the wait returns. */
#include "wg/scope.h"

#include "suite.h"
#include "tasks.h"
#include "threads.h"

#include <errno.h>
#include <string.h>

/*
 * Lenders.
 */

/* A lender that keeps each request.  The test calls the request at a moment of its choice, or never. */
enum { BENCH = 256 };

typedef struct bench {
    void (*run[BENCH])(void *arg);
    void *arg[BENCH];
    atomic_uint asked, called;
    int error; /* what the lender returns; if not 0, it keeps nothing */
} bench_t;

static int keep(void *self, void (*run)(void *arg), void *arg)
{
    bench_t *const bench = self;
    const unsigned n = atomic_load(&bench->asked);
    REQUIRE(n < BENCH);
    bench->run[n] = run;
    bench->arg[n] = arg;
    atomic_store(&bench->asked, n + 1);
    return bench->error;
}

/* Calls the next request, so the calling thread is the one that comes. */
static void come(void *self)
{
    bench_t *const bench = self;
    const unsigned n = atomic_fetch_add(&bench->called, 1);
    REQUIRE(n < atomic_load(&bench->asked));
    bench->run[n](bench->arg[n]);
}

static void all_come(bench_t *bench)
{
    while (atomic_load(&bench->called) < atomic_load(&bench->asked))
        come(bench);
}

static wg_scope_t *make(wg_scope_storage_t *storage, unsigned threads, unsigned queue, bench_t *bench)
{
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.threads = threads;
    config.queue = queue;
    if (bench != NULL) {
        config.lend = keep;
        config.self = bench;
    }
    wg_scope_t *const scope = wg_scope_init(storage, &config);
    REQUIRE(scope != NULL);
    return scope;
}

/*
 * Tasks.
 */
static int fail_with(void *error)
{
    return *(int *)error;
}

static int order[8];
static unsigned ordered;

static int note(void *number)
{
    order[ordered++] = *(int *)number;
    return 0;
}

/*
 * Making a scope.
 */

static void a_config_is_read_as_that_of_a_group(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage[2];
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    assert_int_equal(config.size, sizeof config);
    struct {
        wg_scope_config_t known;
        unsigned char later[8];
    } larger = { WG_SCOPE_CONFIG_INIT, { 0 } };

    const size_t refused[] = { 0, sizeof config - 1, 4097, SIZE_MAX };
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        config.size = refused[i];
        errno = 0;
        assert_null(wg_scope_init(storage, &config));
        assert_int_equal(errno, EINVAL);
    }
    larger.known.size = sizeof larger;
    wg_scope_t *scope = wg_scope_init(storage, &larger.known);
    assert_non_null(scope);
    wg_scope_destroy(scope);
    larger.later[7] = 1;
    assert_null(wg_scope_init(storage, &larger.known));
    assert_int_equal(errno, EINVAL);

    errno = 0;
    assert_null(wg_scope_init((wg_scope_storage_t *)(void *)(storage[0].bytes + 4), NULL));
    assert_int_equal(errno, EINVAL);
    wg_scope_destroy(NULL);
}

static void a_scope_is_made_in_any_memory_and_may_be_empty(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    for (int byte = 0; byte < 256; byte += 51) {
        memset(&storage, byte, sizeof storage);
        wg_scope_t *const scope = wg_scope_init(&storage, NULL);
        assert_ptr_equal(scope, &storage);
        assert_false(wg_scope_stopped(scope));
        assert_int_equal(wg_scope_wait(scope), 0);
        assert_int_equal(wg_scope_wait(scope), 0);
        wg_scope_destroy(scope);
    }
}

/*
 * Threads.
 */

static void without_a_thread_the_wait_runs_all_in_order(void **unused)
{
    (void)unused;
    static int numbers[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    bench_t bench = { .error = EAGAIN };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 4, 0, &bench);
    ordered = 0;
    for (int i = 0; i < 8; i++)
        assert_int_equal(wg_scope_go(scope, note, &numbers[i]), 0);
    assert_int_equal(ordered, 0); /* wg_scope_go() itself runs no task */
    assert_int_equal(wg_scope_wait(scope), 0);
    assert_int_equal(ordered, 8);
    assert_memory_equal(order, numbers, sizeof order);
    assert_int_equal(bench.asked, 1); /* after a refusal the scope does not ask again */
    wg_scope_destroy(scope);
}

static void a_thread_that_never_comes_is_called_off(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    for (int round = 0; round < 20; round++) {
        wg_scope_storage_t storage;
        wg_scope_t *const scope = make(&storage, 4, 0, &bench);
        atomic_store(&ran, 0);
        for (int i = 0; i < 8; i++)
            assert_int_equal(wg_scope_go(scope, count, NULL), 0);
        assert_int_equal(atomic_load(&bench.asked), round + 1); /* the scope asks for one thread at a time */
        assert_int_equal(wg_scope_wait(scope), 0);
        assert_int_equal(atomic_load(&ran), 8);
        wg_scope_destroy(scope);
        memset(&storage, 0xee, sizeof storage); /* a late thread must not read it */
    }
    all_come(&bench);
    assert_int_equal(atomic_load(&ran), 8);
}

static void a_lent_thread_runs_what_is_queued_and_asks_for_one_more(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 4, 0, &bench);
    atomic_store(&ran, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    come(&bench);
    assert_int_equal(atomic_load(&ran), 3);
    assert_int_equal(bench.asked, 2); /* the first thread asked, since more tasks were queued */
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_int_equal(bench.asked, 2); /* a thread that was asked for has yet to come */
    come(&bench);
    assert_int_equal(atomic_load(&ran), 4);
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_int_equal(bench.asked, 3);
    come(&bench);
    assert_int_equal(wg_scope_wait(scope), 0);
    assert_int_equal(atomic_load(&ran), 5);
    wg_scope_destroy(scope);
}

static void when_a_lent_thread_has_left_a_refused_one_is_asked_for_again(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 4, 0, &bench);
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    bench.error = EAGAIN; /* refuses the thread that the first one asks for */
    come(&bench);
    assert_int_equal(bench.asked, 2);
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_int_equal(bench.asked, 3); /* the first one has left, so the scope asks again */
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_int_equal(bench.asked, 3);
    assert_int_equal(wg_scope_wait(scope), 0);
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_int_equal(bench.asked, 4); /* after a wait the scope asks again */
    assert_int_equal(wg_scope_wait(scope), 0);
    wg_scope_destroy(scope);
}

static void with_one_thread_none_is_asked_for(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 1, 0, &bench);
    atomic_store(&ran, 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_int_equal(wg_scope_wait(scope), 0);
    assert_int_equal(atomic_load(&ran), 8);
    assert_int_equal(bench.asked, 0);
    wg_scope_destroy(scope);
}

/* Counts how many tasks run at once: each task stays until 'wanted' tasks run. */
typedef struct crowd {
    atomic_uint now, most;
    unsigned wanted;
    atomic_bool over;
} crowd_t;

static int stay(void *given)
{
    crowd_t *const crowd = given;
    const unsigned now = atomic_fetch_add(&crowd->now, 1) + 1;
    for (unsigned most = atomic_load(&crowd->most);
         most < now && !atomic_compare_exchange_weak(&crowd->most, &most, now);)
        ;
    if (now >= crowd->wanted)
        atomic_store(&crowd->over, true);
    UNTIL(atomic_load(&crowd->over));
    atomic_fetch_sub(&crowd->now, 1);
    return 0;
}

static void as_many_as_threads_says_run_at_once_with_the_one_that_waits(void **unused)
{
    (void)unused;
    for (unsigned threads = 2; threads <= 5; threads++) {
        wg_scope_storage_t storage;
        wg_scope_t *const scope = make(&storage, threads, 0, NULL);
        crowd_t crowd = { .wanted = threads };
        for (int i = 0; i < 20; i++)
            assert_int_equal(wg_scope_go(scope, stay, &crowd), 0);
        /* One fewer, until this thread waits. */
        UNTIL(atomic_load(&crowd.now) == threads - 1);
        for (int i = 0; i < 1000; i++)
            sched_yield();
        assert_int_equal(atomic_load(&crowd.now), threads - 1);
        assert_int_equal(wg_scope_wait(scope), 0);
        assert_int_equal(atomic_load(&crowd.most), threads);
        wg_scope_destroy(scope);
    }
}

/* The body of a thread of the test, which comes when the scope has asked for one. */
static void come_when_asked(void *self)
{
    bench_t *const bench = self;
    UNTIL(atomic_load(&bench->asked) > atomic_load(&bench->called));
    come(bench);
}

static void wait_for(void *scope)
{
    REQUIRE(wg_scope_wait(scope) == 0);
}

/* A thread that sleeps in the wait gives its place to another thread. */
typedef struct late {
    wg_scope_t *scope;
    thread_t waiter;
    atomic_bool begun;
    crowd_t crowd;
} late_t;

static int add_two_when_the_waiter_sleeps(void *given)
{
    late_t *const late = given;
    atomic_store(&late->begun, true);
    UNTIL(wg_waiters((const wg_t *)late->scope) == 1); /* a scope begins with its group */
    for (int i = 0; i < 2; i++)
        REQUIRE(wg_scope_go(late->scope, stay, &late->crowd) == 0);
    return 0;
}

static void a_waiter_that_sleeps_gives_its_place_away(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    late_t late = { .scope = make(&storage, 2, 0, &bench), .crowd = { .wanted = 2 } };
    assert_int_equal(wg_scope_go(late.scope, add_two_when_the_waiter_sleeps, &late), 0);
    thread_t lent;
    thread_start(&lent, come_when_asked, &bench);
    UNTIL(atomic_load(&late.begun));
    thread_start(&late.waiter, wait_for, late.scope);
    come_when_asked(&bench);
    thread_join(&late.waiter);
    thread_join(&lent);
    assert_int_equal(atomic_load(&late.crowd.most), 2);
    wg_scope_destroy(late.scope);
}

/* The same, but the thread that the task asks for never comes: the last lent thread calls that one off. */
static int add_one_when_the_waiter_sleeps(void *given)
{
    late_t *const late = given;
    atomic_store(&late->begun, true);
    UNTIL(wg_waiters((const wg_t *)late->scope) == 1);
    REQUIRE(wg_scope_go(late->scope, count, NULL) == 0);
    return 0;
}

static void the_last_lent_thread_calls_off_whom_it_asked_for(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    late_t late = { .scope = make(&storage, 2, 0, &bench) };
    atomic_store(&ran, 0);
    assert_int_equal(wg_scope_go(late.scope, add_one_when_the_waiter_sleeps, &late), 0);
    thread_t lent;
    thread_start(&lent, come_when_asked, &bench);
    UNTIL(atomic_load(&late.begun));
    thread_start(&late.waiter, wait_for, late.scope);
    thread_join(&late.waiter);
    thread_join(&lent);
    assert_int_equal(atomic_load(&ran), 1);
    assert_int_equal(bench.asked, 2);
    wg_scope_destroy(late.scope);
    all_come(&bench);
}

static void a_task_that_stops_holds_up_no_other_task(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 3, 0, &bench);
    pair_t pair = { false, false };
    atomic_store(&ran, 0);
    assert_int_equal(wg_scope_go(scope, stop_until_told, &pair), 0);
    thread_t lent, waiter;
    thread_start(&lent, come_when_asked, &bench);
    UNTIL(atomic_load(&pair.stopped));
    for (int i = 0; i < 10; i++)
        assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    thread_start(&waiter, wait_for, scope);
    UNTIL(atomic_load(&ran) == 10);
    UNTIL(wg_waiters((const wg_t *)(const void *)&storage) == 1);
    atomic_store(&pair.go_on, true);
    thread_join(&waiter);
    thread_join(&lent);
    wg_scope_destroy(scope);
    all_come(&bench);
}

/*
 * The queue, nodes, errors, stop.
 */

static void a_full_queue_refuses_and_runs_nothing(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 4, 3, &bench);
    atomic_store(&ran, 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++)
            assert_int_equal(wg_scope_go(scope, count, NULL), 0);
        errno = 4711;
        assert_int_equal(wg_scope_go(scope, count, NULL), EAGAIN);
        assert_int_equal(errno, 4711);
        wg_task_t node = { .fn = count };
        wg_scope_go_task(scope, &node); /* the bound does not refuse it, but it counts for the bound */
        assert_int_equal(wg_scope_go(scope, count, NULL), EAGAIN);
        if (round == 0)
            come(&bench);
        else
            assert_int_equal(wg_scope_wait(scope), 0);
    }
    assert_int_equal(atomic_load(&ran), 8);
    wg_scope_destroy(scope);
    all_come(&bench);
}

typedef struct chain {
    wg_task_t task;
    wg_scope_t *scope;
    int left;
} chain_t;

static int add_itself(void *given)
{
    chain_t *const chain = given;
    memset(&chain->task, 0xee, sizeof chain->task); /* it belongs to the caller again */
    atomic_fetch_add(&ran, 1);
    if (--chain->left == 0) {
        free(chain);
        return 0;
    }
    chain->task.fn = add_itself;
    chain->task.arg = chain;
    wg_scope_go_task(chain->scope, &chain->task);
    return 0;
}

static void a_node_is_the_callers_when_its_task_has_begun(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 3, 0, NULL);
    atomic_store(&ran, 0);
    for (int i = 0; i < 10; i++) {
        chain_t *const chain = malloc(sizeof *chain);
        assert_non_null(chain);
        *chain = (chain_t){ { .fn = add_itself, .arg = chain }, scope, 20 };
        wg_scope_go_task(scope, &chain->task);
    }
    assert_int_equal(wg_scope_wait(scope), 0);
    assert_int_equal(atomic_load(&ran), 200);
    wg_scope_destroy(scope);
}

static void the_first_error_is_kept_and_all_tasks_run(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 1, 0, &bench);
    int errors[] = { 0, EDOM, ERANGE };
    for (int round = 0; round < 2; round++) {
        atomic_store(&ran, 0);
        assert_int_equal(wg_scope_go(scope, count, NULL), 0);
        for (int i = 0; i < 3; i++)
            assert_int_equal(wg_scope_go(scope, fail_with, &errors[i]), 0);
        assert_int_equal(wg_scope_go(scope, count, NULL), 0);
        assert_int_equal(wg_scope_wait(scope), EDOM);
        assert_int_equal(atomic_load(&ran), 2);
        assert_false(wg_scope_stopped(scope)); /* the wait has reset it */
        assert_int_equal(wg_scope_wait(scope), 0);
    }
    wg_scope_destroy(scope);
}

/* A handler may stop a scope while the thread that it interrupts holds the lock. */
static atomic_uint locked;
void __wrap_wgi_lock(void *lock);
void __real_wgi_lock(void *lock);

void __wrap_wgi_lock(void *lock)
{
    atomic_fetch_add(&locked, 1);
    __real_wgi_lock(lock);
}

static void a_stop_takes_no_lock(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope = wg_scope_init(&storage, NULL);
    const unsigned before = atomic_load(&locked);
    wg_scope_stop(scope, 5);
    assert_true(wg_scope_stopped(scope));
    assert_int_equal(atomic_load(&locked), before);
    assert_int_equal(wg_scope_wait(scope), 5);
    assert_true(atomic_load(&locked) > before); /* so the count does see the lock */
    wg_scope_destroy(scope);
}

static void a_stop_without_an_error_leaves_room_for_one(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 1, 0, NULL);
    wg_scope_stop(scope, 0);
    assert_true(wg_scope_stopped(scope));
    wg_scope_stop(scope, -7);
    wg_scope_stop(scope, 8);
    assert_true(wg_scope_stopped(scope));
    atomic_store(&ran, 0);
    assert_int_equal(wg_scope_go(scope, count, NULL), 0); /* it is accepted, so it must run */
    assert_int_equal(wg_scope_wait(scope), -7);
    assert_int_equal(atomic_load(&ran), 1);
    assert_false(wg_scope_stopped(scope));
    wg_scope_stop(scope, 0);
    assert_int_equal(wg_scope_wait(scope), 0);
    wg_scope_destroy(scope);
}

/*
 * Nesting.
 */
typedef struct fib {
    int n;
    long result;
    bench_t *bench;
} fib_t;

static int fibonacci(void *given)
{
    fib_t *const f = given;
    if (f->n < 2) {
        f->result = f->n;
        return 0;
    }
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 3, 0, f->bench);
    fib_t one = { f->n - 1, 0, f->bench }, two = { f->n - 2, 0, f->bench };
    wg_task_t task = { .fn = fibonacci, .arg = &one };
    wg_scope_go_task(scope, &task);
    REQUIRE(fibonacci(&two) == 0);
    const int error = wg_scope_wait(scope);
    wg_scope_destroy(scope);
    f->result = one.result + two.result;
    return error;
}

static void nested_scopes_end_with_threads_and_without(void **unused)
{
    (void)unused;
    fib_t f = { 12, 0, NULL };
    assert_int_equal(fibonacci(&f), 0);
    assert_int_equal(f.result, 144);
    bench_t none = { .error = EAGAIN };
    fib_t g = { 10, 0, &none }; /* 88 scopes */
    assert_int_equal(fibonacci(&g), 0);
    assert_int_equal(g.result, 55);
}

static atomic_bool pool_ends;

static void pool_of_one(void *given)
{
    bench_t *const bench = given;
    while (!atomic_load(&pool_ends))
        if (atomic_load(&bench->called) < atomic_load(&bench->asked))
            come(bench);
        else
            sched_yield();
    all_come(bench);
}

/* Keeps a request under a lock: several scopes ask at the same time. */
static pthread_mutex_t one_asks = PTHREAD_MUTEX_INITIALIZER;

static int keep_locked(void *self, void (*run)(void *arg), void *arg)
{
    pthread_mutex_lock(&one_asks);
    const int error = keep(self, run, arg);
    pthread_mutex_unlock(&one_asks);
    return error;
}

/* The tasks of nested scopes: each waits for a scope below it, and all threads come from a pool of one thread. */
typedef struct nest {
    int depth;
    bench_t *bench;
} nest_t;

static int nest(void *given)
{
    const nest_t *const here = given;
    atomic_fetch_add(&ran, 1);
    if (here->depth == 0)
        return 0;
    wg_scope_storage_t storage;
    wg_scope_config_t config = { sizeof config, 2, 0, keep_locked, here->bench };
    wg_scope_t *const scope = wg_scope_init(&storage, &config);
    REQUIRE(scope != NULL);
    nest_t below = { here->depth - 1, here->bench };
    for (int i = 0; i < 2; i++)
        REQUIRE(wg_scope_go(scope, nest, &below) == 0);
    const int error = wg_scope_wait(scope);
    wg_scope_destroy(scope);
    return error;
}

static void nested_scopes_end_with_a_pool_of_one_thread(void **unused)
{
    (void)unused;
    for (int round = 0; round < 50; round++) {
        bench_t bench = { .error = 0 };
        nest_t top = { 5, &bench };
        thread_t pool;
        atomic_store(&ran, 0);
        atomic_store(&pool_ends, false);
        thread_start(&pool, pool_of_one, &bench);
        assert_int_equal(nest(&top), 0);
        assert_int_equal(atomic_load(&ran), 63);
        atomic_store(&pool_ends, true);
        thread_join(&pool);
    }
}

/* A task of a scope below adds to the scope above. */
typedef struct above {
    wg_scope_t *scope;
} above_t;

static int add_above(void *above)
{
    return wg_scope_go(((above_t *)above)->scope, count, NULL);
}

static int add_above_from_below(void *above)
{
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 2, 0, NULL);
    for (int i = 0; i < 4; i++)
        REQUIRE(wg_scope_go(scope, add_above, above) == 0);
    const int error = wg_scope_wait(scope);
    wg_scope_destroy(scope);
    return error;
}

static void a_task_below_adds_to_the_scope_above(void **unused)
{
    (void)unused;
    for (int round = 0; round < 50; round++) {
        wg_scope_storage_t storage;
        above_t above = { make(&storage, 3, 0, NULL) };
        atomic_store(&ran, 0);
        for (int i = 0; i < 4; i++)
            assert_int_equal(wg_scope_go(above.scope, add_above_from_below, &above), 0);
        assert_int_equal(wg_scope_wait(above.scope), 0);
        assert_int_equal(atomic_load(&ran), 16);
        wg_scope_destroy(above.scope);
    }
}

/*
 * What the library does not change.
 */

static int change_errno(void *arg)
{
    (void)arg;
    errno = EXDEV;
    return 0;
}

static int lend_and_change_errno(void *self, void (*run)(void *arg), void *arg)
{
    (void)keep(self, run, arg);
    errno = EXDEV;
    return 0;
}

static void errno_is_left_alone(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_config_t config = { sizeof config, 2, 0, lend_and_change_errno, &bench };
    wg_scope_t *const scope = wg_scope_init(&storage, &config);
    assert_non_null(scope);
    for (int before = 0; before < 2; before++) {
        wg_task_t node = { .fn = change_errno };
        errno = before;
        assert_int_equal(wg_scope_go(scope, change_errno, NULL), 0);
        assert_int_equal(errno, before);
        come(&bench);
        assert_int_equal(errno, before);
        wg_scope_go_task(scope, &node);
        assert_int_equal(errno, before);
        assert_int_equal(wg_scope_wait(scope), 0);
        assert_int_equal(errno, before);
        all_come(&bench);
        assert_int_equal(errno, before);
    }
    wg_scope_destroy(scope);
}

/*
 * Misuse.
 */
static jmp_buf back;
static wg_misuse_t told;
static unsigned told_times;
static const void *told_of;

static void leave(const wg_t *wg, wg_misuse_t misuse, const char *message)
{
    (void)message;
    told_of = wg;
    told = misuse;
    told_times++;
    longjmp(back, 1);
}

/* Asserts that 'call' is reported as 'misuse', and that the scope may then be destroyed without a report. */
#define ASSERT_TOLD(call, scope, misuse) \
    do { \
        wg_panic_fn *const before = wg_set_panic_handler(leave); \
        told_times = 0; \
        if (setjmp(back) == 0) \
            (void)!(call); \
        wg_set_panic_handler(before); \
        assert_int_equal(told_times, 1); \
        assert_int_equal(told, misuse); \
        assert_ptr_equal(told_of, scope); \
        wg_scope_destroy(scope); \
    } while (0)

static int wait_for_own_scope(void *scope)
{
    return wg_scope_wait(scope);
}

static void a_task_that_waits_for_its_own_scope_is_told(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 1, 0, NULL);
    assert_int_equal(wg_scope_go(scope, wait_for_own_scope, scope), 0);
    ASSERT_TOLD(wg_scope_wait(scope), scope, WG_MISUSE_SCOPE_WAIT);
}

static void a_second_wait_is_told(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 1, 0, NULL);
    pair_t pair = { false, false };
    assert_int_equal(wg_scope_go(scope, stop_until_told, &pair), 0);
    thread_t waiter;
    thread_start(&waiter, wait_for, scope);
    UNTIL(atomic_load(&pair.stopped));
    ASSERT_TOLD(wg_scope_wait(scope), scope, WG_MISUSE_SCOPE_WAIT);
    atomic_store(&pair.go_on, true);
    thread_join(&waiter);
}

static int destroy(wg_scope_t *scope)
{
    wg_scope_destroy(scope);
    return 0;
}

static void destroying_a_scope_with_tasks_or_threads_is_told(void **unused)
{
    (void)unused;
    bench_t bench = { .error = EAGAIN };
    wg_scope_storage_t storage;
    wg_scope_t *scope = make(&storage, 2, 0, &bench);
    wg_task_t node = { .fn = count };
    wg_scope_go_task(scope, &node); /* the task is queued */
    ASSERT_TOLD(destroy(scope), scope, WG_MISUSE_DESTROYED_IN_USE);

    bench.error = 0;
    atomic_store(&bench.asked, 0);
    scope = make(&storage, 2, 0, &bench);
    pair_t pair = { false, false };
    assert_int_equal(wg_scope_go(scope, stop_until_told, &pair), 0);
    thread_t lent;
    thread_start(&lent, come_when_asked, &bench);
    UNTIL(atomic_load(&pair.stopped)); /* the task is running */
    ASSERT_TOLD(destroy(scope), scope, WG_MISUSE_DESTROYED_IN_USE);
    atomic_store(&pair.go_on, true);
    thread_join(&lent);
}

/* Holds a thread that has come before it begins to work. */
int __wrap_wgi_cancel_off(void);
int __real_wgi_cancel_off(void);
static pthread_t whom_to_hold;
static atomic_bool hold, is_held;

int __wrap_wgi_cancel_off(void)
{
    if (atomic_load(&hold) && pthread_equal(pthread_self(), whom_to_hold)) {
        atomic_store(&is_held, true);
        UNTIL(!atomic_load(&hold));
    }
    return __real_wgi_cancel_off();
}

static void come_and_be_held(void *bench)
{
    whom_to_hold = pthread_self();
    atomic_store(&hold, true);
    come(bench);
}

static void an_add_from_outside_while_the_wait_sleeps_is_told(void **unused)
{
    (void)unused;
    bench_t bench = { .error = 0 };
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 2, 0, &bench);
    atomic_store(&ran, 0);
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    thread_t lent, waiter;
    thread_start(&lent, come_and_be_held, &bench);
    UNTIL(atomic_load(&is_held));
    thread_start(&waiter, wait_for, scope);
    UNTIL(wg_waiters((const wg_t *)(const void *)&storage) == 1);
    ASSERT_TOLD(wg_scope_go(scope, count, NULL), scope, WG_MISUSE_ADD_DURING_WAIT); /* without a leak of its node */
    atomic_store(&hold, false);
    thread_join(&waiter);
    thread_join(&lent);
    assert_int_equal(atomic_load(&ran), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_config_is_read_as_that_of_a_group),
        cmocka_unit_test(a_scope_is_made_in_any_memory_and_may_be_empty),
        cmocka_unit_test(without_a_thread_the_wait_runs_all_in_order),
        cmocka_unit_test(a_thread_that_never_comes_is_called_off),
        cmocka_unit_test(a_lent_thread_runs_what_is_queued_and_asks_for_one_more),
        cmocka_unit_test(when_a_lent_thread_has_left_a_refused_one_is_asked_for_again),
        cmocka_unit_test(with_one_thread_none_is_asked_for),
        cmocka_unit_test(as_many_as_threads_says_run_at_once_with_the_one_that_waits),
        cmocka_unit_test(a_waiter_that_sleeps_gives_its_place_away),
        cmocka_unit_test(the_last_lent_thread_calls_off_whom_it_asked_for),
        cmocka_unit_test(a_task_that_stops_holds_up_no_other_task),
        cmocka_unit_test(a_full_queue_refuses_and_runs_nothing),
        cmocka_unit_test(a_node_is_the_callers_when_its_task_has_begun),
        cmocka_unit_test(the_first_error_is_kept_and_all_tasks_run),
        cmocka_unit_test(a_stop_takes_no_lock),
        cmocka_unit_test(a_stop_without_an_error_leaves_room_for_one),
        cmocka_unit_test(nested_scopes_end_with_threads_and_without),
        cmocka_unit_test(nested_scopes_end_with_a_pool_of_one_thread),
        cmocka_unit_test(a_task_below_adds_to_the_scope_above),
        cmocka_unit_test(errno_is_left_alone),
        cmocka_unit_test(a_task_that_waits_for_its_own_scope_is_told),
        cmocka_unit_test(a_second_wait_is_told),
        cmocka_unit_test(destroying_a_scope_with_tasks_or_threads_is_told),
        cmocka_unit_test(an_add_from_outside_while_the_wait_sleeps_is_told),
    };
    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
