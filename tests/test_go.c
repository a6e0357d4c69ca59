/* SPDX-License-Identifier: 0BSD */
/* test_go.c: the tests of Go's WaitGroup, written for C, and wg_go: test_go futex|posix|dispatch|cond. */
#include "backends.h"
#include "death.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const wg_sem_ops_t *ops;

/* TestWaitGroup. */

#define TASKS 16

typedef struct pair {
    wg_t *first, *second;
    atomic_uint posts;
} pair_t;

static void first_done_then_wait_for_second(void *arg)
{
    pair_t *const pair = arg;
    wg_done(pair->first);
    wg_wait(pair->second);
    atomic_fetch_add(&pair->posts, 1);
}

static void two_groups_hold_back_sixteen_threads_eight_times(void **unused)
{
    (void)unused;
    pair_t pair = { make_over(ops), make_over(ops), 0 };
    for (int round = 0; round < 8; round++) {
        thread_t threads[TASKS];
        atomic_store(&pair.posts, 0);
        wg_add(pair.first, TASKS);
        wg_add(pair.second, TASKS);
        for (int i = 0; i < TASKS; i++)
            thread_start(&threads[i], first_done_then_wait_for_second, &pair);
        wg_wait(pair.first);
        for (int i = 0; i < TASKS; i++) {
            assert_int_equal(atomic_load(&pair.posts), 0);
            wg_done(pair.second);
        }
        for (int i = 0; i < TASKS; i++)
            thread_join(&threads[i]);
        assert_int_equal(atomic_load(&pair.posts), TASKS);
    }
    wg_destroy(pair.first);
    wg_destroy(pair.second);
}

/* TestWaitGroupMisuse. */

static void add_one_done_two(void *arg)
{
    wg_t *const wg = arg;
    wg_add(wg, 1);
    wg_done(wg);
    wg_done(wg);
    _exit(0);
}

static void the_second_done_of_one_task_is_a_negative_counter(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    assert_aborts(add_one_done_two, wg, misuse_line(wg, "negative WaitGroup counter", -1, 0, -1));
    wg_destroy(wg);
}

/* TestWaitGroupRace. */

typedef struct tally {
    wg_t *wg;
    atomic_int n;
} tally_t;

static void count_and_done(void *arg)
{
    tally_t *const tally = arg;
    atomic_fetch_add_explicit(&tally->n, 1, memory_order_relaxed);
    wg_done(tally->wg);
}

static void after_the_wait_both_tasks_are_seen(void **unused)
{
    (void)unused;
    for (int i = 0; i < 1000; i++) {
        wg_storage_t storage;
        tally_t tally = { init_over(&storage, ops), 0 };
        thread_t threads[2];
        for (int t = 0; t < 2; t++) {
            wg_add(tally.wg, 1);
            thread_start(&threads[t], count_and_done, &tally);
        }
        wg_wait(tally.wg);
        assert_int_equal(atomic_load_explicit(&tally.n, memory_order_relaxed), 2);
        for (int t = 0; t < 2; t++)
            thread_join(&threads[t]);
        wg_destroy(tally.wg);
    }
}

/* TestWaitGroupAlign. */

static void just_done(void *arg)
{
    wg_done(arg);
}

static void a_group_after_a_single_byte_works(void **unused)
{
    (void)unused;
    struct {
        char byte;
        wg_storage_t storage;
    } odd;
    wg_t *const wg = init_over(&odd.storage, ops);
    thread_t thread;
    odd.byte = 1;
    wg_add(wg, 1);
    thread_start(&thread, just_done, wg);
    wg_wait(wg);
    thread_join(&thread);
    wg_destroy(wg);
    assert_int_equal(odd.byte, 1);
}

/* TestWaitGroupGo. */

static void increment(void *arg)
{
    ++*(int *)arg;
}

static void what_go_ran_is_visible_after_the_wait(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    for (int round = 0; round < 200; round++) {
        int plain[4] = { 0 }; /* not atomic: a race detector sees whether all is ordered */
        for (int i = 0; i < 4; i++) {
            plain[i] = 41; /* visible to the task */
            assert_int_equal(wg_go(wg, increment, &plain[i]), 0);
        }
        wg_wait(wg);
        for (int i = 0; i < 4; i++)
            assert_int_equal(plain[i], 42);
    }
    wg_destroy(wg);
}

/* TestIssue76126: if a task ends the process, the waiter must not be let go before that. */

static void abort_now(void *arg)
{
    (void)arg;
    abort();
}

static void wait_for_a_task_that_aborts(void *arg)
{
    REQUIRE(wg_go(arg, abort_now, NULL) == 0);
    wg_wait(arg);
    _exit(0);
}

static void a_task_that_aborts_does_not_count_as_done(void **unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++) {
        wg_t *const wg = make_over(ops);
        assert_dies_by(wait_for_a_task_that_aborts, wg, SIGABRT);
        wg_destroy(wg);
    }
}

/* The other ends of a task. */

static void exit_thread(void *arg)
{
    increment(arg);
    pthread_exit(NULL);
}

static void a_task_that_ends_by_pthread_exit_counts_as_done(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    for (int round = 0; round < 100; round++) {
        int plain = 0;
        assert_int_equal(wg_go(wg, exit_thread, &plain), 0);
        wg_wait(wg);
        assert_int_equal(plain, 1);
    }
    wg_destroy(wg);
}

