/* SPDX-License-Identifier: 0BSD */
/* misuse.c: what a program must not do is reported in every interleaving where it can be seen, and in no other. */
#include "client.h"

#include <limits.h>

static int data;
static bool got;
static _Atomic uint32_t flag;

static bool counted(uint64_t word)
{
    return word >> 32 != 0;
}

static uint32_t waiters(uint64_t word)
{
    return (uint32_t)word & 0x3fffffffu;
}

/* Did somebody lift the counter from zero while a waiter was registered, or change a misused word so? */
static bool lifted_under_waiters(void)
{
    wgx_step_t step;
    for (unsigned i = 0; wgx_step(group, i, &step); i++)
        if (step.write && !counted(step.before) && waiters(step.before) != 0 && counted(step.after))
            return true;
    return false;
}

static void setup_none(void)
{
    data = 0;
    got = false;
    atomic_init(&flag, 0);
    wgx_name(&flag, sizeof flag, "flag");
    make_group(0);
}

static void setup_one(void)
{
    setup_none();
    wg_add(group, 1);
}

static void worker(void)
{
    wgx_owes(true);
    wg_done(group);
}

static void waiter(void)
{
    wg_wait(group);
}

static void timed(void)
{
    got = wg_wait_for(group, 1000) == 0;
}

/* One done too many: always reported, whoever waits. */
static void judge_once(void)
{
    WGX_CHECK(wgx_panics() >= 1);
    WGX_CHECK((wgx_panicked() & WGX_MISUSE(WG_MISUSE_NEGATIVE_COUNTER)) != 0);
}

#define NEGATIVE \
    (WGX_MISUSE(WG_MISUSE_NEGATIVE_COUNTER) | WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT) | \
     WGX_MISUSE(WG_MISUSE_REUSED_TOO_SOON))

const wgx_client_t client_misuse_negative = {
    .name = "misuse_negative",
    .what = "one task, two wg_done(), one waiter",
    .setup = setup_one,
    .thread = { waiter, worker, worker },
    .judge = judge_once,
    .panics = NEGATIVE,
    .must_panic = true,
};

const wgx_client_t client_misuse_negative_timed = {
    .name = "misuse_negative_timed",
    .what = "one task, two wg_done(), one timed waiter",
    .setup = setup_one,
    .thread = { timed, worker, worker },
    .judge = judge_once,
    .panics = NEGATIVE,
    .must_panic = true,
};

const wgx_client_t client_misuse_negative_two = {
    .name = "misuse_negative_two",
    .what = "one task, two wg_done(), two waiters",
    .setup = setup_one,
    .thread = { waiter, waiter, worker, worker },
    .judge = judge_once,
    .panics = NEGATIVE,
    .must_panic = true,
    .large = true,
};

/* An add from zero that is not ordered with the wait. */
static void adder(void)
{
    wgx_owes(true);
    wg_add(group, 1);
    wg_done(group);
}

static void judge_add(void)
{
    if (lifted_under_waiters())
        WGX_CHECK(wgx_panics() >= 1);
}

const wgx_client_t client_misuse_add = {
    .name = "misuse_add",
    .what = "an add from zero at any moment of a wait",
    .setup = setup_one,
    .thread = { waiter, worker, adder },
    .judge = judge_add,
    .panics = WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT) | WGX_MISUSE(WG_MISUSE_REUSED_TOO_SOON),
};

const wgx_client_t client_misuse_add_timed = {
    .name = "misuse_add_timed",
    .what = "an add from zero at any moment of a timed wait",
    .setup = setup_one,
    .thread = { timed, worker, adder },
    .judge = judge_add,
    .panics = WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT) | WGX_MISUSE(WG_MISUSE_REUSED_TOO_SOON),
};

static void try_adder(void)
{
    wgx_owes(true);
    if (wg_try_add(group, 1))
        wg_done(group);
}

/* wg_try_add() looks before it adds: a word with waiters at zero is never lifted. */
static void judge_try_add(void)
{
    WGX_CHECK(!lifted_under_waiters());
    wgx_step_t step;
    for (unsigned i = 0; wgx_step(group, i, &step); i++)
        if (step.thread == 2 && step.load && !counted(step.before) && waiters(step.before) != 0)
            WGX_CHECK((wgx_panicked() & WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT)) != 0);
}

