/* SPDX-License-Identifier: 0BSD */
/* destroy.c: the group is freed when the wait has returned, though a wg_done() has not. */
#include "model.h"

static void setup(void)
{
    group = wg_create();
    assert(group != NULL);
    wg_add(group, 2);
}

static void waiter(void)
{
    wg_wait(group);
    wg_destroy(group);
}

static void worker(void)
{
    wg_done(group);
}

static void finish(void)
{
    group = NULL;
}

SCENE(setup, finish, { waiter }, { worker }, { worker })
