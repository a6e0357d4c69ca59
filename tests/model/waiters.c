/* SPDX-License-Identifier: 0BSD */
/* waiters.c: several waiters are let go, all of them, and once each. */
#include "model.h"

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
    assert(first == 1 && second == 2);
}

static void worker_1(void)
{
    first = 1;
    wg_done(group);
}

static void worker_2(void)
{
    second = 2;
    wg_done(group);
}

SCENE(two_waiters, setup, end_group, waiter, waiter, worker_1)
SCENE(two_waiters_two_tasks, setup_two, end_group, waiter, waiter, worker_1, worker_2)
SCENE(three_waiters, setup, end_group, waiter, waiter, waiter, worker_1)
SCENES(play_two_waiters, play_two_waiters_two_tasks, play_three_waiters)