const wgx_client_t client_misuse_try_add = {
    .name = "misuse_try_add",
    .what = "wg_try_add() in an open group at any moment of a wait",
    .setup = setup_one,
    .thread = { waiter, worker, try_adder },
    .judge = judge_try_add,
    .panics = WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT) | WGX_MISUSE(WG_MISUSE_REUSED_TOO_SOON),
};

/* The group is in use again before a wait has returned; nobody is registered then. */
static void worker_and_reuse(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
    wg_add(group, 1);
    wg_done(group);
}

static void reused_waiter(void)
{
    wg_wait(group);
    WGX_CHECK(data == 1);
    got = true;
}

/* The last step of the waiter on the word is its look: what it saw decides. */
static void judge_reuse(void)
{
    if (wgx_stopped(0))
        return;
    wgx_step_t step, last = { 0 };
    for (unsigned i = 0; wgx_step(group, i, &step); i++)
        if (step.thread == 0)
            last = step;
    const bool panicked = (wgx_panicked() & WGX_MISUSE(WG_MISUSE_REUSED_TOO_SOON)) != 0;
    WGX_CHECK(last.load && got == !panicked && panicked == counted(last.after));
}

const wgx_client_t client_misuse_reuse = {
    .name = "misuse_reuse",
    .what = "the task lifts the counter again right after its wg_done()",
    .setup = setup_one,
    .thread = { reused_waiter, worker_and_reuse },
    .judge = judge_reuse,
    .panics = WGX_MISUSE(WG_MISUSE_REUSED_TOO_SOON),
};

/*
 * Generations overlap: a monitor that registered in the first and times out in the
 * second takes somebody else's registration back, who is then let go by the token
 * that the monitor has left.  Either there is a panic, or the data is visible.
 */
static void monitor(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    if (wg_wait_until(group, &deadline) == 0)
        got = true;
}

static void owner(void)
{
    wgx_owes(true);
    wg_wait(group);
    WGX_CHECK(data == 1);
    wg_add(group, 1);
    atomic_store_explicit(&flag, 1, memory_order_release);
    wgx_owes(false);
    wg_wait(group);
    WGX_CHECK(data == 2);
}

static void tasks(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
    wgx_await(&flag, 1);
    data = 2;
    wg_done(group);
}

const wgx_client_t client_misuse_overlap = {
    .name = "misuse_overlap",
    .what = "a timed monitor while the group is used again: a panic, or all is visible",
    .setup = setup_one,
    .thread = { monitor, owner, tasks },
    .large = true,
    .panics = WGX_MISUSE(WG_MISUSE_REUSED_TOO_SOON) | WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT),
};

static void add_much(void)
{
    wgx_owes(true);
    wg_add(group, INT_MAX);
}

static void add_one(void)
{
    wgx_owes(true);
    wg_add(group, 1);
}

static void try_add_one(void)
{
    wgx_owes(true);
    got = wg_try_add(group, 1);
}

static void judge_overflow(void)
{
    WGX_CHECK(wgx_panics() == 1 && wgx_panicked() == WGX_MISUSE(WG_MISUSE_COUNTER_OVERFLOW));
}

const wgx_client_t client_misuse_overflow = {
    .name = "misuse_overflow",
    .what = "two adds that are too much together",
    .setup = setup_none,
    .thread = { add_much, add_one },
    .judge = judge_overflow,
    .panics = WGX_MISUSE(WG_MISUSE_COUNTER_OVERFLOW),
    .must_panic = true,
};

const wgx_client_t client_misuse_overflow_try = {
    .name = "misuse_overflow_try",
    .what = "wg_add() and wg_try_add() that are too much together",
    .setup = setup_none,
    .thread = { add_much, try_add_one },
    .judge = judge_overflow,
    .panics = WGX_MISUSE(WG_MISUSE_COUNTER_OVERFLOW),
    .must_panic = true,
};

/* wg_add() from zero in a closed group. */
static void closer(void)
{
    wg_close(group);
}

static void judge_closed(void)
{
    wgx_step_t step;
    for (unsigned i = 0; wgx_step(group, i, &step); i++)
        if (step.thread == 1 && step.write && counted(step.after)) {
            const bool closed = (step.before & 0x80000000u) != 0;
            WGX_CHECK(closed == (wgx_panics() == 1));
        }
}

const wgx_client_t client_misuse_closed = {
    .name = "misuse_closed",
    .what = "wg_add() from zero and wg_close()",
    .setup = setup_none,
    .thread = { closer, add_one },
    .judge = judge_closed,
    .panics = WGX_MISUSE(WG_MISUSE_ADD_AFTER_CLOSE),
};

