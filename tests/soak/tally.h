/* SPDX-License-Identifier: 0BSD */
/* tally.h: counts what all processes of the run have done and met. */
#ifndef TALLY_H
#define TALLY_H

#include <stdbool.h>

typedef enum tally {
    GROUPS,
    GENERATIONS,
    TASKS,
    NESTED,
    THREADED,
    GONE,
    WAITS,
    TIMEOUTS,
    DRAINS_DONE,
    ADMITTED,
    REFUSED,
    NOTICES,
    WITHDRAWN,
    FOUND,
    PROCESS_ROUNDS,
    STOPS,
    SIGNALS,
    SIGNALS_IN_WAITS,
    CANCELLED_WAITERS,
    CANCELLED_TASKS,
    MOVES,
    EVICTIONS,
    GROUPS_DENIED,
    TASKS_DENIED,
    TALLIES
} tally_t;

/* To be called before any fork. */
void tally_make(void);

/* Async-signal-safe. */
void tally(tally_t what, unsigned long n);

/* Says that this run cannot meet it. */
void tally_excuse(tally_t what);

/* Prints a line for each, with its rate. */
void tally_print(double seconds);

/* Stops the program if something that is not excused was never met. */
void tally_demand_all(void);

#endif
