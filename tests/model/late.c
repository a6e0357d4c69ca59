/* SPDX-License-Identifier: 0BSD */
/* late.c: a wait that finds the counter at zero, while others sleep or do not, has acquired too. */
#include "model.h"

static int first, second;

static void setup(void)
{
    first = second = 0;
    make_group(2);
}

static void setup_one(void)
{
    first = 0;
    second = 2;
    make_group(1);
}

static void looker(void)
{
    if (wg_try_wait(group))
        assert(first == 1 && second == 2);
    if (wg_wait_for(group, 0) == 0)
        assert(first == 1 && second == 2);
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

SCENE(late, setup, end_group, looker, worker_1, worker_2)
SCENE(late_parked, setup_one, end_group, waiter, looker, worker_1)
SCENE(late_large, setup, end_group, waiter, looker, worker_1, worker_2)
SCENES(play_late, play_late_parked, play_late_large)
