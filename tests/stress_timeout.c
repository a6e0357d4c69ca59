/* SPDX-License-Identifier: 0BSD */
/*
 * stress_timeout.c: time-outs that race with the release.
 *
 * If a token is left over, or a waiter does not take its token, the next generation
 * returns early or sleeps for ever.  The races need luck, so there are many rounds, in
 * which the done comes just when the waits time out, a little earlier or later each time.
 */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>

#define WAITERS 4

static const wg_sem_ops_t *ops;

static wg_t *wg;
static atomic_uint round_now, waiting_to_begin, timed_out, let_go;
static atomic_bool stop;
static int payload;
static struct timespec deadline;

static void wait_with_a_deadline(void *arg)
{
    (void)arg;
    for (unsigned round = 1;; round++) {
        UNTIL(atomic_load(&round_now) == round || atomic_load(&stop));
        if (atomic_load(&stop))
            return;
        const int result = wg_wait_until(wg, &deadline);
        if (result == ETIMEDOUT) {
            REQUIRE(ns_since(deadline) >= 0);
            atomic_fetch_add(&timed_out, 1);
        } else {
            REQUIRE(result == 0);
            REQUIRE(payload == (int)round); /* not atomic: the group must make it visible */
            atomic_fetch_add(&let_go, 1);
        }
        atomic_fetch_add(&waiting_to_begin, 1);
    }
}

static void a_time_out_that_meets_the_last_done_leaves_no_token_and_takes_its_own(void **unused)
{
    (void)unused;
    const struct timespec past = { 0, 0 };
    thread_t threads[WAITERS];
    unsigned all_timed_out = 0, all_let_go = 0, mixed = 0;
    int64_t length_ns = 20000;
    wg = make_over(ops);
    atomic_store(&round_now, 0);
    atomic_store(&stop, false);
    for (int i = 0; i < WAITERS; i++)
        thread_start(&threads[i], wait_with_a_deadline, NULL);
    for (unsigned round = 1; stress_goes_on(20000, 500); round++) {
        atomic_store(&timed_out, 0);
        atomic_store(&let_go, 0);
        atomic_store(&waiting_to_begin, 0);
        wg_add(wg, 1);
        deadline = monotonic_in_ns(20000 + round % 64 * 1000);
        atomic_store(&round_now, round);
        /* The done comes a little earlier if the last waits timed out, and a little later if they did not. */
        const struct timespec at = monotonic_in_ns(length_ns);
        while (ns_since(at) < 0)
            continue;
        payload = (int)round;
        wg_done(wg);
        UNTIL(atomic_load(&waiting_to_begin) == WAITERS);
        REQUIRE(atomic_load(&timed_out) + atomic_load(&let_go) == WAITERS);
        if (atomic_load(&let_go) == WAITERS) {
            all_let_go++;
            length_ns += length_ns < 2000000 ? 3000 : 0;
        } else if (atomic_load(&timed_out) == WAITERS) {
            all_timed_out++;
            length_ns -= length_ns > 6000 ? 3000 : 0;
        } else {
            mixed++;
        }
        /* Nothing is left: neither a waiter nor a token. */
        assert_int_equal(wg_waiters(wg), 0);
        assert_int_equal(wg_count(wg), 0);
        wg_add(wg, 1);
        assert_int_equal(wg_wait_until(wg, &past), ETIMEDOUT);
        assert_int_equal(wg_waiters(wg), 0);
        wg_done(wg);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < WAITERS; i++)
        thread_join(&threads[i]);
    print_message("all let go %u, all timed out %u, mixed %u\n", all_let_go, all_timed_out, mixed);
    assert_true(all_let_go > 0 && all_timed_out + mixed > 0);
    wg_destroy(wg);
}

/* Threads whose waits time out must not hold up threads that wait without a deadline. */

static void give_up_all_the_time(void *arg)
{
    (void)arg;
    int64_t length_ns = 1;
    while (!atomic_load(&stop)) {
        const int result = wg_wait_for(wg, length_ns);
        REQUIRE(result == 0 || result == ETIMEDOUT);
        length_ns = length_ns % 50000 + 997;
        if (result == 0)
            return;
    }
}

static void wait_for_ever(void *arg)
{
    (void)arg;
    wg_wait(wg);
}

static void waits_that_give_up_leave_the_others_their_tokens(void **unused)
{
    (void)unused;
    while (stress_goes_on(500, 30)) {
        thread_t impatient[3], patient[3];
        wg = make_over(ops);
        atomic_store(&stop, false);
        wg_add(wg, 1);
        for (int i = 0; i < 3; i++) {
            thread_start(&impatient[i], give_up_all_the_time, NULL);
            thread_start(&patient[i], wait_for_ever, NULL);
        }
        UNTIL(wg_waiters(wg) >= 4);
        wg_done(wg);
        for (int i = 0; i < 3; i++) {
            thread_join(&impatient[i]);
            thread_join(&patient[i]);
        }
        assert_int_equal(wg_waiters(wg), 0);
        wg_destroy(wg);
    }
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_out_that_meets_the_last_done_leaves_no_token_and_takes_its_own),
        cmocka_unit_test(waits_that_give_up_leave_the_others_their_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
