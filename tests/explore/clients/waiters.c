/* SPDX-License-Identifier: 0BSD */
/* waiters.c: several waiters are let go, all of them, and once each. */
#include "client.h"

static int first, second;

static void setup(void)
{
    first = 0;
    second = 2;
    make_group(1);
}

static void setup_two(void)
{
    first = second = 0;
    make_group(2);
}

static void waiter(void)
{
    wg_wait(group);
    WGX_CHECK(first == 1 && second == 2);
}

static void worker_1(void)
{
    wgx_owes(true);
    first = 1;
    wg_done(group);
}

static void worker_2(void)
{
    wgx_owes(true);
    second = 2;
    wg_done(group);
}

const wgx_client_t client_two_waiters = {
    .name = "two_waiters",
    .what = "two waiters, one task",
    .setup = setup,
    .thread = { waiter, waiter, worker_1 },
    .finish = end_group,
    .spurious = 1,
};

const wgx_client_t client_two_waiters_stale = {
    .name = "two_waiters_stale",
    .what = "two waiters, one task; loads may be old",
    .setup = setup,
    .thread = { waiter, waiter, worker_1 },
    .finish = end_group,
    .stale = 4,
};

const wgx_client_t client_two_waiters_two_tasks = {
    .name = "two_waiters_two_tasks",
    .what = "two waiters, two tasks",
    .setup = setup_two,
    .thread = { waiter, waiter, worker_1, worker_2 },
    .finish = end_group,
    .large = true,
};

const wgx_client_t client_three_waiters = {
    .name = "three_waiters",
    .what = "three waiters, one task",
    .setup = setup,
    .thread = { waiter, waiter, waiter, worker_1 },
    .finish = end_group,
    .large = true,
};
