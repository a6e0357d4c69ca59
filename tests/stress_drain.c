/* SPDX-License-Identifier: 0BSD */
/* stress_drain.c: many threads count requests in while another closes, drains and opens again: none is missed. */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>

#define SERVERS 6

static const wg_sem_ops_t *ops;
static wg_t *wg;
static atomic_bool stop;
static atomic_int in_flight; /* requests between their counting in and their done */
static atomic_uint served, refused;
static unsigned touched[SERVERS]; /* plain: what a request did is visible after the last drain */

static void serve(void *arg)
{
    unsigned *const mine = arg;
    for (unsigned i = 0; !atomic_load_explicit(&stop, memory_order_relaxed); i++) {
        const uint32_t n = 1 + i % 3;
        if (!wg_try_add(wg, n)) {
            atomic_fetch_add_explicit(&refused, 1, memory_order_relaxed);
            sched_yield();
            continue;
        }
        atomic_fetch_add_explicit(&in_flight, 1, memory_order_relaxed);
        ++*mine;
        if (i % 7 == 0) { /* a subtask, also when closed meanwhile */
            wg_add(wg, 1);
            wg_done(wg);
        }
        if (i % 5 == 0)
            sched_yield();
        atomic_fetch_sub_explicit(&in_flight, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&served, 1, memory_order_relaxed);
        wg_add(wg, -(int)n);
    }
}

static void drain_once(unsigned round)
{
    wg_close(wg);
    if (round % 4 == 0)
        while (wg_wait_for(wg, 20000) == ETIMEDOUT)
            continue;
    else
        wg_wait(wg);
    assert_int_equal(wg_count(wg), 0);
    assert_int_equal(atomic_load_explicit(&in_flight, memory_order_relaxed), 0);
    assert_false(wg_try_add(wg, 1));
}

static void close_and_wait_never_misses_a_request_nor_panics(void **unused)
{
    (void)unused;
    thread_t servers[SERVERS];
    wg = make_over(ops);
    atomic_store(&stop, false);
    for (int i = 0; i < SERVERS; i++)
        thread_start(&servers[i], serve, &touched[i]);
    for (unsigned round = 0; stress_goes_on(20000, 200); round++) {
        drain_once(round);
        const unsigned before = atomic_load(&served);
        wg_reopen(wg);
        UNTIL(atomic_load(&served) != before);
    }
    /* Reopening orders nothing, so only the drain that lasts gives us what the requests wrote. */
    drain_once(1);
    unsigned sum = 0;
    for (int i = 0; i < SERVERS; i++)
        sum += touched[i];
    assert_int_equal(sum, atomic_load_explicit(&served, memory_order_relaxed));
    atomic_store(&stop, true);
    for (int i = 0; i < SERVERS; i++)
        thread_join(&servers[i]);
    print_message("%u served, %u refused\n", atomic_load(&served), atomic_load(&refused));
    assert_true(atomic_load(&refused) > 0);
    wg_destroy(wg);
}

/* Called off at once, any number of times: closing and reopening are legal at any moment. */
static void drains_that_are_called_off_do_no_harm(void **unused)
{
    (void)unused;
    const struct timespec past = { 0, 0 };
    thread_t servers[SERVERS];
    wg = make_over(ops);
    atomic_store(&stop, false);
    for (int i = 0; i < SERVERS; i++)
        thread_start(&servers[i], serve, &touched[i]);
    for (unsigned round = 0; stress_goes_on(100000, 1000); round++) {
        wg_close(wg);
        const int result = round % 2 != 0 ? wg_wait_until(wg, &past) : wg_wait_for(wg, 2000);
        assert_true(result == 0 || result == ETIMEDOUT);
        assert_int_equal(wg_waiters(wg), 0);
        wg_reopen(wg);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < SERVERS; i++)
        thread_join(&servers[i]);
    assert_int_equal(wg_count(wg), 0);
    wg_destroy(wg);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_and_wait_never_misses_a_request_nor_panics),
        cmocka_unit_test(drains_that_are_called_off_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
