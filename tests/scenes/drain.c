/* SPDX-License-Identifier: 0BSD */
/* drain.c: wg_close() and a wait never panic, never miss a request, and never lose the closed flag. */
#include "runner.h"

static int served[2];

static void setup(void)
{
    served[0] = served[1] = 0;
    make_group(0);
}

static void request(int i)
{
    if (!wg_try_add(group, 1))
        return;
    owes(true);
    served[i] = 1;
    wg_done(group);
}

static void request_0(void)
{
    request(0);
}

static void request_1(void)
{
    request(1);
}

static void drainer(void)
{
    wg_close(group);
    wg_wait(group);
    CHECK(wg_is_closed(group) && wg_count(group) == 0 && wg_waiters(group) == 0);
    CHECK(served[0] + served[1] <= 2); /* reads what each counted request wrote */
    served[0] = served[1] = 2;
}

static void finish(void)
{
    CHECK(served[0] == 2 && served[1] == 2); /* no request was counted in after the wait */
    CHECK(wg_is_closed(group) && !wg_try_add(group, 1));
    end_group();
}

SCENE(drain, "two requests, one thread that closes and waits", .setup = setup,
      .thread = { drainer, request_0, request_1 }, .finish = finish, .weak_cas = 1)

EXPLORER_SCENE(drain_stale, "one request, one thread that closes and waits; loads may be old", .setup = setup,
               .thread = { drainer, request_0 }, .finish = finish, .stale = 4)

/* One thread closes the group and another waits, while the last task ends. */
static void setup_one(void)
{
    make_group(1);
}

static void waiter(void)
{
    wg_wait(group);
}

static void worker(void)
{
    owes(true);
    wg_done(group);
}

static void closer(void)
{
    wg_close(group);
}

static void finish_closed(void)
{
    CHECK(wg_is_closed(group));
    end_group();
}

SCENE(close_late, "wg_close() at any moment of a release", .setup = setup_one, .thread = { waiter, worker, closer },
      .finish = finish_closed)

static void subtasks(void)
{
    owes(true);
    wg_add(group, 1); /* legal in a closed group: this task is counted */
    wg_done(group);
    wg_done(group);
}

SCENE(close_subtasks, "wg_close() at any moment, while a counted task adds a subtask", .setup = setup_one,
      .thread = { waiter, subtasks, closer }, .finish = finish_closed)

/* A drain ends or is called off.  Then the group takes requests again. */
static int reopened;

static void setup_reopen(void)
{
    reopened = 0;
    setup();
}

static void drain_and_reopen(void)
{
    wg_close(group);
    const bool empty = wg_wait_for(group, 1000) == 0;
    if (empty) {
        served[0] = 3;
        reopened = 1;
    }
    wg_reopen(group);
}

static void one_request(void)
{
    if (!wg_try_add(group, 1))
        return;
    owes(true);
    wg_done(group);
}

static void finish_open(void)
{
    CHECK(!wg_is_closed(group) && wg_try_add(group, 1));
    wg_done(group);
    end_group();
}

SCENE(drain_reopen, "close, a wait that may time out, reopen; two requests", .setup = setup_reopen,
      .thread = { drain_and_reopen, one_request, one_request }, .finish = finish_open, .timed = true)

SCENE(drain_large, "two requests, one thread that closes, one thread that closes and waits", .setup = setup,
      .thread = { drainer, request_0, request_1, closer }, .finish = finish, .large = true)
