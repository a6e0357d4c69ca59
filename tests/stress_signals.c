/* SPDX-License-Identifier: 0BSD */
/* stress_signals.c: signals and cancellations rain on waiters of every kind while groups come and go. */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

#define WAITERS 4

static const wg_sem_ops_t *ops;
static wg_t *wg;
static atomic_uint returned;
static atomic_uint handled;
static int payload;

static void count(int number)
{
    (void)number;
    atomic_fetch_add(&handled, 1);
}

static void wait_somehow(void *arg)
{
    const int how = *(int *)arg;
    errno = EILSEQ;
    if (how % 3 == 0) {
        wg_wait(wg);
    } else if (how % 3 == 1) {
        REQUIRE(wg_wait_for(wg, INT64_MAX) == 0);
    } else {
        int result;
        do {
            const struct timespec deadline = monotonic_in_ns(50000);
            result = wg_wait_until(wg, &deadline);
            REQUIRE(result == 0 || (result == ETIMEDOUT && ns_since(deadline) >= 0));
        } while (result != 0);
    }
    REQUIRE(errno == EILSEQ);
    REQUIRE(payload == 42);
    atomic_fetch_add(&returned, 1);
    UNTIL(atomic_load(&returned) == WAITERS + 1); /* its handle stays good for signals */
}

static void waits_under_a_rain_of_signals_return_when_it_is_time(void **unused)
{
    (void)unused;
    struct sigaction action = { .sa_handler = count };
    static int kinds[WAITERS] = { 0, 1, 2, 3 };
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    while (stress_goes_on(300, 20)) {
        thread_t threads[WAITERS];
        wg = make_over(ops);
        payload = 0;
        atomic_store(&returned, 0);
        wg_add(wg, 1);
        for (int i = 0; i < WAITERS; i++)
            thread_start(&threads[i], wait_somehow, &kinds[i]);
        for (int i = 0; i < 200; i++) {
            assert_int_equal(pthread_kill(threads[i % WAITERS].handle, SIGUSR1), 0);
            if (i % 16 == 0)
                sched_yield();
        }
        assert_int_equal(atomic_load(&returned), 0);
        payload = 42;
        wg_done(wg);
        while (atomic_load(&returned) < WAITERS)
            for (int i = 0; i < WAITERS; i++)
                assert_int_equal(pthread_kill(threads[i].handle, SIGUSR1), 0);
        atomic_fetch_add(&returned, 1);
        for (int i = 0; i < WAITERS; i++)
            thread_join(&threads[i]);
        wg_destroy(wg);
    }
    assert_true(atomic_load(&handled) > 0);
}

/* No wait is a cancellation point: a cancelled waiter returns from its wait, and ends at the next point. */

static void wait_and_end(void *arg)
{
    const int how = *(int *)arg;
    if (how % 2 == 0)
        wg_wait(wg);
    else
        REQUIRE(wg_wait_for(wg, INT64_MAX) == 0);
    REQUIRE(payload == 42);
    atomic_fetch_add(&returned, 1);
    for (;;)
        pthread_testcancel(); /* the cancel is there by now */
}

static void cancelled_waiters_finish_their_wait_first(void **unused)
{
    (void)unused;
    static int kinds[WAITERS] = { 0, 1, 2, 3 };
    for (unsigned round = 0; stress_goes_on(600, 30); round++) {
        thread_t threads[WAITERS];
        wg = make_over(ops);
        payload = 0;
        atomic_store(&returned, 0);
        wg_add(wg, 1);
        for (int i = 0; i < WAITERS; i++)
            thread_start(&threads[i], wait_and_end, &kinds[i]);
        if (round % 2 == 0)
            UNTIL(wg_waiters(wg) == WAITERS);
        else
            for (int i = 0; i < WAITERS; i++)
                UNTIL(atomic_load(&threads[i].tid) != 0);
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(pthread_cancel(threads[i].handle), 0);
        payload = 42;
        wg_done(wg);
        for (int i = 0; i < WAITERS; i++)
            assert_ptr_equal(thread_join(&threads[i]), PTHREAD_CANCELED);
        assert_int_equal(atomic_load(&returned), WAITERS);
        assert_int_equal(wg_waiters(wg), 0);
        wg_destroy(wg);
    }
}

/* Tasks of wg_go that are cancelled while they work: each counts as done, once. */

static atomic_int at_work;
static atomic_bool all_cancelled;
static pthread_t workers[WAITERS];

/* It must not end inside pthread_cancel(): its handle dies with it, and musl looks once more. */
static void work_until_cancelled(void *arg)
{
    *(pthread_t *)arg = pthread_self();
    atomic_fetch_add(&at_work, 1);
    UNTIL(atomic_load(&all_cancelled));
    for (;;)
        pthread_testcancel();
}

static void cancelled_tasks_count_as_done_once(void **unused)
{
    (void)unused;
    while (stress_goes_on(600, 30)) {
        wg = make_over(ops);
        atomic_store(&at_work, 0);
        atomic_store(&all_cancelled, false);
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(wg_go(wg, work_until_cancelled, &workers[i]), 0);
        UNTIL(atomic_load(&at_work) == WAITERS);
        assert_int_equal(wg_count(wg), WAITERS);
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(pthread_cancel(workers[i]), 0);
        atomic_store(&all_cancelled, true);
        wg_wait(wg);
        wg_destroy(wg);
    }
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_under_a_rain_of_signals_return_when_it_is_time),
        cmocka_unit_test(cancelled_waiters_finish_their_wait_first),
        cmocka_unit_test(cancelled_tasks_count_as_done_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
