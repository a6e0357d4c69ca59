/* SPDX-License-Identifier: 0BSD */
/* test_signal.c: signals during waits, and the calls that a handler may make: test_signal futex|posix|dispatch|cond. */
#include "backends.h"
#include "death.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

static const wg_sem_ops_t *ops;
static wg_t *wg;
static atomic_uint handled;
static atomic_uint refused;
static wg_storage_t never_initialised;

static void catch_by(void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler }; /* no SA_RESTART */
    REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
}

/* The functions that the manual calls async-signal-safe, in balance.  The gate has a handler of its own below. */
static void play_with_the_group(int number)
{
    const int saved = errno;
    (void)number;
    errno = EILSEQ;
    if (wg_try_add(wg, 2)) {
        wg_add(wg, 3);
        REQUIRE(wg_count(wg) >= 5);
        REQUIRE(!wg_try_wait(wg));
        wg_add(wg, -4);
        wg_done(wg);
    } else {
        atomic_fetch_add(&refused, 1);
    }
    (void)!wg_waiters(wg);
    (void)!wg_is_closed(wg);
    REQUIRE(wg_sem_default() != NULL);
    REQUIRE(wg_attach(&never_initialised) != NULL);
    REQUIRE(errno == EILSEQ);
    atomic_fetch_add(&handled, 1);
    errno = saved;
}

static void only_count(int number)
{
    (void)number;
    atomic_fetch_add(&handled, 1);
}

typedef struct victim {
    thread_t thread;
    atomic_bool stop, returned;
    int64_t timeout_ns;
    int result;
    int error_number;
    struct timespec deadline;
} victim_t;

static void add_and_done_all_the_time(void *arg)
{
    victim_t *const self = arg;
    while (!atomic_load(&self->stop)) {
        wg_add(wg, 1);
        wg_add(wg, 1);
        wg_add(wg, -2);
        (void)!wg_try_wait(wg);
    }
    atomic_store(&self->returned, true);
}

/* Signals the thread until it has handled one more signal. */
static void signal_once(victim_t *victim)
{
    const unsigned before = atomic_load(&handled);
    SIGNAL_UNTIL(&victim->thread, SIGUSR1, atomic_load(&handled) != before || atomic_load(&victim->returned));
}

/* Sends 300 signals to a thread that does 'work'. */
static void interrupt(void (*work)(void *victim), void (*handler)(int))
{
    victim_t victim = { .stop = false };
    wg = make_over(ops);
    catch_by(handler);
    thread_start(&victim.thread, work, &victim);
    UNTIL(atomic_load(&victim.thread.tid) != 0);
    for (int i = 0; i < 300; i++)
        signal_once(&victim);
    atomic_store(&victim.stop, true);
    thread_join(&victim.thread);
    assert_int_equal(wg_count(wg), 0);
    assert_false(wg_is_closed(wg));
    wg_destroy(wg);
}

static void handlers_may_count_in_the_middle_of_counting(void **unused)
{
    (void)unused;
    interrupt(add_and_done_all_the_time, play_with_the_group);
}

static void wait_long(void *arg)
{
    victim_t *const self = arg;
    errno = ENOTTY;
    /* ThreadSanitizer does not know sem_clockwait(), and delivers no signal to a thread that sleeps there. */
    if (SUITE_TSAN && ops == wg_sem_posix() && self->timeout_ns > 1000000000)
        self->result = wg_wait_until(wg, NULL);
    else
        self->result = wg_wait_for(wg, self->timeout_ns);
    self->error_number = errno;
    atomic_store(&self->returned, true);
}

static void handlers_may_count_in_the_middle_of_a_wait(void **unused)
{
    (void)unused;
    victim_t victim = { .timeout_ns = INT64_MAX };
    wg = make_over(ops);
    catch_by(play_with_the_group);
    wg_add(wg, 1);
    thread_start(&victim.thread, wait_long, &victim);
    UNTIL(wg_waiters(wg) == 1);
    until_asleep(&victim.thread);
    for (int i = 0; i < 100; i++)
        signal_once(&victim);
    assert_false(atomic_load(&victim.returned));
    assert_int_equal(wg_waiters(wg), 1);
    wg_done(wg);
    thread_join(&victim.thread);
    assert_int_equal(victim.result, 0);
    assert_int_equal(victim.error_number, ENOTTY);
    wg_destroy(wg);
}

/* The last done comes in a handler that interrupts the wait. */
static void done_in_the_handler(int number)
{
    (void)number;
    wg_done(wg);
    atomic_fetch_add(&handled, 1);
}

