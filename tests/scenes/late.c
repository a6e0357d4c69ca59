/* SPDX-License-Identifier: 0BSD */
/* late.c: a wait that finds the counter at zero has acquired too, whether others sleep or not. */
#include "runner.h"

#include "two_tasks.h"

static void looker(void)
{
    if (wg_try_wait(group))
        check_results();
    if (wg_wait_for(group, 0) == 0)
        check_results();
}

SCENE(late, "one thread only looks, while two tasks end", .setup = setup_two, .thread = { looker, worker_1, worker_2 },
      .finish = end_group, .stale = 4)

SCENE(late_parked, "one thread only looks, while a task ends that another thread waits for", .setup = setup_one,
      .thread = { waiter, looker, worker_1 }, .finish = end_group, .stale = 4)

SCENE(late_large, "one thread only looks, while two tasks end that another thread waits for", .setup = setup_two,
      .thread = { waiter, looker, worker_1, worker_2 }, .finish = end_group, .large = true)
