/* SPDX-License-Identifier: 0BSD */
/* drain.c: wg_close() and a wait never panic, never miss a request, and the flag is never lost. */
#include "model.h"

static int served[2];

static void setup(void)
{
    served[0] = served[1] = 0;
    make_group(0);
}

static void setup_one(void)
{
    make_group(1);
}

static void request(int i)
{
    if (!wg_try_add(group, 1))
        return;
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
    assert(wg_is_closed(group) && wg_count(group) == 0 && wg_waiters(group) == 0);
    served[0] = served[1] = 2;
}

/* Nobody was counted in after the wait. */
static void finish(void)
{
    assert(served[0] == 2 && served[1] == 2);
    assert(wg_is_closed(group) && !wg_try_add(group, 1));
    end_group();
}

static void waiter(void)
{
    wg_wait(group);
}

static void worker(void)
{
    wg_done(group);
}

static void closer(void)
{
    wg_close(group);
}

static void subtasks(void)
{
    wg_add(group, 1); /* legal in a closed group: this task is counted */
    wg_done(group);
    wg_done(group);
}

static void finish_closed(void)
{
    assert(wg_is_closed(group));
    end_group();
}

/* A drain that is over, or called off, and then requests again. */
static void drain_and_reopen(void)
{
    wg_close(group);
    if (wg_wait_for(group, 1000) == 0)
        served[0] = served[1] = 3;
    wg_reopen(group);
}

static void one_request(void)
{
    if (wg_try_add(group, 1))
        wg_done(group);
}

static void finish_open(void)
{
    assert(!wg_is_closed(group) && wg_try_add(group, 1));
    wg_done(group);
    end_group();
}

SCENE(drain, setup, finish, drainer, request_0, request_1)
SCENE(close_late, setup_one, finish_closed, waiter, worker, closer)
SCENE(close_subtasks, setup_one, finish_closed, waiter, subtasks, closer)
TIMED_SCENE(drain_reopen, setup, finish_open, drain_and_reopen, one_request, one_request)
SCENE(drain_large, setup, finish, drainer, request_0, request_1, closer)
SCENES(play_drain, play_close_late, play_close_subtasks, play_drain_reopen, play_drain_large)
