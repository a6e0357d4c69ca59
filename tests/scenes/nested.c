/* SPDX-License-Identifier: 0BSD */
/* nested.c: a task adds tasks before it is done. */
#include "runner.h"

static int outer, inner;
static _Atomic uint32_t started;

static void setup(void)
{
    outer = inner = 0;
    atomic_init(&started, 0);
    name_memory(&started, sizeof started, "started");
    make_group(1);
}

static void waiter(void)
{
    wg_wait(group);
    CHECK(outer == 1 && inner == 1);
}

static void task(void)
{
    owes(true);
    wg_add(group, 1);
    atomic_store_explicit(&started, 1, memory_order_release);
    outer = 1;
    wg_done(group);
}

static void subtask(void)
{
    owes(true);
    await(&started, 1);
    inner = 1;
    wg_done(group);
}

SCENE(nested, "a task that starts another one", .setup = setup, .thread = { waiter, task, subtask },
      .finish = end_group, .stale = 4)

static void timed_waiter(void)
{
    if (wg_wait_for(group, 1000) == 0)
        CHECK(outer == 1 && inner == 1);
}

SCENE(nested_timed, "a task that starts another one; the waiter may time out", .setup = setup,
      .thread = { timed_waiter, task, subtask }, .finish = end_group, .timed = true)
