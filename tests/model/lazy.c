/* SPDX-License-Identifier: 0BSD */
/* lazy.c: two first waiters of a zero-filled group set its semaphore up, once. */
#include "model.h"

static int data;

static void setup(void)
{
    data = 0;
    memset(&storage, 0, sizeof storage);
    group = wg_attach(&storage);
    assert(group != NULL);
    wg_add(group, 1);
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
