/* SPDX-License-Identifier: 0BSD */
/* test_drain.c: closing, refusing, draining and opening again: test_drain futex|posix|dispatch|cond. */
#include "backends.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>

static const wg_sem_ops_t *ops;
static wg_t *wg;

static int make(void **unused)
{
    (void)unused;
    wg = make_over(ops);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    wg_destroy(wg);
    return 0;
}

static void an_open_group_counts_in_whatever_number(void **unused)
{
    (void)unused;
    assert_false(wg_is_closed(wg));
    assert_true(wg_try_add(wg, 0));
    assert_int_equal(wg_count(wg), 0);
    assert_true(wg_try_add(wg, 1));
    assert_true(wg_try_add(wg, INT_MAX - 1));
    assert_int_equal(wg_count(wg), INT_MAX);
    wg_add(wg, -INT_MAX);
}

static void a_closed_group_refuses_and_nothing_changes(void **unused)
{
    (void)unused;
    assert_true(wg_try_add(wg, 5));
    for (int again = 0; again < 3; again++) {
        wg_close(wg);
        assert_true(wg_is_closed(wg));
        assert_false(wg_try_add(wg, 0));
        assert_false(wg_try_add(wg, 1));
        assert_false(wg_try_add(wg, UINT32_MAX));
        assert_int_equal(wg_count(wg), 5);
    }
    wg_add(wg, -5);
    assert_true(wg_is_closed(wg));
    assert_false(wg_try_add(wg, 1));
}

static void a_counted_task_may_add_subtasks_to_a_closed_group(void **unused)
{
    (void)unused;
    assert_true(wg_try_add(wg, 1));
    wg_close(wg);
    wg_add(wg, 2);
    assert_int_equal(wg_count(wg), 3);
    wg_add(wg, -2);
    assert_false(wg_try_wait(wg));
    wg_done(wg);
    assert_true(wg_try_wait(wg));
}

static void an_open_group_is_as_new_after_reopen_however_often(void **unused)
{
    (void)unused;
    for (int round = 0; round < 5; round++) {
        wg_close(wg);
        wg_wait(wg);
        for (int again = 0; again < 3; again++)
            wg_reopen(wg);
        assert_false(wg_is_closed(wg));
        assert_true(wg_try_add(wg, 1));
        wg_done(wg);
        wg_add(wg, 1); /* no misuse any more */
        wg_done(wg);
    }
}

static void a_drain_that_takes_too_long_may_be_called_off(void **unused)
{
    (void)unused;
    assert_true(wg_try_add(wg, 1));
    wg_close(wg);
    assert_int_equal(wg_wait_for(wg, 1000000), ETIMEDOUT);
    wg_reopen(wg);
    assert_int_equal(wg_waiters(wg), 0);
    assert_true(wg_try_add(wg, 1));
    assert_int_equal(wg_count(wg), 2);
    wg_add(wg, -2);
    wg_wait(wg);
}

static void drain(void *arg)
{
    (void)arg;
    wg_wait(wg);
}

static void the_waiter_of_a_drain_goes_on_when_the_last_request_is_done(void **unused)
{
    (void)unused;
    thread_t thread;
    assert_true(wg_try_add(wg, 3));
    wg_close(wg);
    thread_start(&thread, drain, NULL);
    UNTIL(wg_waiters(wg) == 1);
    until_asleep(&thread);
    wg_done(wg);
    wg_add(wg, 1);
    wg_add(wg, -2);
    assert_false(wg_try_add(wg, 1));
    assert_int_equal(wg_waiters(wg), 1);
    wg_done(wg);
    thread_join(&thread);
    assert_true(wg_is_closed(wg));
    assert_int_equal(wg_waiters(wg), 0);
}

/* Closes and reopens the group while threads wait: only the counter lets them go. */
static void closing_and_reopening_wake_nobody_and_lose_nobody(void **unused)
{
    (void)unused;
    thread_t threads[3];
    wg_add(wg, 1);
    for (int i = 0; i < 3; i++)
        thread_start(&threads[i], drain, NULL);
    UNTIL(wg_waiters(wg) == 3);
    for (int i = 0; i < 3; i++)
        until_asleep(&threads[i]);
    wg_close(wg);
    wg_reopen(wg);
    wg_close(wg);
    for (int i = 0; i < 3; i++)
        until_asleep(&threads[i]);
    assert_int_equal(wg_waiters(wg), 3);
    wg_done(wg);
    for (int i = 0; i < 3; i++)
        thread_join(&threads[i]);
    assert_true(wg_is_closed(wg));
}

#define OF_A_GROUP(test) cmocka_unit_test_setup_teardown(test, make, end)

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        OF_A_GROUP(an_open_group_counts_in_whatever_number),
        OF_A_GROUP(a_closed_group_refuses_and_nothing_changes),
        OF_A_GROUP(a_counted_task_may_add_subtasks_to_a_closed_group),
        OF_A_GROUP(an_open_group_is_as_new_after_reopen_however_often),
        OF_A_GROUP(a_drain_that_takes_too_long_may_be_called_off),
        OF_A_GROUP(the_waiter_of_a_drain_goes_on_when_the_last_request_is_done),
        OF_A_GROUP(closing_and_reopening_wake_nobody_and_lose_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
