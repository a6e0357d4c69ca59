/* SPDX-License-Identifier: 0BSD */
/* waiters.c: several waiters are let go, all of them, and once each. */
#include "runner.h"

static int first, second;

static void setup(void)
{
    first = 0;
    second = 2;
    make_group(1);
}

static void setup_two(void)
{
    first = second = 0;
    make_group(2);
}

static void waiter(void)
{
    wg_wait(group);
    CHECK(first == 1 && second == 2);
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

SCENE(two_waiters, "two waiters, one task", .setup = setup, .thread = { waiter, waiter, worker_1 }, .finish = end_group,
      .spurious = 1)

EXPLORER_SCENE(two_waiters_stale, "two waiters, one task; loads may be old", .setup = setup,
               .thread = { waiter, waiter, worker_1 }, .finish = end_group, .stale = 4)

SCENE(two_waiters_two_tasks, "two waiters, two tasks", .setup = setup_two,
      .thread = { waiter, waiter, worker_1, worker_2 }, .finish = end_group, .large = true)

SCENE(three_waiters, "three waiters, one task", .setup = setup, .thread = { waiter, waiter, waiter, worker_1 },
      .finish = end_group, .large = true)
