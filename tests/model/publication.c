/* SPDX-License-Identifier: 0BSD */
/* publication.c: what two tasks wrote is there when the wait returns; one more thread only looks. */
#include "model.h"

static int first, second;

static void setup(void)
{
    first = second = 0;
    make_group(2);
}

static void waiter(void)
{
    wg_wait(group);
    assert(first == 1 && second == 2);
}

static void looker(void)
{
    if (wg_try_wait(group))
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

SCENE(setup, end_group, { waiter }, { looker }, { worker_1 }, { worker_2 })
