/* SPDX-License-Identifier: 0BSD */
/*
 * stress_misuse.c: Go's TestWaitGroupMisuse2 and 3: misuse that only a race shows.
 *
 * By nature it needs luck: each test plays many rounds, each in a group of its own
 * that is given up when it was misused, and wants one report among them all.  What
 * is reported must be one of the three misuses of such a race, and nothing may hang.
 */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <sched.h>
#include <setjmp.h>

static const wg_sem_ops_t *ops;

static _Thread_local jmp_buf *out;
static atomic_uint reports;
static atomic_bool other_misuse;

static void leave(const wg_t *group, wg_misuse_t misuse, const char *message)
{
    (void)group, (void)message;
    if (misuse != WG_MISUSE_ADD_DURING_WAIT && misuse != WG_MISUSE_REUSED_TOO_SOON &&
        misuse != WG_MISUSE_NEGATIVE_COUNTER)
        atomic_store(&other_misuse, true);
    atomic_fetch_add(&reports, 1);
    longjmp(*out, 1);
}

/* Runs the call on this thread; a report ends it. */
static void caught(void (*fn)(wg_t *wg), wg_t *wg)
{
    jmp_buf here;
    out = &here;
    if (setjmp(here) == 0)
        fn(wg);
    out = NULL;
}

typedef struct round {
    wg_t *wg;
    atomic_int gate;
} round_t;

static void meet(round_t *round)
{
    atomic_fetch_sub(&round->gate, 1);
    while (atomic_load(&round->gate) > 0)
        sched_yield();
}

/* A bounded wait: when the group was misused, its tokens may never come. */
static void wait_once(wg_t *wg)
{
    (void)!wg_wait_for(wg, 2000000);
}

static void wait_add_wait(wg_t *wg)
{
    wait_once(wg);
    wg_add(wg, 1);
    wg_done(wg);
    wait_once(wg);
}

static void add_and_done(wg_t *wg)
{
    wg_add(wg, 1);
    wg_done(wg);
}

static void waiter(void *arg)
{
    round_t *const round = arg;
    meet(round);
    caught(wait_once, round->wg);
}

static void second_adder(void *arg)
{
    round_t *const round = arg;
    meet(round);
    caught(add_and_done, round->wg);
}

static void reuser(void *arg)
{
    round_t *const round = arg;
    meet(round);
    caught(wait_add_wait, round->wg);
}

static void play(unsigned least, unsigned wanted, void (*first)(void *arg), void (*second)(void *arg))
{
    atomic_store(&reports, 0);
    atomic_store(&other_misuse, false);
    wg_set_panic_handler(leave);
    while (atomic_load(&reports) == 0 && stress_goes_on(wanted, least)) {
        round_t round = { make_over(ops), 3 };
        thread_t threads[2];
        wg_add(round.wg, 1);
        thread_start(&threads[0], first, &round);
        thread_start(&threads[1], second, &round);
        meet(&round);
        caught(wg_done, round.wg);
        for (int i = 0; i < 2; i++)
            thread_join(&threads[i]);
        caught(wg_destroy, round.wg);
    }
    wg_set_panic_handler(NULL);
    assert_false(atomic_load(&other_misuse));
}

static void an_add_that_races_with_waits_hangs_nobody_and_is_never_called_something_else(void **unused)
{
    (void)unused;
    play(200, 20000, waiter, second_adder);
    print_message("%u reports\n", atomic_load(&reports));
}

static void a_group_that_is_used_again_too_soon_hangs_nobody_and_is_never_called_something_else(void **unused)
{
    (void)unused;
    play(200, 20000, reuser, waiter);
    print_message("%u reports\n", atomic_load(&reports));
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_add_that_races_with_waits_hangs_nobody_and_is_never_called_something_else),
        cmocka_unit_test(a_group_that_is_used_again_too_soon_hangs_nobody_and_is_never_called_something_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
