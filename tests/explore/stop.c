/* SPDX-License-Identifier: 0BSD */
/*
 * stop.c: the thread that stops for ever in each execution of a search, and where it
 * may stop.
 *
 * The thread takes a number of steps and then no more.  So a search with a stop is
 * the ordinary search of a program in which this thread is shorter.  An ordinary search
 * runs first and finds the places: each number of steps after which the thread owes
 * nothing and has not ended.
 */
#include "runtime.h"

#include <string.h>

stop_t rt_stop = { .thread = MAIN };

static bool place[WGX_THREADS][MAX_STEPS + 1];

void rt_forget_places(void)
{
    rt_stop.thread = MAIN;
    memset(place, 0, sizeof place);
}

void rt_note_place(void)
{
    const thread_t *const self = &rt_threads[rt_running];
    if (!self->owes)
        place[rt_running][self->taken] = true;
}

/* Threads that run the same function are alike.  So only the first of them is stopped. */
static bool has_twin_before(unsigned t)
{
    for (unsigned other = 0; other < t; other++)
        if (rt_client->thread[other] == rt_client->thread[t])
            return true;
    return false;
}

bool rt_next_stop(void)
{
    unsigned after = rt_stop.after + 1;
    if (rt_stop.thread == MAIN)
        rt_stop.thread = after = 0;
    for (; rt_stop.thread < rt_thread_count; rt_stop.thread++, after = 0) {
        if (has_twin_before(rt_stop.thread))
            continue;
        for (; after <= MAX_STEPS; after++)
            if (place[rt_stop.thread][after]) {
                rt_stop.after = after;
                return true;
            }
    }
    rt_stop.thread = MAIN;
    return false;
}

bool rt_stopped(const thread_t *thread)
{
    return rt_stop.thread != MAIN && thread == &rt_threads[rt_stop.thread] && !thread->finished &&
           thread->taken == rt_stop.after;
}

void wgx_owes(bool owes)
{
    rt_threads[rt_running].owes = owes;
}

bool wgx_stopped(unsigned thread)
{
    return rt_stopped(&rt_threads[thread]);
}
