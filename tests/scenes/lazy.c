/* SPDX-License-Identifier: 0BSD */
/* lazy.c: the first waiters of a zero-filled group set its semaphore up once, and the thread that releases sees it. */
#include "runner.h"

static int data;

static void setup(void)
{
    data = 0;
    make_zeroed_group(1);
}

static void waiter(void)
{
    wg_wait(group);
    CHECK(data == 1);
}

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        CHECK(data == 1);
}

static void worker(void)
{
    owes(true);
    data = 1;
    wg_done(group);
}

SCENE(lazy, "one waiter sets the semaphore up, one task releases", .setup = setup, .thread = { waiter, worker },
      .finish = end_group, .stale = 4, .weak_cas = 1)

SCENE(lazy_two, "two first waiters, one task", .setup = setup, .thread = { waiter, waiter, worker },
      .finish = end_group)

SCENE(lazy_timed, "two first waiters of which one may time out, one task", .setup = setup,
      .thread = { timed, waiter, worker }, .finish = end_group, .timed = true)

static void waiter_frees(void)
{
    wg_wait(group);
    wg_destroy(group);
    free(storage);
}

EXPLORER_SCENE(lazy_free, "set up by the waiter, destroyed and freed after its wait", .setup = setup,
               .thread = { waiter_frees, worker }, .stale = 4)

static void waiter_overwrites(void)
{
    wg_wait(group);
    wg_destroy(group);
    overwrite_group();
}

static void free_it(void)
{
    free(storage);
}

MODEL_SCENE(lazy_poison, "set up by the waiter, destroyed and overwritten after its wait", .setup = setup,
            .thread = { waiter_overwrites, worker }, .finish = free_it)

EXPLORER_SCENE(lazy_two_stale, "two first waiters, one task; loads may be old", .setup = setup,
               .thread = { waiter, waiter, worker }, .finish = end_group, .stale = 4, .large = true)

SCENE(lazy_three, "three first waiters, one task", .setup = setup, .thread = { waiter, waiter, waiter, worker },
      .finish = end_group, .large = true)
