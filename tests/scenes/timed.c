/* SPDX-License-Identifier: 0BSD */
/* timed.c: a wait may time out at any moment.  Then the group is as if that wait had never been. */
#include "runner.h"

#include <errno.h>

static int data;

static void setup(void)
{
    data = 0;
    make_group(1);
}

static void worker(void)
{
    owes(true);
    data = 1;
    wg_done(group);
}

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        CHECK(data == 1);
}

static void waiter(void)
{
    wg_wait(group);
    CHECK(data == 1);
}

static void timed_twice(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    if (wg_wait_until(group, &deadline) == 0 || wg_wait_until(group, &deadline) == 0)
        CHECK(data == 1);
}

static void timed_then_waiter(void)
{
    timed();
    wg_wait(group);
    CHECK(data == 1);
}

/* A token that was left, or not taken, would show in the next generation. */
static void finish(void)
{
    CHECK(wg_count(group) == 0 && wg_waiters(group) == 0);
    wg_add(group, 1);
    CHECK(wg_wait_for(group, 0) == ETIMEDOUT);
    wg_done(group);
    wg_wait(group);
    end_group();
}

SCENE(timed, "one timed wait, one task", .setup = setup, .thread = { timed, worker }, .finish = finish, .stale = 4,
      .weak_cas = 2, .spurious = 1, .timed = true)

SCENE(timed_twice, "a second timed wait after one that timed out, one task", .setup = setup,
      .thread = { timed_twice, worker }, .finish = finish, .stale = 4, .timed = true)

SCENE(timed_and_not, "one timed and one patient waiter, one task", .setup = setup, .thread = { timed, waiter, worker },
      .finish = finish, .timed = true)

SCENE(timed_both, "two timed waits, one task", .setup = setup, .thread = { timed, timed, worker }, .finish = finish,
      .timed = true)

SCENE(timed_then_not, "a patient wait after a timed one, beside a timed one, one task", .setup = setup,
      .thread = { timed_then_waiter, timed, worker }, .finish = finish, .large = true, .timed = true)

/* A thread sleeps in its next generation.  One token too many would let it go too early. */
static _Atomic uint32_t returned, again;

static void setup_generations(void)
{
    setup();
    atomic_init(&returned, 0);
    atomic_init(&again, 0);
    name_memory(&returned, sizeof returned, "returned");
    name_memory(&again, sizeof again, "again");
}

static void timed_then_next(void)
{
    owes(true);
    if (wg_wait_for(group, 1000) == 0)
        CHECK(data == 1);
    wg_wait(group);
    CHECK(data == 1);
    data = 2;
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    owes(false);
    wg_wait(group);
    CHECK(data == 3);
}

static void worker_of_both(void)
{
    owes(true);
    data = 1;
    wg_done(group);
    await(&again, 1);
    data = 3;
    wg_done(group);
}

SCENE(timed_generations, "a wait that may time out, a patient one, and a second generation, in one thread",
      .setup = setup_generations, .thread = { timed_then_next, worker_of_both }, .finish = finish, .spurious = 1,
      .timed = true)
