/* SPDX-License-Identifier: 0BSD */
/* two_waiters.c: two waiters are let go, both, and once each. */
#include "model.h"

static int data;

static void setup(void)
{
    data = 0;
    make_group(1);
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

SCENE(setup, end_group, { waiter }, { waiter }, { worker })
