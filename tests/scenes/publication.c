/* SPDX-License-Identifier: 0BSD */
/* publication.c: what each task wrote is visible when the wait returns. */
#include "runner.h"

static int first, second;

static void setup(void)
{
    first = second = 0;
    make_group(2);
}

static void waiter(void)
{
    wg_wait(group);
    CHECK(first == 1 && second == 2);
}

static void worker_1(void)
{
    owes(true);
    first = 1;
    wg_done(group);
}

static void worker_2(void)
{
    owes(true);
    second = 2;
    wg_done(group);
}

SCENE(publication, "two tasks write, one waiter reads", .setup = setup, .thread = { waiter, worker_1, worker_2 },
      .finish = end_group, .stale = 4, .weak_cas = 1)

static void setup_bulk(void)
{
    first = second = 0;
    make_group(3);
}

static void worker_of_two(void)
{
    owes(true);
    second = 2;
    wg_add(group, -2);
}

SCENE(publication_bulk, "a negative wg_add() publishes as wg_done() does", .setup = setup_bulk,
      .thread = { waiter, worker_1, worker_of_two }, .finish = end_group, .stale = 4)
