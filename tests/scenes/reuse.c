/* SPDX-License-Identifier: 0BSD */
/* reuse.c: a second generation as soon as all waits of the first have returned. */
#include "runner.h"

static int data;
static _Atomic uint32_t returned, again;

static void setup(void)
{
    data = 0;
    atomic_init(&returned, 0);
    atomic_init(&again, 0);
    name_memory(&returned, sizeof returned, "returned");
    name_memory(&again, sizeof again, "again");
    make_group(1);
}

static void owner(void)
{
    owes(true);
    wg_wait(group);
    CHECK(data == 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    owes(false);
    wg_wait(group);
    CHECK(data == 2);
}

static void worker(void)
{
    owes(true);
    data = 1;
    wg_done(group);
}

static void next_worker(void)
{
    owes(true);
    await(&again, 1);
    data = 2;
    wg_done(group);
}

static void both_workers(void)
{
    worker();
    next_worker();
}

SCENE(reuse, "the task of the second generation may run while the first wg_done() has not returned", .setup = setup,
      .thread = { owner, worker, next_worker }, .finish = end_group)

EXPLORER_SCENE(reuse_stale, "both tasks by one thread; loads may be old", .setup = setup,
               .thread = { owner, both_workers }, .finish = end_group, .stale = 4)

MODEL_SCENE(reuse_one_thread, "both tasks by one thread", .setup = setup, .thread = { owner, both_workers },
            .finish = end_group)

static void owner_of_two(void)
{
    owes(true);
    wg_wait(group);
    CHECK(data == 1);
    await(&returned, 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    owes(false);
    wg_wait(group);
    CHECK(data == 2);
}

static void other_waiter(void)
{
    owes(true);
    wg_wait(group);
    CHECK(data == 1);
    atomic_store_explicit(&returned, 1, memory_order_release);
    owes(false);
    await(&again, 1);
    wg_wait(group);
    CHECK(data == 2);
}

SCENE(reuse_two_waiters, "two waiters in each of two generations", .setup = setup,
      .thread = { owner_of_two, other_waiter, both_workers }, .finish = end_group, .large = true)