/* The end of a group that is in use: seen before anything of it is touched. */
static void destroyer(void)
{
    wgx_owes(true);
    wg_destroy(group);
}

static void judge_destroyed(void)
{
    WGX_CHECK(wgx_panics() == 1 && wgx_panicked() == WGX_MISUSE(WG_MISUSE_DESTROYED_IN_USE));
}

const wgx_client_t client_misuse_destroy = {
    .name = "misuse_destroy",
    .what = "wg_destroy() while a task is counted and a waiter comes or sleeps",
    .setup = setup_one,
    .thread = { destroyer, waiter },
    .judge = judge_destroyed,
    .panics = WGX_MISUSE(WG_MISUSE_DESTROYED_IN_USE),
    .must_panic = true,
};

/* Notices. */
static wg_notice_t *notice;

static void fn(void *arg)
{
    (void)arg;
}

static void setup_notice(void)
{
    setup_one();
    notice = malloc(sizeof *notice);
    memset(notice, 0, sizeof *notice);
    wgx_name(notice, sizeof *notice, "notice");
}

static void setup_registered(void)
{
    setup_notice();
    WGX_CHECK(wg_notify(group, notice, fn, NULL));
}

/* A notice is a wait: no add from zero until it is called. */
static void judge_notice_add(void)
{
    wgx_step_t step;
    for (unsigned i = 0; wgx_step(group, i, &step); i++)
        if (step.write && !counted(step.before) && (step.before & 0x40000000u) != 0 && counted(step.after))
            WGX_CHECK((wgx_panicked() & WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT)) != 0);
}

const wgx_client_t client_misuse_notice_add = {
    .name = "misuse_notice_add",
    .what = "an add from zero before a notice is called",
    .setup = setup_registered,
    .thread = { worker, adder },
    .judge = judge_notice_add,
    .panics = WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT),
};

static void judge_notice_try_add(void)
{
    wgx_step_t step;
    for (unsigned i = 0; wgx_step(group, i, &step); i++) {
        const bool notice_at_zero = !counted(step.before) && (step.before & 0x40000000u) != 0;
        WGX_CHECK(!(notice_at_zero && step.write && counted(step.after)));
        if (notice_at_zero && step.thread == 1 && step.load)
            WGX_CHECK((wgx_panicked() & WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT)) != 0);
    }
}

const wgx_client_t client_misuse_notice_try_add = {
    .name = "misuse_notice_try_add",
    .what = "wg_try_add() in an open group before a notice is called",
    .setup = setup_registered,
    .thread = { worker, try_adder },
    .judge = judge_notice_try_add,
    .panics = WGX_MISUSE(WG_MISUSE_ADD_DURING_WAIT),
};

static void judge_notice(void)
{
    WGX_CHECK(wgx_panics() == 1 && wgx_panicked() == WGX_MISUSE(WG_MISUSE_NOTICE));
}

static void register_it(void)
{
    wgx_owes(true); /* judge() wants its misuse */
    got = wg_notify(group, notice, fn, NULL);
}

const wgx_client_t client_misuse_notice_twice = {
    .name = "misuse_notice_twice",
    .what = "a notice is registered while it is registered, beside a waiter",
    .setup = setup_registered,
    .thread = { register_it, waiter },
    .judge = judge_notice,
    .panics = WGX_MISUSE(WG_MISUSE_NOTICE),
    .must_panic = true,
};

static void setup_shared(void)
{
    setup_notice();
    wg_done(group);
    group = wg_init(storage, &(const wg_config_t){ .size = sizeof(wg_config_t), .flags = WG_PROCESS_SHARED });
    wg_add(group, 1);
}

const wgx_client_t client_misuse_notice_shared = {
    .name = "misuse_notice_shared",
    .what = "a notice for a group that processes share",
    .setup = setup_shared,
    .thread = { register_it },
    .judge = judge_notice,
    .panics = WGX_MISUSE(WG_MISUSE_NOTICE),
    .must_panic = true,
};

static void setup_closed_at_zero(void)
{
    setup_registered();
    wg_close(group);
}

const wgx_client_t client_misuse_notice_destroy = {
    .name = "misuse_notice_destroy",
    .what = "wg_destroy() while a notice is registered in a closed group",
    .setup = setup_closed_at_zero,
    .thread = { destroyer },
    .judge = judge_destroyed,
    .panics = WGX_MISUSE(WG_MISUSE_DESTROYED_IN_USE),
    .must_panic = true,
};
