/* SPDX-License-Identifier: 0BSD */
/*
 * misuse.c: misuse is reported wherever it can be seen, and nowhere else.
 *
 * The explorer keeps all steps of an execution, and judge() looks for the misuse among
 * them.  A thread of the model knows only what its own steps saw.  So it says three
 * things: by may_report(), which misuses its next calls may report; by
 * reports_on_sight(), that they may do so only if the word that the thread saw last
 * shows the misuse; by CHECK_SAW(), after a call, that this word shows none.
 */
#define MODEL_MISUSE 1 /* in the model a misuse ends its thread */
#include "runner.h"

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

/* Did a step change the counter from zero, up or down, while a waiter was registered? */
static bool lifted_under_waiters(void)
{
    step_t step;
    for (unsigned i = 0; get_step(group, i, &step); i++)
        if (step.write && !counted(step.before) && waiters(step.before) != 0 && counted(step.after))
            return true;
    return false;
}

static void setup_none(void)
{
    data = 0;
    got = false;
    atomic_init(&flag, 0);
    name_memory(&flag, sizeof flag, "flag");
    make_group(0);
}

static void setup_one(void)
{
    setup_none();
    wg_add(group, 1);
}

static void waiter(void)
{
    reports_on_sight(MISUSE(WG_MISUSE_REUSED_TOO_SOON));
    wg_wait(group);
    CHECK_SAW(saw_counter() == 0);
}

static void timed(void)
{
    reports_on_sight(MISUSE(WG_MISUSE_REUSED_TOO_SOON));
    got = wg_wait_for(group, 1000) == 0;
    CHECK_SAW(!got || saw_counter() == 0);
}

/* One done too many is always reported, whoever waits. */
static void judge_once(void)
{
    CHECK(panics() >= 1);
    CHECK((panicked() & MISUSE(WG_MISUSE_NEGATIVE_COUNTER)) != 0);
}

#define NEGATIVE \
    (MISUSE(WG_MISUSE_NEGATIVE_COUNTER) | MISUSE(WG_MISUSE_ADD_DURING_WAIT) | MISUSE(WG_MISUSE_REUSED_TOO_SOON))

static void one_of_two(void)
{
    owes(true);
    may_report(MISUSE(WG_MISUSE_NEGATIVE_COUNTER) | MISUSE(WG_MISUSE_ADD_DURING_WAIT));
    wg_done(group);
}

SCENE(misuse_negative, "one task, two wg_done(), one waiter", .setup = setup_one,
      .thread = { waiter, one_of_two, one_of_two }, .judge = judge_once, .panics = NEGATIVE, .must_panic = true)

SCENE(misuse_negative_timed, "one task, two wg_done(), one timed waiter", .setup = setup_one,
      .thread = { timed, one_of_two, one_of_two }, .judge = judge_once, .panics = NEGATIVE, .must_panic = true,
      .timed = true)

SCENE(misuse_negative_two, "one task, two wg_done(), two waiters", .setup = setup_one,
      .thread = { waiter, waiter, one_of_two, one_of_two }, .judge = judge_once, .panics = NEGATIVE, .must_panic = true,
      .large = true)

/* An add from zero that is not ordered with the wait. */
#define LIFTED (MISUSE(WG_MISUSE_ADD_DURING_WAIT) | MISUSE(WG_MISUSE_REUSED_TOO_SOON))

static void worker(void)
{
    owes(true);
    may_report(MISUSE(WG_MISUSE_ADD_DURING_WAIT)); /* by the reset, which sees the add */
    wg_done(group);
}

static void adder(void)
{
    owes(true);
    reports_on_sight(MISUSE(WG_MISUSE_ADD_DURING_WAIT));
    wg_add(group, 1);
    CHECK_SAW(saw_counter() > 1 || !saw_waiters());
    may_report(MISUSE(WG_MISUSE_ADD_DURING_WAIT));
    wg_done(group);
}

static void judge_add(void)
{
    if (lifted_under_waiters())
        CHECK(panics() >= 1);
}

SCENE(misuse_add, "an add from zero at any moment of a wait", .setup = setup_one, .thread = { waiter, worker, adder },
      .finish = end_group, .judge = judge_add, .panics = LIFTED)

SCENE(misuse_add_timed, "an add from zero at any moment of a timed wait", .setup = setup_one,
      .thread = { timed, worker, adder }, .finish = end_group, .judge = judge_add, .panics = LIFTED, .timed = true)

static void try_adder(void)
{
    owes(true);
    reports_on_sight(MISUSE(WG_MISUSE_ADD_DURING_WAIT));
    CHECK(wg_try_add(group, 1));
    CHECK_SAW(saw_counter() != 0 || !saw_waiters());
    may_report(MISUSE(WG_MISUSE_ADD_DURING_WAIT));
    wg_done(group);
}

