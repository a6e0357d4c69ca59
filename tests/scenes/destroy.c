/* SPDX-License-Identifier: 0BSD */
/* destroy.c: the group may be freed as soon as the last wait has returned, even if a wg_done() has not. */
#include "runner.h"

static _Atomic uint32_t waiting;

static void setup_one(void)
{
    make_group(1);
}

static void setup_two(void)
{
    make_group(2);
}

static void worker(void)
{
    owes(true);
    wg_done(group);
}

static void waiter_frees(void)
{
    wg_wait(group);
    free(storage);
}

static void waiter_poisons(void)
{
    wg_wait(group);
    wg_destroy(group);
    overwrite_group();
}

SCENE(free, "freed after the wait, without wg_destroy(); two tasks", .setup = setup_two,
      .thread = { waiter_frees, worker, worker }, .stale = 4)

EXPLORER_SCENE(poison, "destroyed and overwritten after the wait", .setup = setup_one,
               .thread = { waiter_poisons, worker }, .stale = 4)

static void setup_heap(void)
{
    group = wg_create();
    CHECK(group != NULL);
    name_memory(group, sizeof(wg_storage_t), "group");
    wg_add(group, 2);
}

static void waiter_destroys(void)
{
    wg_wait(group);
    wg_destroy(group);
}

SCENE(heap, "a group of wg_create(), destroyed after the wait; two tasks", .setup = setup_heap,
      .thread = { waiter_destroys, worker, worker })

static void setup_shared_end(void)
{
    make_group(1);
    atomic_init(&waiting, 2);
    name_memory(&waiting, sizeof waiting, "waiting");
}

static void last_frees(void)
{
    wg_wait(group);
    if (atomic_fetch_sub_explicit(&waiting, 1, memory_order_acq_rel) == 1) {
        wg_destroy(group);
        free(storage);
    }
}

SCENE(free_two_waiters, "the last of two waiters destroys and frees", .setup = setup_shared_end,
      .thread = { last_frees, last_frees, worker })

static void timed_last_frees(void)
{
    if (wg_wait_for(group, 1000) != 0)
        wg_wait(group);
    free(storage);
}

SCENE(free_timed, "freed after a wait that may have timed out and begun again; two tasks", .setup = setup_two,
      .thread = { timed_last_frees, worker, worker }, .timed = true)

static void timed_zero_frees(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    while (wg_wait_until(group, &deadline) != 0)
        if (wg_wait_until(group, NULL) == 0)
            break;
    free(storage);
}

SCENE(free_timed_owed, "freed after a timed wait; loads may be old", .setup = setup_one,
      .thread = { timed_zero_frees, worker }, .stale = 4, .timed = true)

static void setup_three(void)
{
    make_group(3);
}

SCENE(free_three_tasks, "freed after the wait; three tasks", .setup = setup_three,
      .thread = { waiter_frees, worker, worker, worker }, .large = true)
