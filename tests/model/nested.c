/* SPDX-License-Identifier: 0BSD */
/* nested.c: a task adds a task before it is done. */
#include "model.h"

static int outer, inner;
static _Atomic uint32_t started;

static void setup(void)
{
    outer = inner = 0;
    atomic_store_explicit(&started, 0, memory_order_relaxed);
    make_group(1);
}

static void waiter(void)
{
    wg_wait(group);
    assert(outer == 1 && inner == 1);
}

static void timed_waiter(void)
{
    if (wg_wait_for(group, 1000) == 0)
        assert(outer == 1 && inner == 1);
}

static void task(void)
{
    wg_add(group, 1);
    atomic_store_explicit(&started, 1, memory_order_release);
    outer = 1;
    wg_done(group);
}

static void subtask(void)
{
    await(&started, 1);
    inner = 1;
    wg_done(group);
}

SCENE(nested, setup, end_group, waiter, task, subtask)
TIMED_SCENE(nested_timed, setup, end_group, timed_waiter, task, subtask)
SCENES(play_nested, play_nested_timed)
