/* SPDX-License-Identifier: 0BSD */
/* tally.c: the counters, in memory that all processes share. */
#include "tally.h"

#include "soak.h"

#include <stdio.h>

static const char *const names[TALLIES] = {
    [GROUPS] = "groups, freed by a waiter",
    [GENERATIONS] = "generations of those",
    [TASKS] = "tasks",
    [NESTED] = "tasks added by tasks",
    [THREADED] = "threads started for tasks",
    [GONE] = "tasks by wg_go",
    [WAITS] = "waits that saw zero",
    [TIMEOUTS] = "waits that timed out",
    [DRAINS_DONE] = "drains",
    [ADMITTED] = "requests admitted",
    [REFUSED] = "requests refused",
    [NOTICES] = "notices called",
    [WITHDRAWN] = "notices withdrawn",
    [FOUND] = "groups found by a wait for any",
    [PROCESS_ROUNDS] = "rounds of processes",
    [STOPS] = "processes stopped",
    [SIGNALS] = "signals",
    [SIGNALS_IN_WAITS] = "signals that met a wait",
    [CANCELLED_WAITERS] = "waiters cancelled",
    [CANCELLED_TASKS] = "tasks cancelled",
    [MOVES] = "moves between processors",
    [EVICTIONS] = "pages taken from groups",
    [GROUPS_DENIED] = "groups denied for memory",
    [TASKS_DENIED] = "tasks denied for memory",
};

static atomic_ulong *counts;
static bool excused[TALLIES];

void tally_make(void)
{
    counts = map_shared(TALLIES * sizeof *counts);
}

void tally(tally_t what, unsigned long n)
{
    atomic_fetch_add_explicit(&counts[what], n, memory_order_relaxed);
}

void tally_excuse(tally_t what)
{
    excused[what] = true;
}

void tally_print(double seconds)
{
    for (unsigned i = 0; i < TALLIES; i++) {
        const unsigned long count = atomic_load(&counts[i]);
        printf("%-30s %12lu %12.0f /s\n", names[i], count, (double)count / seconds);
    }
}

void tally_demand_all(void)
{
    for (unsigned i = 0; i < TALLIES; i++)
        if (!excused[i] && atomic_load(&counts[i]) == 0)
            give_up("the run did not meet what it is there for: %s", names[i]);
}
