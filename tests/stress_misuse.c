/* SPDX-License-Identifier: 0BSD */
/*
 * stress_misuse.c: Go's TestWaitGroupMisuse2 and 3: misuse that only a race shows.
 *
 * Chance decides whether a round is a misuse at all, and which one.  So the test checks
 * what is certain: a child that plays some hundred rounds either ends well or aborts
 * with one of the three reports of such a race.  If a misuse passed silently and left a
 * waiter behind, the child would hang.
 */
#include "backends.h"
#include "death.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const wg_sem_ops_t *ops;

typedef struct round {
    wg_t *wg;
    atomic_int gate;
} round_t;

static void meet(round_t *round)
{
    atomic_fetch_sub(&round->gate, 1);
    UNTIL(atomic_load(&round->gate) == 0);
}

static void wait_once(void *arg)
{
    round_t *const round = arg;
    meet(round);
    wg_wait(round->wg);
}

static void add_and_done(void *arg)
{
    round_t *const round = arg;
    meet(round);
    wg_add(round->wg, 1);
    wg_done(round->wg);
}

static void wait_add_wait(void *arg)
{
    round_t *const round = arg;
    meet(round);
    wg_wait(round->wg);
    wg_add(round->wg, 1);
    wg_done(round->wg);
    wg_wait(round->wg);
}

static void play(void (*second)(void *arg))
{
    for (int i = 0; i < 200; i++) {
        round_t round = { make_over(ops), 3 };
        thread_t threads[2];
        wg_add(round.wg, 1);
        thread_start(&threads[0], wait_once, &round);
        thread_start(&threads[1], second, &round);
        meet(&round);
        wg_done(round.wg);
        for (int t = 0; t < 2; t++)
            thread_join(&threads[t]);
        wg_destroy(round.wg);
    }
}

static void play_adds_during_waits(void *unused)
{
    (void)unused;
    play(add_and_done);
}

static void play_reuse_too_soon(void *unused)
{
    (void)unused;
    play(wait_add_wait);
}

static void ends_well_or_with_its_report(void (*body)(void *arg))
{
    static const char *const reports[] = {
        "libwg: WaitGroup misuse: Add called concurrently with Wait: group 0x",
        "libwg: WaitGroup is reused before previous Wait has returned: group 0x",
        "libwg: negative WaitGroup counter: group 0x",
    };
    unsigned counts[COUNT_OF(reports)] = { 0 };
    while (stress_goes_on(60, 4)) {
        const death_t death = death_of(body, NULL);
        bool known = death.status == 0 && death.text[0] == '\0';
        if (SUITE_TSAN && strstr(death.text, "ThreadSanitizer: data race") != NULL)
            known = true; /* ThreadSanitizer sees the misuse in each order of events */
        for (size_t i = 0; i < COUNT_OF(reports); i++)
            if (strncmp(death.text, reports[i], strlen(reports[i])) == 0) {
                known = WIFSIGNALED(death.status) && WTERMSIG(death.status) == SIGABRT;
                counts[i]++;
            }
        if (!known)
            fail_msg("status 0x%x, text: %s", (unsigned)death.status, death.text);
    }
    print_message("reports: %u add during wait, %u reused too soon, %u negative\n", counts[0], counts[1], counts[2]);
}

static void an_add_that_races_with_a_wait_ends_well_or_with_its_report(void **unused)
{
    (void)unused;
    ends_well_or_with_its_report(play_adds_during_waits);
}

static void a_group_used_again_too_soon_ends_well_or_with_its_report(void **unused)
{
    (void)unused;
    ends_well_or_with_its_report(play_reuse_too_soon);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_add_that_races_with_a_wait_ends_well_or_with_its_report),
        cmocka_unit_test(a_group_used_again_too_soon_ends_well_or_with_its_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
