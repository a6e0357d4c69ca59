/* SPDX-License-Identifier: 0BSD */
/* timed.c: a wait may time out at any moment; then it is as if it had never been. */
#include "model.h"

static int data;
static _Atomic uint32_t again;

static void setup(void)
{
    data = 0;
    atomic_store_explicit(&again, 0, memory_order_relaxed);
    make_group(1);
}

static void worker(void)
{
    data = 1;
    wg_done(group);
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

static void timed_twice(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    if (wg_wait_until(group, &deadline) == 0 || wg_wait_until(group, &deadline) == 0)
        assert(data == 1);
}

static void timed_then_waiter(void)
{
    timed();
    wg_wait(group);
    assert(data == 1);
}

/* A token that was left, or not taken, would show in a next generation. */
static void finish(void)
{
    assert(wg_count(group) == 0 && wg_waiters(group) == 0);
    wg_add(group, 1);
    assert(wg_wait_for(group, 0) == ETIMEDOUT);
    wg_done(group);
    wg_wait(group);
    end_group();
}

/* A thread sleeps in its next generation: a token too many would let it go too early. */
static void timed_then_next(void)
{
    if (wg_wait_for(group, 1000) == 0)
        assert(data == 1);
    wg_wait(group);
    assert(data == 1);
    data = 2;
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wg_wait(group);
    assert(data == 3);
}

static void worker_of_both(void)
{
    data = 1;
    wg_done(group);
    await(&again, 1);
    data = 3;
    wg_done(group);
}

TIMED_SCENE(timed, setup, finish, timed, worker)
TIMED_SCENE(timed_twice, setup, finish, timed_twice, worker)
TIMED_SCENE(timed_and_not, setup, finish, timed, waiter, worker)
TIMED_SCENE(timed_both, setup, finish, timed, timed, worker)
TIMED_SCENE(timed_then_not, setup, finish, timed_then_waiter, timed, worker)
TIMED_SCENE(timed_generations, setup, finish, timed_then_next, worker_of_both)
SCENES(play_timed, play_timed_twice, play_timed_and_not, play_timed_both, play_timed_then_not, play_timed_generations)
