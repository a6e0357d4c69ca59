/* SPDX-License-Identifier: 0BSD */
/* sharded.c: two groups in place of one, as in examples/sharded.c: a drain, subtasks, and generations. */
#include "client.h"

enum { SHARDS = 2 };

static wg_storage_t *shard_storages;
static wg_t *shards[SHARDS];
static int served[3];
static _Atomic uint32_t closed, started;

static void make_shards(void)
{
    memset(served, 0, sizeof served);
    atomic_init(&closed, 0);
    atomic_init(&started, 0);
    name_memory(&closed, sizeof closed, "closed");
    name_memory(&started, sizeof started, "started");
    shard_storages = malloc(SHARDS * sizeof *shard_storages);
    for (int i = 0; i < SHARDS; i++) {
        name_memory(&shard_storages[i], sizeof *shard_storages, i == 0 ? "shard 0" : "shard 1");
        shards[i] = wg_init(&shard_storages[i], NULL);
        CHECK(shards[i] != NULL);
    }
}

static void end_shards(void)
{
    for (int i = 0; i < SHARDS; i++) {
        CHECK(wg_count(shards[i]) == 0 && wg_waiters(shards[i]) == 0);
        wg_destroy(shards[i]);
    }
    free(shard_storages);
}

/* Closes all groups, then waits for each.  Afterwards the memory that counted tasks wrote may be read and written. */
static void drainer(void)
{
    wg_close(shards[0]);
    wg_close(shards[1]);
    atomic_store_explicit(&closed, 1, memory_order_release);
    wg_wait(shards[0]);
    wg_wait(shards[1]);
    for (int i = 0; i < 3; i++)
        served[i] += 2;
}

/* All groups are closed before the first wait.  So each group refuses a thread that knows of the drain. */
static void request(int shard, int i)
{
    const bool late = atomic_load_explicit(&closed, memory_order_acquire) != 0;
    if (!wg_try_add(shards[shard], 1))
        return;
    owes(true);
    CHECK(!late);
    served[i] = 1;
    wg_done(shards[shard]);
}

static void request_0(void)
{
    request(0, 0);
}

static void request_1(void)
{
    request(1, 1);
}

static void other_request_1(void)
{
    request(1, 2);
}

static void finish_drained(void)
{
    for (int i = 0; i < SHARDS; i++)
        CHECK(wg_is_closed(shards[i]) && !wg_try_add(shards[i], 1));
    for (int i = 0; i < 3; i++)
        CHECK(served[i] == 2 || served[i] == 3); /* nobody wrote after the waits */
    end_shards();
}

EXPLORER_SCENE(sharded_drain,
               "three requests on two groups, one thread that closes both groups and then waits for each",
               .setup = make_shards, .thread = { drainer, request_0, request_1, other_request_1 },
               .finish = finish_drained)

/* A task that is counted in group 0 adds a subtask there, whatever group belongs to the core that runs it. */
static void setup_task(void)
{
    make_shards();
    wg_add(shards[0], 1);
}

static void task(void)
{
    owes(true);
    wg_add(shards[0], 1);
    atomic_store_explicit(&started, 1, memory_order_release);
    served[0] = 1;
    wg_done(shards[0]);
}

static void subtask(void)
{
    owes(true);
    await(&started, 1);
    served[2] = 1;
    wg_done(shards[0]);
}

static void finish_tasks(void)
{
    CHECK(served[0] == 3 && served[2] == 3);
    finish_drained();
}

EXPLORER_SCENE(
    sharded_subtask,
    "two groups are drained while a counted task adds a subtask to its parent's group; a request on the other",
    .setup = setup_task, .thread = { drainer, task, subtask, request_1 }, .finish = finish_tasks, .stale = 2)

/* No drain: only the thread that waits lifts the groups from zero. */
static _Atomic uint32_t generation;

static void setup_generations(void)
{
    make_shards();
    atomic_init(&generation, 0);
    name_memory(&generation, sizeof generation, "generation");
    wg_add(shards[0], 1);
    wg_add(shards[1], 1);
}

static void owner(void)
{
    owes(true); /* other_tasks() waits for 'generation' */
    wg_wait(shards[0]);
    wg_wait(shards[1]);
    CHECK(served[0] == 1 && served[1] == 1 && served[2] == 1);
    wg_add(shards[1], 1);
    atomic_store_explicit(&generation, 1, memory_order_release);
    owes(false);
    wg_wait(shards[0]);
    wg_wait(shards[1]);
    CHECK(served[1] == 2);
}

static void other_tasks(void)
{
    owes(true);
    served[1] = 1;
    wg_done(shards[1]);
    await(&generation, 1);
    served[1] = 2;
    wg_done(shards[1]);
}

EXPLORER_SCENE(sharded_generations, "two generations on two groups; the first has a subtask",
               .setup = setup_generations, .thread = { owner, task, subtask, other_tasks }, .finish = end_shards,
               .stale = 1)
