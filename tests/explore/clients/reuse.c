/* SPDX-License-Identifier: 0BSD */
/* reuse.c: a second generation as soon as all waits of the first have returned. */
#include "client.h"

static int data;
static _Atomic uint32_t returned, again;

static void setup(void)
{
    data = 0;
    atomic_init(&returned, 0);
    atomic_init(&again, 0);
    wgx_name(&returned, sizeof returned, "returned");
    wgx_name(&again, sizeof again, "again");
    make_group(1);
}

static void owner(void)
{
    wgx_owes(true);
    wg_wait(group);
    WGX_CHECK(data == 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wgx_owes(false);
    wg_wait(group);
    WGX_CHECK(data == 2);
}

static void worker(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
}

static void next_worker(void)
{
    wgx_owes(true);
    wgx_await(&again, 1);
    data = 2;
    wg_done(group);
}

static void both_workers(void)
{
    worker();
    next_worker();
}

const wgx_client_t client_reuse = {
    .name = "reuse",
    .what = "the task of the second generation may run while the first wg_done() has not returned",
    .setup = setup,
    .thread = { owner, worker, next_worker },
    .finish = end_group,
};

const wgx_client_t client_reuse_stale = {
    .name = "reuse_stale",
    .what = "both tasks by one thread; loads may be old",
    .setup = setup,
    .thread = { owner, both_workers },
    .finish = end_group,
    .stale = 4,
};

static void owner_of_two(void)
{
    wgx_owes(true);
    wg_wait(group);
    WGX_CHECK(data == 1);
    wgx_await(&returned, 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wgx_owes(false);
    wg_wait(group);
    WGX_CHECK(data == 2);
}

static void other_waiter(void)
{
    wgx_owes(true);
    wg_wait(group);
    WGX_CHECK(data == 1);
    atomic_store_explicit(&returned, 1, memory_order_release);
    wgx_owes(false);
    wgx_await(&again, 1);
    wg_wait(group);
    WGX_CHECK(data == 2);
}

const wgx_client_t client_reuse_two_waiters = {
    .name = "reuse_two_waiters",
    .what = "two waiters in each of two generations",
    .setup = setup,
    .thread = { owner_of_two, other_waiter, both_workers },
    .finish = end_group,
    .large = true,
};
