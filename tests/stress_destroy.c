/* SPDX-License-Identifier: 0BSD */
/*
 * stress_destroy.c: a group is destroyed and its memory unmapped as soon as the last
 * wait has returned, while the last done may not have returned yet.
 *
 * If a call touches the group after that, and the page is already unmapped, the test
 * dies by SIGSEGV.  That needs luck, so there are many rounds.
 */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#define WAITERS 4
#define PAGE 4096

static const wg_sem_ops_t *ops;

typedef struct round {
    wg_storage_t *storage;
    wg_t *wg;
    atomic_uint inside; /* waits that have not returned */
    unsigned waiters;
    bool destroy; /* false: only unmap, which the futex semaphore allows */
} round_t;

static void begin_round(round_t *round, unsigned waiters, bool destroy)
{
    round->storage = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(round->storage != MAP_FAILED);
    round->wg = init_over(round->storage, ops);
    atomic_store(&round->inside, waiters);
    round->waiters = waiters;
    round->destroy = destroy;
}

static void leave(round_t *round)
{
    if (atomic_fetch_sub(&round->inside, 1) != 1)
        return;
    if (round->destroy)
        wg_destroy(round->wg);
    REQUIRE(munmap(round->storage, PAGE) == 0);
}

/* A pool of threads that wait round after round: to start new ones would take most of the time. */
static struct pool {
    round_t *_Atomic rounds[WAITERS];
    thread_t threads[WAITERS];
    atomic_bool stop;
} pool;

static void wait_again_and_again(void *arg)
{
    round_t *_Atomic *const mine = arg;
    for (;;) {
        round_t *round;
        UNTIL((round = atomic_load(mine)) != NULL || atomic_load(&pool.stop));
        if (round == NULL)
            return;
        wg_wait(round->wg);
        leave(round);
        atomic_store(mine, NULL);
    }
}

static void start_pool(void)
{
    atomic_store(&pool.stop, false);
    for (int i = 0; i < WAITERS; i++) {
        atomic_store(&pool.rounds[i], NULL);
        thread_start(&pool.threads[i], wait_again_and_again, &pool.rounds[i]);
    }
}

static void stop_pool(void)
{
    atomic_store(&pool.stop, true);
    for (int i = 0; i < WAITERS; i++)
        thread_join(&pool.threads[i]);
}

static void enter(round_t *round)
{
    for (unsigned i = 0; i < round->waiters; i++)
        atomic_store(&pool.rounds[i], round);
}

static void until_all_are_out(round_t *round)
{
    for (unsigned i = 0; i < round->waiters; i++)
        UNTIL(atomic_load(&pool.rounds[i]) == NULL);
}

static bool must_destroy(unsigned number)
{
    return ops != wg_sem_futex() || number % 2 != 0;
}

static void the_group_vanishes_when_surely_blocked_waiters_return(void **unused)
{
    (void)unused;
    start_pool();
    for (unsigned number = 0; stress_goes_on(4000, 100); number++) {
        round_t round;
        begin_round(&round, 1 + number % WAITERS, must_destroy(number));
        wg_add(round.wg, 1);
        enter(&round);
        UNTIL(wg_waiters(round.wg) == round.waiters);
        for (unsigned i = 0; i < round.waiters; i++)
            until_asleep(&pool.threads[i]);
        wg_done(round.wg);
        until_all_are_out(&round);
    }
    stop_pool();
}

static void the_group_vanishes_when_racing_waiters_return(void **unused)
{
    (void)unused;
    start_pool();
    for (unsigned number = 0; stress_goes_on(40000, 1000); number++) {
        round_t round;
        begin_round(&round, 1 + number % WAITERS, must_destroy(number));
        wg_add(round.wg, 1);
        enter(&round);
        if (number % 3 != 0)
            UNTIL(wg_waiters(round.wg) == round.waiters); /* they are registered and about to sleep */
        wg_done(round.wg);
        until_all_are_out(&round);
    }
    stop_pool();
}

/* Many threads count off.  Only the last one may touch the group after its own step. */
static round_t *_Atomic finish_now;
static atomic_bool finishers_stop;
static atomic_uint finished;

static void finish_again_and_again(void *arg)
{
    (void)arg;
    round_t *last = NULL;
    for (;;) {
        round_t *round;
        UNTIL((round = atomic_load(&finish_now)) != last || atomic_load(&finishers_stop));
        if (atomic_load(&finishers_stop))
            return;
        last = round;
        if (round == NULL)
            continue;
        wg_done(round->wg);
        atomic_fetch_add(&finished, 1);
    }
}

static void the_group_vanishes_while_several_dones_return(void **unused)
{
    (void)unused;
    thread_t finishers[3];
    static round_t rounds[2];
    start_pool();
    atomic_store(&finish_now, NULL);
    atomic_store(&finishers_stop, false);
    for (size_t i = 0; i < COUNT_OF(finishers); i++)
        thread_start(&finishers[i], finish_again_and_again, NULL);
    for (unsigned number = 0; stress_goes_on(10000, 300); number++) {
        round_t *const round = &rounds[number % 2];
        begin_round(round, 1 + number % WAITERS, must_destroy(number / 2));
        atomic_store(&finished, 0);
        wg_add(round->wg, COUNT_OF(finishers));
        enter(round);
        atomic_store(&finish_now, round);
        until_all_are_out(round);
        UNTIL(atomic_load(&finished) == COUNT_OF(finishers));
    }
    atomic_store(&finishers_stop, true);
    for (size_t i = 0; i < COUNT_OF(finishers); i++)
        thread_join(&finishers[i]);
    stop_pool();
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_group_vanishes_when_surely_blocked_waiters_return),
        cmocka_unit_test(the_group_vanishes_when_racing_waiters_return),
        cmocka_unit_test(the_group_vanishes_while_several_dones_return),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
