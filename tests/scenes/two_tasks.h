/* SPDX-License-Identifier: 0BSD */
/* two_tasks.h: two tasks that write plain memory, and a wait that reads it. */
#ifndef SCENE_TWO_TASKS_H
#define SCENE_TWO_TASKS_H

static int first, second;

static inline void setup_two(void)
{
    first = second = 0;
    make_group(2);
}

/* The second task is done already. */
static inline void setup_one(void)
{
    first = 0;
    second = 2;
    make_group(1);
}

static inline void worker_1(void)
{
    owes(true);
    first = 1;
    wg_done(group);
}

static inline void worker_2(void)
{
    owes(true);
    second = 2;
    wg_done(group);
}

static inline void check_results(void)
{
    CHECK(first == 1 && second == 2);
}

static inline void waiter(void)
{
    wg_wait(group);
    check_results();
}

#endif
