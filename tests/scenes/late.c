/* SPDX-License-Identifier: 0BSD */
/* late.c: a wait that finds the counter at zero has acquired too, whether others sleep or not. */
#include "runner.h"

static int first, second;

static void setup(void)
{
    first = second = 0;
    make_group(2);
}

static void worker_1(void)
{
    owes(true);
    first = 1;
    wg_done(group);
}

static void worker_2(void)
{
    owes(true);
    second = 2;
    wg_done(group);
}

static void looker(void)
{
    if (wg_try_wait(group))
        CHECK(first == 1 && second == 2);
    if (wg_wait_for(group, 0) == 0)
        CHECK(first == 1 && second == 2);
}

static void waiter(void)
{
    wg_wait(group);
    CHECK(first == 1 && second == 2);
}

SCENE(late, "one thread only looks, while two tasks end", .setup = setup, .thread = { looker, worker_1, worker_2 },
      .finish = end_group, .stale = 4)

static void setup_one(void)
{
    first = 0;
    second = 2;
    make_group(1);
}

SCENE(late_parked, "one thread only looks, while a task ends that another thread waits for", .setup = setup_one,
      .thread = { waiter, looker, worker_1 }, .finish = end_group, .stale = 4)

SCENE(late_large, "one thread only looks, while two tasks end that another thread waits for", .setup = setup,
      .thread = { waiter, looker, worker_1, worker_2 }, .finish = end_group, .large = true)
