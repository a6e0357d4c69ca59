/* SPDX-License-Identifier: 0BSD */
/* any.c: a wait for any of several groups: which group it finds, and that it leaves no trace in the others. */
#include "runner.h"

#include <errno.h>

static int data[2];
static wg_t *other;
static wg_storage_t *other_storage;
static wg_choice_t *choices;
static size_t found;

enum { NONE = 9 };

static void setup(void)
{
    make_group(1);
    other_storage = storage;
    other = group;
    name_memory(other, sizeof(wg_storage_t), "other group");
    make_group(1);
    choices = malloc(2 * sizeof *choices);
    zero_fill(&choices[0]);
    zero_fill(&choices[1]);
    name_memory(choices, 2 * sizeof *choices, "choices");
    choices[0].wg = group;
    choices[1].wg = other;
    data[0] = data[1] = 0;
    found = NONE;
}

/* The group that was found is at zero, and what its tasks did is seen. */
static int any_of(size_t n, const struct timespec *deadline, size_t *which)
{
    const int error = wg_wait_any(choices, n, deadline, which);
    if (error == 0) {
        CHECK(*which < n);
        CHECK(wg_count(choices[*which].wg) == 0);
        CHECK(data[choices[*which].wg == other] == 1);
    } else {
        CHECK(error == ETIMEDOUT && deadline != NULL);
    }
    return error;
}

static void any(void)
{
    CHECK(any_of(2, NULL, &found) == 0);
}

static const struct timespec later = { .tv_sec = 1001 };

static void any_timed(void)
{
    (void)any_of(2, &later, &found);
}

static void worker(void)
{
    owes(true);
    data[0] = 1;
    wg_done(group);
}

static void other_worker(void)
{
    owes(true);
    data[1] = 1;
    wg_done(other);
}

static void end_other(void)
{
    CHECK(wg_count(other) == 0 && wg_waiters(other) == 0);
    wg_destroy(other);
    free(other_storage);
}

static void finish(void)
{
    end_other();
    end_group();
    free(choices);
}

SCENE(any, "a wait for any of two groups, both of which finish", .setup = setup,
      .thread = { any, worker, other_worker }, .finish = finish)

EXPLORER_SCENE(any_timed, "a wait for any of two groups that may time out", .setup = setup,
               .thread = { any_timed, worker, other_worker }, .finish = finish, .large = true)

/* Only one group finishes.  The other one keeps its task, and no trace of this wait. */
static void finish_second(void)
{
    CHECK(found == 1);
    CHECK(wg_waiters(group) == 0);
    wg_done(group);
    finish();
}

SCENE(any_second, "a wait for any of two groups, of which the second finishes", .setup = setup,
      .thread = { any, other_worker }, .finish = finish_second, .stale = 2)

static void finish_first_timed(void)
{
    CHECK(found == 0 || found == NONE);
    wg_done(other);
    finish();
}

SCENE(any_timed_first, "a wait for any of two groups that may time out; the first finishes", .setup = setup,
      .thread = { any_timed, worker }, .finish = finish_first_timed, .timed = true)

/* After a wait that timed out the groups and the memory are as before. */
static void timed_then_all(void)
{
    (void)any_of(2, &later, &found);
    free(choices);
    wg_wait(group);
    CHECK(data[0] == 1);
    end_group();
    wg_done(other);
    end_other();
}

EXPLORER_SCENE(any_timed_free, "a wait for any that may time out, then one for the first group, and all is freed",
               .setup = setup, .thread = { timed_then_all, worker })

static void waiter(void)
{
    wg_wait(group);
    CHECK(data[0] == 1);
}

static void finish_with_other(void)
{
    wg_done(other);
    finish();
}

SCENE(any_and_waiter, "a wait for any of two groups beside a waiter of the first", .setup = setup,
      .thread = { any, waiter, worker }, .finish = finish_with_other)

/* Closed at any moment. */
static void closer(void)
{
    wg_close(group);
}

static void finish_closed(void)
{
    CHECK(wg_is_closed(group));
    finish_with_other();
}

EXPLORER_SCENE(any_close, "wg_close() at any moment of a wait for any", .setup = setup,
               .thread = { any, worker, closer }, .finish = finish_closed)

/* The same group twice. */
static void setup_same(void)
{
    setup();
    choices[1].wg = group;
}

/* Either index may be named.  It is the second one if the last done comes between the two first looks. */
static void finish_same(void)
{
    CHECK(found < 2);
    finish_with_other();
}

EXPLORER_SCENE(any_same, "a wait for any of two groups that are the same one", .setup = setup_same,
               .thread = { any, worker }, .finish = finish_same, .stale = 1)

/* A thread waits for one group after the other, and ends each group as soon as its wait has returned. */
static void any_then_the_rest(void)
{
    size_t which = NONE;
    CHECK(any_of(2, NULL, &which) == 0);
    if (which == 0)
        end_group();
    else
        end_other();
    choices[0].wg = which == 0 ? other : group;
    CHECK(any_of(1, NULL, &which) == 0);
    if (choices[0].wg == other)
        end_other();
    else
        end_group();
    free(choices);
}

EXPLORER_SCENE(any_free, "two groups are waited for one after the other, and freed at once", .setup = setup,
               .thread = { any_then_the_rest, worker, other_worker })

/* A group is at zero when its notice would be registered.  Then the notices before it are withdrawn. */
static void setup_one_choice(void)
{
    setup();
    choices[0].wg = other;
    choices[1].wg = group;
    found = NONE;
}

static void finish_late(void)
{
    CHECK(found == 1);
    finish_with_other();
}

EXPLORER_SCENE(any_late, "the last of the groups finishes at any moment of the registration", .setup = setup_one_choice,
               .thread = { any, worker }, .finish = finish_late, .stale = 2, .weak_cas = 1)

/* Two threads wait for any of the same groups. */
static void any_beside(void)
{
    owes(true); /* a thread that stops while it holds a list may hold up the other one */
    any();
}

static void any_too(void)
{
    owes(true);
    size_t which = NONE;
    wg_choice_t *const mine = malloc(2 * sizeof *mine);
    zero_fill(&mine[0]);
    zero_fill(&mine[1]);
    mine[0].wg = other;
    mine[1].wg = group;
    CHECK(wg_wait_any(mine, 2, NULL, &which) == 0);
    CHECK(which == 1 && data[0] == 1);
    free(mine);
}

EXPLORER_SCENE(any_two, "two waits for any of the same two groups, one of which finishes", .setup = setup,
               .thread = { any_beside, any_too, worker }, .finish = finish_with_other, .large = true)
