/* SPDX-License-Identifier: 0BSD */
/* test_scope_system.c: scopes and signals, cancellation, fork, the ends of threads, and the number of processors. */
#include "wg/scope.h"

#include "death.h"
#include "processors.h"
#include "suite.h"
#include "tasks.h"
#include "threads.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static int refuse(void *self, void (*run)(void *arg), void *arg)
{
    (void)self, (void)run, (void)arg;
    return EAGAIN;
}

/* Makes a scope with this lender; NULL: the default one. */
static wg_scope_t *make(wg_scope_storage_t *storage, unsigned threads,
                        int (*lend)(void *self, void (*run)(void *arg), void *arg))
{
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.threads = threads;
    config.lend = lend;
    wg_scope_t *const scope = wg_scope_init(storage, &config);
    REQUIRE(scope != NULL);
    return scope;
}

static wg_scope_t *to_stop;

static void stop_it(int signal)
{
    (void)signal;
    wg_scope_stop(to_stop, EINTR);
}

static int until_stopped(void *scope)
{
    UNTIL(wg_scope_stopped(scope));
    return 0;
}

static void a_signal_handler_may_stop_a_scope(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    to_stop = make(&storage, 2, NULL);
    struct sigaction before;
    assert_int_equal(sigaction(SIGALRM, &(struct sigaction){ .sa_handler = stop_it }, &before), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(wg_scope_go(to_stop, until_stopped, to_stop), 0);
    alarm(1);
    assert_int_equal(wg_scope_wait(to_stop), EINTR);
    sigaction(SIGALRM, &before, NULL);
    wg_scope_destroy(to_stop);
}

/* A cancellation is pending all the time. */
static int is_off(void *off)
{
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    *(int *)off = state == PTHREAD_CANCEL_DISABLE;
    pthread_setcancelstate(state, &state);
    pthread_testcancel();
    return 0;
}

static void (*run_lent)(void *arg);
static void *arg_lent;

static int keep(void *self, void (*run)(void *arg), void *arg)
{
    (void)self;
    run_lent = run;
    arg_lent = arg;
    return 0;
}

static void come(void *unused)
{
    (void)unused;
    run_lent(arg_lent);
}

static void wait_while_cancelled(void *unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 2, keep);
    static int off[2];
    REQUIRE(pthread_cancel(pthread_self()) == 0);
    REQUIRE(wg_scope_go(scope, is_off, &off[0]) == 0);
    run_lent(arg_lent); /* as a thread that is lent */
    REQUIRE(wg_scope_go(scope, is_off, &off[1]) == 0);
    REQUIRE(wg_scope_wait(scope) == 0);
    REQUIRE(off[0] && off[1]);
    wg_scope_destroy(scope);
    run_lent(arg_lent); /* this thread comes late: it was called off */
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    REQUIRE(state == PTHREAD_CANCEL_ENABLE); /* as it was before */
    atomic_store(&ran, 4711);
    pthread_setcancelstate(state, &state);
    pthread_testcancel();
    atomic_store(&ran, 0); /* not reached */
}

static void cancellation_is_off_while_tasks_run_and_comes_after(void **unused)
{
    (void)unused;
    thread_t thread;
    thread_start(&thread, wait_while_cancelled, NULL);
    assert_ptr_equal(thread_join(&thread), PTHREAD_CANCELED);
    assert_int_equal(atomic_load(&ran), 4711);
}

static void scope_of_a_child(void *unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    atomic_store(&ran, 0);
    for (int with_threads = 0; with_threads <= !SUITE_TSAN; with_threads++) { /* TSan: a child starts no threads */
        wg_scope_t *const scope = make(&storage, 3, with_threads ? NULL : refuse);
        for (int i = 0; i < 10; i++)
            REQUIRE(wg_scope_go(scope, count, NULL) == 0);
        REQUIRE(wg_scope_wait(scope) == 0);
        wg_scope_destroy(scope);
    }
    REQUIRE(atomic_load(&ran) == (SUITE_TSAN ? 10 : 20));
}

static void a_child_may_make_scopes(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 3, keep);
    pair_t pair = { false, false };
    assert_int_equal(wg_scope_go(scope, stop_until_told, &pair), 0);
    thread_t lent;
    thread_start(&lent, come, NULL);
    UNTIL(atomic_load(&pair.stopped)); /* another thread is inside a scope */
    assert_survives(scope_of_a_child, NULL);
    atomic_store(&pair.go_on, true);
    assert_int_equal(wg_scope_wait(scope), 0);
    thread_join(&lent);
    wg_scope_destroy(scope);
}

