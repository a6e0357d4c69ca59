/* SPDX-License-Identifier: 0BSD */
/* peer_wg.h: this library; WG_BENCH_SEM and WG_BENCH_FLAGS choose its semaphore and flags. */
#include <wg/wg.h>

#ifndef PEER_NAME
#define PEER_NAME "wg"
#endif
#ifndef WG_BENCH_SEM
#define WG_BENCH_SEM wg_sem_default
#endif
#ifndef WG_BENCH_FLAGS
#define WG_BENCH_FLAGS 0u
#endif
#define PEER_ADDS 1
#define PEER_REUSABLE 1
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 1
#define PEER_HEAP 1
#define PEER_NOTIFIES 1
#define PEER_WITHDRAWS 1
#define PEER_WAITS_ANY 1

#include "../harness.h"

typedef wg_storage_t group_storage;
typedef wg_t *group;

static inline wg_config_t group_config(void)
{
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = WG_BENCH_SEM();
    config.flags = WG_BENCH_FLAGS;
    must(config.sem != NULL, "no such semaphore");
    return config;
}

static inline group group_heap(void)
{
    const wg_config_t config = group_config();
    const group g = wg_create_with(&config);
    must(g != NULL, "wg_create_with");
    return g;
}

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    const wg_config_t config = group_config();
    const group g = wg_init(storage, &config);
    must(g != NULL, "wg_init");
    wg_add(g, (int)n);
    return g;
}

static inline void group_end(group g)
{
    wg_destroy(g);
}

static inline void group_add(group g, int n)
{
    wg_add(g, n);
}

static inline void group_done(group g)
{
    wg_done(g);
}

static inline void group_wait(group g)
{
    wg_wait(g);
}

static inline int group_wait_until(group g, const struct timespec *deadline)
{
    return wg_wait_until(g, deadline);
}

typedef wg_notice_t group_notice;

static inline void group_notify(group g, group_notice *notice, void (*fn)(void *arg), void *arg)
{
    must(wg_notify(g, notice, fn, arg), "wg_notify");
}

static inline void group_withdraw(group g, group_notice *notice)
{
    must(wg_notify_cancel(g, notice), "wg_notify_cancel");
}

/* Nothing to wait for: the last done has called all notices itself. */
static inline void group_settle(void)
{
}

typedef wg_choice_t group_choice;

static inline void group_choose(group_choice *choice, group g)
{
    choice->wg = g;
}

/* Returns the index of an empty group, or -1 if none is empty after timeout_ns.  Below zero: no time-out. */
static inline int group_wait_any(group_choice *choices, unsigned n, int64_t timeout_ns)
{
    struct timespec deadline;
    if (timeout_ns >= 0) {
        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_nsec += (long)timeout_ns; /* less than a second */
        if (deadline.tv_nsec >= 1000000000) {
            deadline.tv_nsec -= 1000000000;
            deadline.tv_sec++;
        }
    }
    size_t which;
    const int error = wg_wait_any(choices, n, timeout_ns < 0 ? NULL : &deadline, &which);
    must(error == 0 || error == ETIMEDOUT, "wg_wait_any");
    return error == 0 ? (int)which : -1;
}
