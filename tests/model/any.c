/* SPDX-License-Identifier: 0BSD */
/* any.c: a wait for any of several groups: which it finds, and that it leaves no trace in the others. */
#include "model.h"

static int data[2];
static wg_storage_t other_storage;
static wg_t *other;
static size_t found;

enum { NONE = 9 };

static void setup(void)
{
    data[0] = data[1] = 0;
    found = NONE;
    make_group(1);
    other = wg_init(&other_storage, NULL);
    assert(other != NULL);
    wg_add(other, 1);
}

static void wait_for_any(const struct timespec *deadline)
{
    wg_choice_t choices[2];
    choices[0].wg = group;
    choices[1].wg = other;
    const int error = wg_wait_any(choices, 2, deadline, &found);
    if (error == 0)
        assert(found < 2 && data[found] == 1);
    else
        assert(error == ETIMEDOUT && deadline != NULL);
}

static void any(void)
{
    wait_for_any(NULL);
}

static void any_timed(void)
{
    static const struct timespec later = { .tv_sec = 1001 };
    wait_for_any(&later);
}

static void worker(void)
{
    data[0] = 1;
    wg_done(group);
}

static void other_worker(void)
{
    data[1] = 1;
    wg_done(other);
}

static void waiter(void)
{
    wg_wait(group);
    assert(data[0] == 1);
}

static void finish(void)
{
    assert(wg_count(other) == 0 && wg_waiters(other) == 0);
    wg_destroy(other);
    end_group();
}

static void finish_second(void)
{
    assert(found == 1);
    wg_done(group);
    finish();
}

static void finish_first(void)
{
    assert(found == 0 || found == NONE);
    wg_done(other);
    finish();
}

SCENE(any, setup, finish, any, worker, other_worker)
SCENE(any_second, setup, finish_second, any, other_worker)
SCENE(any_and_waiter, setup, finish_first, any, waiter, worker)
TIMED_SCENE(any_timed_first, setup, finish_first, any_timed, worker)
SCENES(play_any, play_any_second, play_any_and_waiter, play_any_timed_first)
