/* SPDX-License-Identifier: 0BSD */
/* publication.c: what each task wrote is visible when the wait returns. */
#include "runner.h"

#include "two_tasks.h"

SCENE(publication, "two tasks write, one waiter reads", .setup = setup_two, .thread = { waiter, worker_1, worker_2 },
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
