/* SPDX-License-Identifier: 0BSD */
/* lazy.c: the first waiters of a zero-filled group set its semaphore up, once, and seen by whoever releases. */
#include "model.h"

static int data;

static void setup(void)
{
    data = 0;
    make_zeroed_group(1);
}

static void waiter(void)
{
    wg_wait(group);
    assert(data == 1);
}

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        assert(data == 1);
}

static void worker(void)
{
    data = 1;
    wg_done(group);
}

/* Destroyed, and written plainly wherever it was used. */
static void waiter_poisons(void)
{
    wg_wait(group);
    wg_destroy(group);
    *(uint64_t *)(void *)&group->state = 1;
    *(uint32_t *)(void *)&group->sem.bytes[0] = 1;
    *(uint32_t *)(void *)&group->sem.table = 1;
}

SCENE(lazy, setup, end_group, waiter, worker)
SCENE(lazy_two, setup, end_group, waiter, waiter, worker)
TIMED_SCENE(lazy_timed, setup, end_group, timed, waiter, worker)
SCENE(lazy_poison, setup, leave_it, waiter_poisons, worker)
SCENE(lazy_three, setup, end_group, waiter, waiter, waiter, worker)
SCENES(play_lazy, play_lazy_two, play_lazy_timed, play_lazy_poison, play_lazy_three)
