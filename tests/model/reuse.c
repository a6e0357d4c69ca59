/* SPDX-License-Identifier: 0BSD */
/* reuse.c: a second generation as soon as all waits of the first have returned. */
#include "model.h"

static int data;
static _Atomic uint32_t returned, again;

static void setup(void)
{
    data = 0;
    atomic_store_explicit(&returned, 0, memory_order_relaxed);
    atomic_store_explicit(&again, 0, memory_order_relaxed);
    make_group(1);
}

static void owner(void)
{
    wg_wait(group);
    assert(data == 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wg_wait(group);
    assert(data == 2);
}

static void worker(void)
{
    data = 1;
    wg_done(group);
}

static void next_worker(void)
{
    await(&again, 1);
    data = 2;
    wg_done(group);
}

static void both_workers(void)
{
    worker();
    next_worker();
}

static void owner_of_two(void)
{
    wg_wait(group);
    assert(data == 1);
    await(&returned, 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wg_wait(group);
    assert(data == 2);
}

static void other_waiter(void)
{
    wg_wait(group);
    assert(data == 1);
    atomic_store_explicit(&returned, 1, memory_order_release);
    await(&again, 1);
    wg_wait(group);
    assert(data == 2);
}

SCENE(reuse, setup, end_group, owner, worker, next_worker)
SCENE(reuse_one_thread, setup, end_group, owner, both_workers)
SCENE(reuse_two_waiters, setup, end_group, owner_of_two, other_waiter, both_workers)
SCENES(play_reuse, play_reuse_one_thread, play_reuse_two_waiters)
