/* SPDX-License-Identifier: 0BSD */
/* notices.h: a group with one task, and notices that know how often and in which order they were called. */
#ifndef WGX_NOTICES_H
#define WGX_NOTICES_H

#include "client.h"

enum { NOTICES = 3 };

static int data;                     /* what the tasks write */
static _Atomic uint32_t called;      /* how often an fn has begun */
static wg_notice_t *notice[NOTICES]; /* each in memory that may be freed */
static bool registered[NOTICES], withdrawn[NOTICES];
static uint32_t place[NOTICES]; /* which fn in the order of the calls, from 1; 0: not called */

static inline void setup_tasks(int count)
{
    make_group(count);
    data = 0;
    atomic_init(&called, 0);
    wgx_name(&called, sizeof called, "called");
    for (int i = 0; i < NOTICES; i++) {
        notice[i] = malloc(sizeof *notice[i]);
        memset(notice[i], 0, sizeof *notice[i]);
        wgx_name(notice[i], sizeof *notice[i], i == 0 ? "notice 0" : i == 1 ? "notice 1" : "notice 2");
        registered[i] = withdrawn[i] = false;
        place[i] = 0;
    }
}

static inline void setup_one(void)
{
    setup_tasks(1);
}

/* fn: sees what the tasks did, and says that it was called, as its last act. */
static inline void fn(void *arg)
{
    WGX_CHECK(data == 1);
    *(uint32_t *)arg = atomic_load_explicit(&called, memory_order_relaxed) + 1;
    atomic_fetch_add_explicit(&called, 1, memory_order_release);
}

static inline void enter(int i)
{
    registered[i] = wg_notify(group, notice[i], fn, &place[i]);
    if (!registered[i])
        WGX_CHECK(data == 1);
}

static inline void withdraw(int i)
{
    withdrawn[i] = wg_notify_cancel(group, notice[i]);
}

static inline void worker(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
}

static inline void waiter(void)
{
    wg_wait(group);
    WGX_CHECK(data == 1);
}

/* Each fn was called once, unless its registration said no or it was withdrawn. */
static inline void finish(void)
{
    uint32_t expected = 0;
    for (int i = 0; i < NOTICES; i++) {
        WGX_CHECK((place[i] != 0) == (registered[i] && !withdrawn[i]));
        expected += place[i] != 0;
    }
    WGX_CHECK(atomic_load_explicit(&called, memory_order_relaxed) == expected);
    end_group();
    for (int i = 0; i < NOTICES; i++)
        free(notice[i]);
}

#endif