/* exit() does not wait for the tasks: the library has no exit handler and no destructor. */
static void exit_while_a_task_runs(void *scope)
{
    static pair_t pair;
    REQUIRE(wg_scope_go(scope, stop_until_told, &pair) == 0);
    UNTIL(atomic_load(&pair.stopped));
    exit(0);
}

static void a_process_may_end_while_tasks_run(void **unused)
{
    (void)unused;
    if (SUITE_TSAN)
        skip(); /* no new threads in a child */
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 2, NULL);
    assert_survives(exit_while_a_task_runs, scope);
    wg_scope_destroy(scope);
}

static int exit_thread(void *unused)
{
    (void)unused;
    pthread_exit(NULL);
}

static void end_the_waiting_thread(void *scope)
{
    REQUIRE(wg_scope_go(scope, exit_thread, NULL) == 0);
    (void)!wg_scope_wait(scope);
}

static void end_a_lent_thread(void *scope)
{
    REQUIRE(wg_scope_go(scope, exit_thread, NULL) == 0);
    for (;;)
        pause();
}

static void wait_again(void *scope)
{
    (void)!wg_scope_wait(scope);
}

static int wait_for_own_scope(void *scope)
{
    return wg_scope_wait(scope);
}

static void wait_in_a_task(void *scope)
{
    REQUIRE(wg_scope_go(scope, wait_for_own_scope, scope) == 0);
    (void)!wg_scope_wait(scope);
}

static void wait_twice(void *scope)
{
    static pair_t pair;
    thread_t other;
    REQUIRE(wg_scope_go(scope, stop_until_told, &pair) == 0);
    thread_start(&other, wait_again, scope);
    UNTIL(atomic_load(&pair.stopped));
    (void)!wg_scope_wait(scope);
}

static void destroy_with_a_queued_task(void *scope)
{
    REQUIRE(wg_scope_go(scope, count, NULL) == 0);
    wg_scope_destroy(scope);
}

static void destroy_with_a_running_task(void *scope)
{
    static pair_t pair;
    REQUIRE(wg_scope_go(scope, stop_until_told, &pair) == 0);
    UNTIL(atomic_load(&pair.stopped));
    wg_scope_destroy(scope);
}

static void the_ends_of_threads_and_the_words_of_misuse(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    const wg_t *const shown = (const wg_t *)(const void *)&storage;
    wg_scope_t *const scope = make(&storage, 1, NULL);
    assert_aborts(end_the_waiting_thread, scope, misuse_line(shown, "task of a scope ended its thread", 0, 1, 0));
    assert_aborts(wait_in_a_task, scope, misuse_line(shown, "scope is waited for already", 0, 1, 0));
    assert_aborts(wait_twice, scope, misuse_line(shown, "scope is waited for already", 0, 1, 0));
    assert_aborts(destroy_with_a_queued_task, scope, misuse_line(shown, "destroyed while in use", 0, 0, 0));
    wg_scope_destroy(scope);
}

static void the_ends_of_lent_threads_and_their_misuses(void **unused)
{
    (void)unused;
    if (SUITE_TSAN)
        skip(); /* no new threads in a child */
    wg_scope_storage_t storage;
    const wg_t *const shown = (const wg_t *)(const void *)&storage;
    wg_scope_t *const scope = make(&storage, 2, NULL);
    assert_aborts(end_a_lent_thread, scope, misuse_line(shown, "task of a scope ended its thread", 1, 0, 0));
    assert_aborts(destroy_with_a_running_task, scope, misuse_line(shown, "destroyed while in use", 1, 0, 0));
    wg_scope_destroy(scope);
}

static void the_processors_are_those_of_the_mask(void **unused)
{
    (void)unused;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_int_equal(wgi_processors(), CPU_COUNT(&before));
    int cpu = 0;
    while (!CPU_ISSET(cpu, &before))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(wgi_processors(), 1);
    wg_scope_storage_t storage;
    wg_scope_t *const scope = make(&storage, 0, keep);
    run_lent = NULL;
    assert_int_equal(wg_scope_go(scope, count, NULL), 0);
    assert_null(run_lent); /* one processor: the wait runs all */
    assert_int_equal(wg_scope_wait(scope), 0);
    wg_scope_destroy(scope);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_handler_may_stop_a_scope),
        cmocka_unit_test(cancellation_is_off_while_tasks_run_and_comes_after),
        cmocka_unit_test(a_child_may_make_scopes),
        cmocka_unit_test(a_process_may_end_while_tasks_run),
        cmocka_unit_test(the_ends_of_threads_and_the_words_of_misuse),
        cmocka_unit_test(the_ends_of_lent_threads_and_their_misuses),
        cmocka_unit_test(the_processors_are_those_of_the_mask),
    };
    return cmocka_run_group_tests_name("scope_system", tests, NULL, NULL);
}