/* wg_try_add() looks before it adds.  So it never lifts a word with waiters from zero. */
static void judge_try_add(void)
{
    CHECK(!lifted_under_waiters());
    step_t step;
    for (unsigned i = 0; get_step(group, i, &step); i++)
        if (step.thread == 2 && step.load && !counted(step.before) && waiters(step.before) != 0)
            CHECK((panicked() & MISUSE(WG_MISUSE_ADD_DURING_WAIT)) != 0);
}

SCENE(misuse_try_add, "wg_try_add() in an open group at any moment of a wait", .setup = setup_one,
      .thread = { waiter, worker, try_adder }, .finish = end_group, .judge = judge_try_add, .panics = LIFTED)

/* The group is in use again before a wait has returned.  No thread is registered then. */
static void worker_and_reuse(void)
{
    owes(true);
    may_report(0);
    data = 1;
    wg_done(group);
    wg_add(group, 1);
    wg_done(group);
}

static void reused_waiter(void)
{
    waiter();
    CHECK(data == 1);
    got = true;
}

/* The last step of the waiter on the word is its look: what it saw decides. */
static void judge_reuse(void)
{
    step_t step, last = { 0 };
    if (stopped(0) || !get_step(group, 0, &step))
        return;
    for (unsigned i = 0; get_step(group, i, &step); i++)
        if (step.thread == 0)
            last = step;
    const bool reported = (panicked() & MISUSE(WG_MISUSE_REUSED_TOO_SOON)) != 0;
    CHECK(last.load && got == !reported && reported == counted(last.after));
}

SCENE(misuse_reuse, "the task lifts the counter again right after its wg_done()", .setup = setup_one,
      .thread = { reused_waiter, worker_and_reuse }, .finish = end_group, .judge = judge_reuse,
      .panics = MISUSE(WG_MISUSE_REUSED_TOO_SOON))

/*
 * Generations overlap.  A monitor that registered in the first generation times out in
 * the second, and takes another thread's registration back.  The token that the monitor
 * has left lets that thread go.  Either a misuse is reported, or the data is visible.
 */
static void monitor(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    reports_on_sight(MISUSE(WG_MISUSE_REUSED_TOO_SOON));
    if (wg_wait_until(group, &deadline) == 0)
        got = true;
    CHECK_SAW(!got || saw_counter() == 0);
}

static void owner(void)
{
    owes(true);
    may_report(MISUSE(WG_MISUSE_REUSED_TOO_SOON) | MISUSE(WG_MISUSE_ADD_DURING_WAIT));
    wg_wait(group);
    CHECK(data == 1);
    wg_add(group, 1);
    atomic_store_explicit(&flag, 1, memory_order_release);
    owes(false);
    wg_wait(group);
    CHECK(data == 2);
}

static void tasks(void)
{
    owes(true);
    may_report(MISUSE(WG_MISUSE_ADD_DURING_WAIT));
    data = 1;
    wg_done(group);
    await(&flag, 1);
    data = 2;
    wg_done(group);
}

SCENE(misuse_overlap, "a timed monitor while the group is used again: a panic, or all is visible", .setup = setup_one,
      .thread = { monitor, owner, tasks }, .finish = end_group, .large = true, .panics = LIFTED, .timed = true)

static void add_much(void)
{
    owes(true);
    reports_on_sight(MISUSE(WG_MISUSE_COUNTER_OVERFLOW));
    wg_add(group, INT_MAX);
    CHECK_SAW(saw_counter() >= 0);
}

static void add_one(void)
{
    owes(true);
    reports_on_sight(MISUSE(WG_MISUSE_COUNTER_OVERFLOW));
    wg_add(group, 1);
    CHECK_SAW(saw_counter() == 1);
}

static void try_add_one(void)
{
    owes(true);
    reports_on_sight(MISUSE(WG_MISUSE_COUNTER_OVERFLOW));
    got = wg_try_add(group, 1);
    CHECK_SAW(got && saw_counter() == 0);
}

static void judge_overflow(void)
{
    CHECK(panics() == 1 && panicked() == MISUSE(WG_MISUSE_COUNTER_OVERFLOW));
}

SCENE(misuse_overflow, "two adds that are too much together", .setup = setup_none, .thread = { add_much, add_one },
      .judge = judge_overflow, .panics = MISUSE(WG_MISUSE_COUNTER_OVERFLOW), .must_panic = true)

SCENE(misuse_overflow_try, "wg_add() and wg_try_add() that are too much together", .setup = setup_none,
      .thread = { add_much, try_add_one }, .judge = judge_overflow, .panics = MISUSE(WG_MISUSE_COUNTER_OVERFLOW),
      .must_panic = true)

/* wg_add() from zero in a closed group. */
static void closer(void)
{
    may_report(0);
    wg_close(group);
}

