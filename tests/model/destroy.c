/* SPDX-License-Identifier: 0BSD */
/* destroy.c: the group may go as soon as the last wait has returned, though a wg_done() has not. */
#include "model.h"

static _Atomic uint32_t waiting;

static void setup_one(void)
{
    make_group_to_free(1);
}

static void setup_two(void)
{
    make_group_to_free(2);
}

static void setup_three(void)
{
    make_group_to_free(3);
}

static void setup_shared_end(void)
{
    atomic_store_explicit(&waiting, 2, memory_order_relaxed);
    make_group_to_free(1);
}

static void worker(void)
{
    wg_done(group);
}

static void waiter_frees(void)
{
    wg_wait(group);
    free(group);
}

static void waiter_destroys(void)
{
    wg_wait(group);
    wg_destroy(group);
}

static void last_destroys(void)
{
    wg_wait(group);
    if (atomic_fetch_sub_explicit(&waiting, 1, memory_order_acq_rel) == 1)
        wg_destroy(group);
}

static void timed_then_frees(void)
{
    if (wg_wait_for(group, 1000) != 0)
        wg_wait(group);
    free(group);
}

SCENE(free, setup_two, leave_it, waiter_frees, worker, worker)
SCENE(heap, setup_two, leave_it, waiter_destroys, worker, worker)
SCENE(free_two_waiters, setup_shared_end, leave_it, last_destroys, last_destroys, worker)
TIMED_SCENE(free_timed, setup_two, leave_it, timed_then_frees, worker, worker)
TIMED_SCENE(free_timed_owed, setup_one, leave_it, timed_then_frees, worker)
SCENE(free_three_tasks, setup_three, leave_it, waiter_frees, worker, worker, worker)
SCENES(play_free, play_heap, play_free_two_waiters, play_free_timed, play_free_timed_owed, play_free_three_tasks)
