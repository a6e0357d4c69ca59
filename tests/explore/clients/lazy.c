/* SPDX-License-Identifier: 0BSD */
/* lazy.c: the first waiters of a zero-filled group set its semaphore up, once, and seen by whoever releases. */
#include "client.h"

static int data;

static void setup(void)
{
    data = 0;
    make_zeroed_group(1);
}

static void waiter(void)
{
    wg_wait(group);
    WGX_CHECK(data == 1);
}

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        WGX_CHECK(data == 1);
}

static void worker(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
}

const wgx_client_t client_lazy = {
    .name = "lazy",
    .what = "one waiter sets up, one task releases",
    .setup = setup,
    .thread = { waiter, worker },
    .finish = end_group,
    .stale = 4,
    .weak_cas = 1,
};

const wgx_client_t client_lazy_two = {
    .name = "lazy_two",
    .what = "two first waiters, one task",
    .setup = setup,
    .thread = { waiter, waiter, worker },
    .finish = end_group,
};

const wgx_client_t client_lazy_timed = {
    .name = "lazy_timed",
    .what = "two first waiters of which one may time out, one task",
    .setup = setup,
    .thread = { timed, waiter, worker },
    .finish = end_group,
};

static void waiter_frees(void)
{
    wg_wait(group);
    wg_destroy(group);
    free(storage);
}

const wgx_client_t client_lazy_free = {
    .name = "lazy_free",
    .what = "set up by the waiter, destroyed and freed after its wait",
    .setup = setup,
    .thread = { waiter_frees, worker },
    .stale = 4,
};

const wgx_client_t client_lazy_two_stale = {
    .name = "lazy_two_stale",
    .what = "two first waiters, one task; loads may be old",
    .setup = setup,
    .thread = { waiter, waiter, worker },
    .finish = end_group,
    .stale = 4,
    .large = true,
};

const wgx_client_t client_lazy_three = {
    .name = "lazy_three",
    .what = "three first waiters, one task",
    .setup = setup,
    .thread = { waiter, waiter, waiter, worker },
    .finish = end_group,
    .large = true,
};
