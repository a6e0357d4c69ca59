/* SPDX-License-Identifier: 0BSD */
/* stress_generations.c: one group, used again and again, with few waiters and with crowds. */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>

static const wg_sem_ops_t *ops;

/* Two groups in turns: workers and waiters meet at each, so no group is used again too soon. */

#define WORKERS 4
#define WATCHERS 3

static wg_t *work_done, *all_seen;
static atomic_uint generation;
static int results[WORKERS]; /* not atomic: only the groups order the accesses */
static unsigned last_generation;

static void work(void *arg)
{
    int *const result = arg;
    for (unsigned mine = 1;; mine++) {
        UNTIL(atomic_load_explicit(&generation, memory_order_acquire) >= mine);
        if (last_generation != 0 && mine > last_generation)
            return;
        *result = (int)mine;
        wg_done(work_done);
    }
}

static void watch(void *arg)
{
    (void)arg;
    for (unsigned mine = 1;; mine++) {
        UNTIL(atomic_load_explicit(&generation, memory_order_acquire) >= mine);
        if (last_generation != 0 && mine > last_generation)
            return;
        wg_wait(work_done);
        for (int i = 0; i < WORKERS; i++)
            REQUIRE(results[i] == (int)mine);
        wg_done(all_seen);
    }
}

static void thousands_of_generations_see_all_that_was_done(void **unused)
{
    (void)unused;
    thread_t workers[WORKERS], watchers[WATCHERS];
    work_done = make_over(ops);
    all_seen = make_over(ops);
    for (int i = 0; i < WORKERS; i++)
        thread_start(&workers[i], work, &results[i]);
    for (int i = 0; i < WATCHERS; i++)
        thread_start(&watchers[i], watch, NULL);
    unsigned number = 0;
    while (stress_goes_on(20000, 500)) {
        number++;
        wg_add(work_done, WORKERS);
        wg_add(all_seen, WATCHERS);
        atomic_store_explicit(&generation, number, memory_order_release);
        if (number % 2 != 0)
            wg_wait(work_done);
        wg_wait(all_seen);
        assert_int_equal(wg_count(work_done), 0);
        assert_int_equal(wg_waiters(work_done), 0);
    }
    last_generation = number;
    atomic_store_explicit(&generation, number + 1, memory_order_release);
    for (int i = 0; i < WORKERS; i++)
        thread_join(&workers[i]);
    for (int i = 0; i < WATCHERS; i++)
        thread_join(&watchers[i]);
    wg_destroy(work_done);
    wg_destroy(all_seen);
}

/* Crowds. */

typedef struct crowd {
    wg_t *wg, *returned;
    int payload;
} crowd_t;

static void wait_in_the_crowd(void *arg)
{
    crowd_t *const crowd = arg;
    wg_wait(crowd->wg);
    REQUIRE(crowd->payload == 42);
    wg_done(crowd->returned);
}

static void all_of_a_crowd_return(unsigned size, bool asleep)
{
    static thread_t threads[512];
    crowd_t crowd = { make_over(ops), make_over(ops), 0 };
    wg_add(crowd.wg, 1);
    wg_add(crowd.returned, (int)size);
    for (unsigned i = 0; i < size; i++)
        thread_start(&threads[i], wait_in_the_crowd, &crowd);
    if (asleep) {
        UNTIL(wg_waiters(crowd.wg) == size);
        for (unsigned i = 0; i < size; i++)
            until_asleep(&threads[i]);
    }
    crowd.payload = 42;
    wg_done(crowd.wg);
    wg_wait(crowd.returned);
    for (unsigned i = 0; i < size; i++)
        thread_join(&threads[i]);
    assert_int_equal(wg_waiters(crowd.wg), 0);
    wg_destroy(crowd.wg);
    wg_destroy(crowd.returned);
}

static void a_crowd_of_64_returns(void **unused)
{
    (void)unused;
    for (bool asleep = true; stress_goes_on(50, 4); asleep = !asleep)
        all_of_a_crowd_return(64, asleep);
}

static void a_crowd_of_512_returns(void **unused)
{
    (void)unused;
    for (bool asleep = true; stress_goes_on(8, 2); asleep = !asleep)
        all_of_a_crowd_return(512, asleep);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousands_of_generations_see_all_that_was_done),
        cmocka_unit_test(a_crowd_of_64_returns),
        cmocka_unit_test(a_crowd_of_512_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
