/* SPDX-License-Identifier: 0BSD */
/* tasks.h: tasks for the tests of scopes. */
#ifndef TASKS_H
#define TASKS_H

#include "threads.h"

static atomic_int ran;

static inline int count(void *unused)
{
    (void)unused;
    atomic_fetch_add(&ran, 1);
    return 0;
}

/* A task that stops until the test lets it go on. */
typedef struct pair {
    atomic_bool go_on, stopped;
} pair_t;

static inline int stop_until_told(void *given)
{
    pair_t *const pair = given;
    atomic_store(&pair->stopped, true);
    UNTIL(atomic_load(&pair->go_on));
    return 0;
}

#endif
