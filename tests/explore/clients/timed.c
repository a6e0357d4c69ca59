/* SPDX-License-Identifier: 0BSD */
/* timed.c: a wait may time out at any moment; then it is as if it had never been. */
#include "client.h"

#include <errno.h>

static int data;
static unsigned timed_out;

static void setup(void)
{
    data = 0;
    timed_out = 0;
    make_group(1);
}

static void worker(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
}

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        WGX_CHECK(data == 1);
    else
        timed_out = 1;
}

static void waiter(void)
{
    wg_wait(group);
    WGX_CHECK(data == 1);
}

static void timed_twice(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    if (wg_wait_until(group, &deadline) == 0 || wg_wait_until(group, &deadline) == 0)
        WGX_CHECK(data == 1);
}

static void timed_then_waiter(void)
{
    timed();
    wg_wait(group);
    WGX_CHECK(data == 1);
}

/* A token that was left, or not taken, would show in a next generation. */
static void finish(void)
{
    WGX_CHECK(wg_count(group) == 0 && wg_waiters(group) == 0);
    wg_add(group, 1);
    WGX_CHECK(wg_wait_for(group, 0) == ETIMEDOUT);
    wg_done(group);
    wg_wait(group);
    end_group();
}

const wgx_client_t client_timed = {
    .name = "timed",
    .what = "one timed wait, one task",
    .setup = setup,
    .thread = { timed, worker },
    .finish = finish,
    .stale = 4,
    .weak_cas = 2,
    .spurious = 1,
};

const wgx_client_t client_timed_twice = {
    .name = "timed_twice",
    .what = "a timed wait again after one that timed out, one task",
    .setup = setup,
    .thread = { timed_twice, worker },
    .finish = finish,
    .stale = 4,
};

const wgx_client_t client_timed_and_not = {
    .name = "timed_and_not",
    .what = "one timed and one patient waiter, one task",
    .setup = setup,
    .thread = { timed, waiter, worker },
    .finish = finish,
};

const wgx_client_t client_timed_both = {
    .name = "timed_both",
    .what = "two timed waits, one task",
    .setup = setup,
    .thread = { timed, timed, worker },
    .finish = finish,
};

const wgx_client_t client_timed_then_not = {
    .name = "timed_then_not",
    .what = "a patient wait after a timed one, beside a timed one, one task",
    .setup = setup,
    .thread = { timed_then_waiter, timed, worker },
    .finish = finish,
    .large = true,
};

/* A thread sleeps in its next generation: a token too many would let it go too early. */
static _Atomic uint32_t returned, again;

static void setup_generations(void)
{
    setup();
    atomic_init(&returned, 0);
    atomic_init(&again, 0);
    wgx_name(&returned, sizeof returned, "returned");
    wgx_name(&again, sizeof again, "again");
}

static void timed_then_next(void)
{
    wgx_owes(true);
    if (wg_wait_for(group, 1000) == 0)
        WGX_CHECK(data == 1);
    wg_wait(group);
    WGX_CHECK(data == 1);
    data = 2;
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wgx_owes(false);
    wg_wait(group);
    WGX_CHECK(data == 3);
}

static void worker_of_both(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
    wgx_await(&again, 1);
    data = 3;
    wg_done(group);
}

const wgx_client_t client_timed_generations = {
    .name = "timed_generations",
    .what = "a wait that may time out, a patient one, and a second generation, in one thread",
    .setup = setup_generations,
    .thread = { timed_then_next, worker_of_both },
    .finish = finish,
    .spurious = 1,
};
