/* SPDX-License-Identifier: 0BSD */
/* waiters.c: several waiters are let go, all of them, and once each. */
#include "runner.h"

#include "two_tasks.h"

SCENE(two_waiters, "two waiters, one task", .setup = setup_one, .thread = { waiter, waiter, worker_1 },
      .finish = end_group, .spurious = 1)

EXPLORER_SCENE(two_waiters_stale, "two waiters, one task; loads may be old", .setup = setup_one,
               .thread = { waiter, waiter, worker_1 }, .finish = end_group, .stale = 4)

SCENE(two_waiters_two_tasks, "two waiters, two tasks", .setup = setup_two,
      .thread = { waiter, waiter, worker_1, worker_2 }, .finish = end_group, .large = true)

SCENE(three_waiters, "three waiters, one task", .setup = setup_one, .thread = { waiter, waiter, waiter, worker_1 },
      .finish = end_group, .large = true)