static atomic_bool at_work;
static pthread_t
    me; /* no local variable of its own: gcc 12's AddressSanitizer would find its marks on the stack after the jump */

static void wait_to_be_cancelled(void *arg)
{
    me = pthread_self();
    increment(arg);
    atomic_store(&at_work, true);
    UNTIL(!atomic_load(&at_work));
    for (;;)
        pthread_testcancel();
}

static void a_task_that_is_cancelled_counts_as_done(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    for (int round = 0; round < 100; round++) {
        int plain = 0;
        assert_int_equal(wg_go(wg, wait_to_be_cancelled, &plain), 0);
        UNTIL(atomic_load(&at_work));
        assert_int_equal(wg_count(wg), 1);
        assert_int_equal(pthread_cancel(me), 0);
        /* Now the thread may end.  Its handle dies with it, and musl uses the handle after this call. */
        atomic_store(&at_work, false);
        wg_wait(wg);
        assert_int_equal(plain, 1);
    }
    wg_destroy(wg);
}

typedef struct nest {
    wg_t *wg;
    atomic_int runs;
} nest_t;

static void run_leaf(void *arg)
{
    atomic_fetch_add(&((nest_t *)arg)->runs, 1);
}

static void run_branch(void *arg)
{
    nest_t *const nest = arg;
    for (int i = 0; i < 5; i++)
        REQUIRE(wg_go(nest->wg, run_leaf, nest) == 0);
    run_leaf(arg);
}

static void tasks_may_start_tasks_in_their_own_group(void **unused)
{
    (void)unused;
    nest_t nest = { make_over(ops), 0 };
    for (int round = 0; round < 20; round++) {
        atomic_store(&nest.runs, 0);
        for (int i = 0; i < 5; i++)
            assert_int_equal(wg_go(nest.wg, run_branch, &nest), 0);
        wg_wait(nest.wg);
        assert_int_equal(atomic_load(&nest.runs), 30);
    }
    wg_destroy(nest.wg);
}

/* The new thread. */

static void look_at_the_mask(void *arg)
{
    REQUIRE(pthread_sigmask(SIG_SETMASK, NULL, arg) == 0);
}

static void a_task_inherits_the_signal_mask(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    sigset_t blocked, before, inherited;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
    assert_int_equal(wg_go(wg, look_at_the_mask, &inherited), 0);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    wg_wait(wg);
    assert_int_equal(sigismember(&inherited, SIGUSR2), 1);
    assert_int_equal(sigismember(&inherited, SIGUSR1), 0);
    wg_destroy(wg);
}

/* The address space in use, in pages; 0 if /proc does not say. */
static long pages_in_use(void)
{
    FILE *const file = fopen("/proc/self/statm", "r");
    long pages = 0;
    if (file != NULL) {
        if (fscanf(file, "%ld", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return pages;
}

/* A thread that is neither joined nor detached keeps its stack: 2000 such threads would keep some gigabytes. */
static void tasks_are_detached_so_that_their_stacks_come_back(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    int plain = 0;
    const long before = pages_in_use();
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(wg_go(wg, increment, &plain), 0);
        wg_wait(wg);
    }
    assert_int_equal(plain, 2000);
    assert_true(pages_in_use() - before < 1024l * 1024 * 1024 / 4096);
    wg_destroy(wg);
}

static pthread_key_t key;
static wg_t *observed;
static atomic_int count_seen_by_destructor;

static void see_the_count(void *value)
{
    (void)value;
    atomic_store(&count_seen_by_destructor, 1 + (int)wg_count(observed));
}

static void set_specific(void *arg)
{
    REQUIRE(pthread_setspecific(key, arg) == 0);
}

static void thread_specific_data_is_destroyed_after_the_done(void **unused)
{
    (void)unused;
    observed = make_over(ops);
    assert_int_equal(pthread_key_create(&key, see_the_count), 0);
    atomic_store(&count_seen_by_destructor, 0);
    assert_int_equal(wg_go(observed, set_specific, &key), 0);
    UNTIL(atomic_load(&count_seen_by_destructor) != 0);
    assert_int_equal(atomic_load(&count_seen_by_destructor), 1); /* it saw a count of 0 */
    assert_int_equal(pthread_key_delete(key), 0);
    wg_destroy(observed);
}

static void go_leaves_errno_alone(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    int plain = 0;
    errno = EILSEQ;
    assert_int_equal(wg_go(wg, increment, &plain), 0);
    wg_wait(wg);
    assert_int_equal(errno, EILSEQ);
    wg_destroy(wg);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_groups_hold_back_sixteen_threads_eight_times),
        cmocka_unit_test(the_second_done_of_one_task_is_a_negative_counter),
        cmocka_unit_test(after_the_wait_both_tasks_are_seen),
        cmocka_unit_test(a_group_after_a_single_byte_works),
        cmocka_unit_test(what_go_ran_is_visible_after_the_wait),
        cmocka_unit_test(a_task_that_aborts_does_not_count_as_done),
        cmocka_unit_test(a_task_that_ends_by_pthread_exit_counts_as_done),
        cmocka_unit_test(a_task_that_is_cancelled_counts_as_done),
        cmocka_unit_test(tasks_may_start_tasks_in_their_own_group),
        cmocka_unit_test(a_task_inherits_the_signal_mask),
        cmocka_unit_test(tasks_are_detached_so_that_their_stacks_come_back),
        cmocka_unit_test(thread_specific_data_is_destroyed_after_the_done),
        cmocka_unit_test(go_leaves_errno_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
