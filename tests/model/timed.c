/* SPDX-License-Identifier: 0BSD */
/* timed.c: a wait that times out at any moment is as if it had never been. */
#include "model.h"

static int data;

static void setup(void)
{
    data = 0;
    make_group(1);
}

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        assert(data == 1);
}

static void waiter(void)
{
    wg_wait(group);
    assert(data == 1);
}

static void worker(void)
{
    data = 1;
    wg_done(group);
}

SCENE(setup, end_group, { timed }, { waiter }, { worker })