static void late_adder(void)
{
    owes(true);
    reports_on_sight(MISUSE(WG_MISUSE_ADD_AFTER_CLOSE));
    wg_add(group, 1);
    CHECK_SAW(!saw_closed());
}

static void finish_closed(void)
{
    CHECK(wg_is_closed(group));
    wg_done(group);
    end_group();
}

static void judge_closed(void)
{
    step_t step;
    for (unsigned i = 0; get_step(group, i, &step); i++)
        if (step.thread == 1 && step.write && counted(step.after)) {
            const bool closed = (step.before & 0x80000000u) != 0;
            CHECK(closed == (panics() == 1));
        }
}

SCENE(misuse_closed, "wg_add() from zero and wg_close()", .setup = setup_none, .thread = { closer, late_adder },
      .finish = finish_closed, .judge = judge_closed, .panics = MISUSE(WG_MISUSE_ADD_AFTER_CLOSE))

/* A group that is in use is destroyed.  wg_destroy() sees that before it touches anything. */
static void destroyer(void)
{
    owes(true);
    may_report(MISUSE(WG_MISUSE_DESTROYED_IN_USE));
    wg_destroy(group);
    CHECK(!"it was in use");
}

static void sleeper(void)
{
    may_report(0);
    wg_wait(group);
    CHECK(!"nothing was done");
}

static void judge_destroyed(void)
{
    CHECK(panics() == 1 && panicked() == MISUSE(WG_MISUSE_DESTROYED_IN_USE));
}

SCENE(misuse_destroy, "wg_destroy() while a task is counted and a waiter comes or sleeps", .setup = setup_one,
      .thread = { destroyer, sleeper }, .judge = judge_destroyed, .panics = MISUSE(WG_MISUSE_DESTROYED_IN_USE),
      .must_panic = true)

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
    zero_fill(notice);
    name_memory(notice, sizeof *notice, "notice");
}

static void setup_registered(void)
{
    setup_notice();
    CHECK(wg_notify(group, notice, fn, NULL));
}

/* A notice counts as a wait: no add from zero is legal until the notice is called. */
static void judge_notice_add(void)
{
    step_t step;
    for (unsigned i = 0; get_step(group, i, &step); i++)
        if (step.write && !counted(step.before) && (step.before & 0x40000000u) != 0 && counted(step.after))
            CHECK((panicked() & MISUSE(WG_MISUSE_ADD_DURING_WAIT)) != 0);
}

EXPLORER_SCENE(misuse_notice_add, "an add from zero before a notice is called", .setup = setup_registered,
               .thread = { worker, adder }, .judge = judge_notice_add, .panics = MISUSE(WG_MISUSE_ADD_DURING_WAIT))

static void judge_notice_try_add(void)
{
    step_t step;
    for (unsigned i = 0; get_step(group, i, &step); i++) {
        const bool notice_at_zero = !counted(step.before) && (step.before & 0x40000000u) != 0;
        CHECK(!(notice_at_zero && step.write && counted(step.after)));
        if (notice_at_zero && step.thread == 1 && step.load)
            CHECK((panicked() & MISUSE(WG_MISUSE_ADD_DURING_WAIT)) != 0);
    }
}

EXPLORER_SCENE(misuse_notice_try_add, "wg_try_add() in an open group before a notice is called",
               .setup = setup_registered, .thread = { worker, try_adder }, .judge = judge_notice_try_add,
               .panics = MISUSE(WG_MISUSE_ADD_DURING_WAIT))

static void judge_notice(void)
{
    CHECK(panics() == 1 && panicked() == MISUSE(WG_MISUSE_NOTICE));
}

static void register_it(void)
{
    owes(true); /* judge() expects its misuse */
    got = wg_notify(group, notice, fn, NULL);
}

EXPLORER_SCENE(misuse_notice_twice, "a notice is registered while it is registered, beside a waiter",
               .setup = setup_registered, .thread = { register_it, waiter }, .judge = judge_notice,
               .panics = MISUSE(WG_MISUSE_NOTICE), .must_panic = true)

static void setup_shared(void)
{
    setup_notice();
    wg_done(group);
    group = wg_init(storage, &(const wg_config_t){ .size = sizeof(wg_config_t), .flags = WG_PROCESS_SHARED });
    wg_add(group, 1);
}

EXPLORER_SCENE(misuse_notice_shared, "a notice for a group that processes share", .setup = setup_shared,
               .thread = { register_it }, .judge = judge_notice, .panics = MISUSE(WG_MISUSE_NOTICE), .must_panic = true)

static void setup_closed_at_zero(void)
{
    setup_registered();
    wg_close(group);
}

EXPLORER_SCENE(misuse_notice_destroy, "wg_destroy() while a notice is registered in a closed group",
               .setup = setup_closed_at_zero, .thread = { destroyer }, .judge = judge_destroyed,
               .panics = MISUSE(WG_MISUSE_DESTROYED_IN_USE), .must_panic = true)