static void a_handler_may_let_go_the_wait_that_it_interrupts(void **unused)
{
    (void)unused;
    catch_by(done_in_the_handler);
    if (ops == &cond_sem_ops)
        skip(); /* its release locks a mutex, which no handler may do, as the manual says */
    for (int round = 0; round < 60; round++) {
        victim_t victim = { .timeout_ns = round % 2 != 0 ? INT64_MAX : 3600ll * 1000000000 };
        wg = make_over(ops);
        wg_add(wg, 1);
        thread_start(&victim.thread, wait_long, &victim);
        UNTIL(wg_waiters(wg) == 1);
        until_asleep(&victim.thread);
        assert_int_equal(pthread_kill(victim.thread.handle, SIGUSR1), 0);
        thread_join(&victim.thread);
        assert_int_equal(victim.result, 0);
        wg_destroy(wg);
    }
}

static void a_time_out_is_neither_early_nor_put_off_by_signals(void **unused)
{
    (void)unused;
    catch_by(only_count);
    wg = make_over(ops);
    wg_add(wg, 1);
    for (int round = 0; round < 10; round++) {
        victim_t victim = { .timeout_ns = 3000000 };
        victim.deadline = monotonic_in_ns(victim.timeout_ns);
        thread_start(&victim.thread, wait_long, &victim);
        UNTIL(atomic_load(&victim.thread.tid) != 0);
        while (!atomic_load(&victim.returned)) /* this would not end if each signal put the deadline off */
            signal_once(&victim);
        assert_true(ns_since(victim.deadline) >= 0);
        thread_join(&victim.thread);
        assert_int_equal(victim.result, ETIMEDOUT);
        assert_int_equal(victim.error_number, ENOTTY);
        assert_int_equal(wg_waiters(wg), 0);
    }
    wg_done(wg);
    wg_destroy(wg);
}

static void close_and_reopen_in_the_middle(int number)
{
    (void)number;
    wg_close(wg);
    REQUIRE(!wg_try_add(wg, 1));
    wg_reopen(wg);
    atomic_fetch_add(&handled, 1);
}

static void try_add_all_the_time(void *arg)
{
    victim_t *const self = arg;
    while (!atomic_load(&self->stop))
        if (wg_try_add(wg, 2))
            wg_add(wg, -2);
    atomic_store(&self->returned, true);
}

static void handlers_may_close_and_reopen_in_the_middle_of_try_add(void **unused)
{
    (void)unused;
    interrupt(try_add_all_the_time, close_and_reopen_in_the_middle);
}

/* The reader of standard error has ended, and SIGPIPE has its default action, which ends the process. */
static void misuse_into_a_broken_pipe(void *arg)
{
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    REQUIRE(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    REQUIRE(close(ends[0]) == 0 && close(ends[1]) == 0);
    REQUIRE(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    wg_done(arg);
}

static void a_misuse_aborts_also_if_nobody_reads_standard_error(void **unused)
{
    (void)unused;
    wg = make_over(ops);
    assert_aborts(misuse_into_a_broken_pipe, wg, "");
    wg_destroy(wg);
}

/* The first test of all, so that nothing in the process has waited or been cancelled before. */

static atomic_int first_wait_is_over;

static void wait_with_a_cancel_pending(void *arg)
{
    (void)arg;
    REQUIRE(pthread_cancel(pthread_self()) == 0);
    wg_wait(wg);
    atomic_store(&first_wait_is_over, 1);
    pthread_testcancel();
    atomic_store(&first_wait_is_over, 2);
}

static void the_first_wait_of_a_process_is_no_cancellation_point(void **unused)
{
    (void)unused;
    thread_t thread;
    wg = make_over(ops);
    wg_add(wg, 1);
    thread_start(&thread, wait_with_a_cancel_pending, NULL);
    UNTIL(wg_waiters(wg) == 1);
    until_asleep(&thread);
    wg_done(wg);
    assert_ptr_equal(thread_join(&thread), PTHREAD_CANCELED);
    assert_int_equal(atomic_load(&first_wait_is_over), 1);
    wg_destroy(wg);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_wait_of_a_process_is_no_cancellation_point),
        cmocka_unit_test(handlers_may_count_in_the_middle_of_counting),
        cmocka_unit_test(handlers_may_count_in_the_middle_of_a_wait),
        cmocka_unit_test(a_handler_may_let_go_the_wait_that_it_interrupts),
        cmocka_unit_test(a_time_out_is_neither_early_nor_put_off_by_signals),
        cmocka_unit_test(handlers_may_close_and_reopen_in_the_middle_of_try_add),
        cmocka_unit_test(a_misuse_aborts_also_if_nobody_reads_standard_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
