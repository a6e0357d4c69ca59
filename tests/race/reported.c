/* SPDX-License-Identifier: 0BSD */
/*
 * reported.c: wrong programs.  Each must be reported, at the functions that are
 * wrong, although every one of them runs to its end.
 *
 * Of the two that race, the one called earlier_* runs first and later_* after it.
 * The variables are external, so that no compiler finds them useless.
 */
#include "race.h"

static wg_t *group;
static baton_t baton, back;

/* Two workers write one variable.  Each calls wg_done(), which does not order them. */
int written_by_both;

static NOINLINE void earlier_worker(void)
{
    written_by_both = 1;
    wg_done(group);
}

static NOINLINE void later_worker(void)
{
    wg_done(group);
    written_by_both = 2;
    wg_done(group);
}

static void *run_earlier_worker(void *arg)
{
    (void)arg;
    earlier_worker();
    baton_pass(&baton);
    return NULL;
}

static void *run_later_worker(void *arg)
{
    (void)arg;
    baton_take(&baton);
    later_worker();
    return NULL;
}

static void two_workers(void)
{
    group = make();
    wg_add(group, 3);
    const pthread_t one = start(run_earlier_worker, NULL);
    const pthread_t two = start(run_later_worker, NULL);
    wg_wait(group);
    join(one);
    join(two);
    wg_destroy(group);
}

/* The task counts itself in. */
static NOINLINE void earlier_add(void)
{
    wg_add(group, 1);
    __asm__ volatile(""); /* no tail call: the frame must stay */
}

static NOINLINE void later_wait(void)
{
    wg_wait(group);
    __asm__ volatile("");
}

static void *task_that_adds(void *arg)
{
    (void)arg;
    earlier_add();
    baton_pass(&baton);
    until_waiters(group, 1);
    wg_done(group);
    return NULL;
}

static void add_inside_the_task(void)
{
    group = make();
    const pthread_t task = start(task_that_adds, NULL);
    baton_take(&baton);
    later_wait();
    join(task);
    wg_destroy(group);
}

/* Likewise, by wg_wait_for(). */
static NOINLINE void later_timed_wait(void)
{
    check(wg_wait_for(group, HOUR_NS) == 0, "wg_wait_for");
}

static void add_inside_the_task_timed(void)
{
    group = make();
    const pthread_t task = start(task_that_adds, NULL);
    baton_take(&baton);
    later_timed_wait();
    join(task);
    wg_destroy(group);
}

/* Likewise, by wg_wait_until(). */
static NOINLINE void later_wait_until(void)
{
    const struct timespec deadline = in_an_hour();
    check(wg_wait_until(group, &deadline) == 0, "wg_wait_until");
}

static void add_inside_the_task_until(void)
{
    group = make();
    const pthread_t task = start(task_that_adds, NULL);
    baton_take(&baton);
    later_wait_until();
    join(task);
    wg_destroy(group);
}

/* The same, but the task starts the task that is counted in, by wg_go(). */
static void until_somebody_waits(void *arg)
{
    (void)arg;
    until_waiters(group, 1);
}

static NOINLINE void earlier_go(void)
{
    check(wg_go(group, until_somebody_waits, NULL) == 0, "wg_go");
}

static void *task_that_goes(void *arg)
{
    (void)arg;
    earlier_go();
    baton_pass(&baton);
    return NULL;
}

static void go_inside_the_task(void)
{
    group = make();
    const pthread_t task = start(task_that_goes, NULL);
    baton_take(&baton);
    later_wait();
    join(task);
    wg_destroy(group);
}

/* A wait is over.  An add that is not ordered after it lifts the counter from zero. */
static NOINLINE void earlier_wait(void)
{
    wg_wait(group);
    __asm__ volatile("");
}

static NOINLINE void later_add(void)
{
    wg_add(group, 1);
    __asm__ volatile("");
}

static void *waiter(void *arg)
{
    (void)arg;
    earlier_wait();
    baton_pass(&baton);
    return NULL;
}

static void *adder(void *arg)
{
    (void)arg;
    baton_take(&baton);
    later_add();
    wg_done(group);
    return NULL;
}

static void add_from_zero_after_wait(void)
{
    group = make();
    wg_add(group, 1);
    const pthread_t one = start(waiter, NULL);
    const pthread_t two = start(adder, NULL);
    until_waiters(group, 1);
    wg_done(group);
    join(one);
    join(two);
    wg_destroy(group);
}

/* The next task writes what a slow waiter still reads. */
int result, read_result;

static NOINLINE void earlier_reader(void)
{
    wg_wait(group);
    read_result = result;
    wg_wait(group);
}

static NOINLINE void later_task(void)
{
    result = 2;
    wg_done(group);
}

static void *slow_waiter(void *arg)
{
    (void)arg;
    baton_take(&baton);
    earlier_reader();
    baton_pass(&back);
    return NULL;
}

static void *next_task(void *arg)
{
    (void)arg;
    later_task();
    return NULL;
}

static void *first_task(void *arg)
{
    (void)arg;
    result = 1;
    wg_done(group);
    return NULL;
}

static void reuse_while_reading(void)
{
    group = make();
    wg_add(group, 1);
    const pthread_t slow = start(slow_waiter, NULL);
    const pthread_t one = start(first_task, NULL);
    wg_wait(group);
    baton_pass(&baton);
    baton_take(&back);
    wg_add(group, 1);
    const pthread_t two = start(next_task, NULL);
    wg_wait(group);
    join(slow);
    join(one);
    join(two);
    wg_destroy(group);
}

/* A wait that timed out has seen nothing, though one of two tasks is done. */
int unfinished;

static NOINLINE void earlier_task(void)
{
    unfinished = 1;
    wg_done(group);
}

static NOINLINE void later_reader(void)
{
    read_result = unfinished;
}

static void *task_of_two(void *arg)
{
    (void)arg;
    earlier_task();
    baton_pass(&baton);
    baton_take(&back);
    wg_done(group);
    return NULL;
}

static void finish_task_of_two(pthread_t task)
{
    baton_pass(&back);
    wg_wait(group);
    join(task);
    wg_destroy(group);
}

static void read_after_timeout(void)
{
    group = make();
    wg_add(group, 2);
    const pthread_t task = start(task_of_two, NULL);
    baton_take(&baton);
    check(wg_wait_for(group, 1000000) == ETIMEDOUT, "wg_wait_for");
    later_reader();
    finish_task_of_two(task);
}

static void read_after_zero_timeout(void)
{
    group = make();
    wg_add(group, 2);
    const pthread_t task = start(task_of_two, NULL);
    baton_take(&baton);
    check(wg_wait_for(group, 0) == ETIMEDOUT, "wg_wait_for");
    later_reader();
    finish_task_of_two(task);
}

static void read_after_failed_try_wait(void)
{
    group = make();
    wg_add(group, 2);
    const pthread_t task = start(task_of_two, NULL);
    baton_take(&baton);
    check(!wg_try_wait(group), "wg_try_wait");
    later_reader();
    finish_task_of_two(task);
}

/* Add and done around a write, as if they locked it. */
int guarded;

static NOINLINE void earlier_section(void)
{
    wg_add(group, 1);
    guarded++;
    wg_done(group);
}

static NOINLINE void later_section(void)
{
    wg_add(group, 1);
    guarded++;
    wg_done(group);
}

static void *run_earlier_section(void *arg)
{
    (void)arg;
    earlier_section();
    baton_pass(&baton);
    return NULL;
}

static void *run_later_section(void *arg)
{
    (void)arg;
    baton_take(&baton);
    later_section();
    return NULL;
}

static void as_mutex(void)
{
    group = make();
    const pthread_t one = start(run_earlier_section, NULL);
    const pthread_t two = start(run_later_section, NULL);
    join(one);
    join(two);
    wg_destroy(group);
}

/* Likewise by wg_try_add(). */
int gated;

static NOINLINE void earlier_request(void)
{
    check(wg_try_add(group, 1), "wg_try_add");
    gated++;
    wg_done(group);
}

static NOINLINE void later_request(void)
{
    check(wg_try_add(group, 1), "wg_try_add");
    gated++;
    wg_done(group);
}

static void *run_earlier_request(void *arg)
{
    (void)arg;
    earlier_request();
    baton_pass(&baton);
    return NULL;
}

static void *run_later_request(void *arg)
{
    (void)arg;
    baton_take(&baton);
    later_request();
    return NULL;
}

static void gate_as_mutex(void)
{
    group = make();
    const pthread_t one = start(run_earlier_request, NULL);
    const pthread_t two = start(run_later_request, NULL);
    join(one);
    join(two);
    wg_destroy(group);
}

/* The bytes of a destroyed group are watched like any others. */
union {
    wg_storage_t storage;
    int word;
} bytes;

static NOINLINE void earlier_owner(void)
{
    bytes.word = 1;
}

static NOINLINE void later_owner(void)
{
    bytes.word = 2;
}

static void *run_earlier_owner(void *arg)
{
    (void)arg;
    earlier_owner();
    baton_pass(&baton);
    return NULL;
}

static void *run_later_owner(void *arg)
{
    (void)arg;
    baton_take(&baton);
    later_owner();
    return NULL;
}

static void bytes_after_destroy(void)
{
    const wg_config_t config = config_on(backend);
    group = wg_init(&bytes.storage, &config);
    check(group != NULL, "wg_init");
    wg_add(group, 1);
    const pthread_t task = start(first_task, NULL);
    wg_wait(group);
    wg_destroy(group);
    join(task);
    const pthread_t one = start(run_earlier_owner, NULL);
    const pthread_t two = start(run_later_owner, NULL);
    join(one);
    join(two);
}

/* Notices.  Two workers race as before.  The last done is ordered before the notice, and no worker before the other. */
static wg_notice_t notice;
static wg_choice_t choices[2];
static wg_t *other;
int read_in_fn;

static void fn_does_nothing(void *arg)
{
    (void)arg;
}

static void notice_two_workers(void)
{
    group = make();
    wg_add(group, 3);
    check(wg_notify(group, &notice, fn_does_nothing, NULL), "wg_notify");
    const pthread_t one = start(run_earlier_worker, NULL);
    const pthread_t two = start(run_later_worker, NULL);
    join(one);
    join(two);
    wg_destroy(group);
}

/* fn reads what a thread wrote that is no task. */
int outside;

static NOINLINE void earlier_outsider(void)
{
    outside = 1;
}

static NOINLINE void later_fn(void)
{
    read_in_fn = outside;
}

static void fn_that_reads(void *arg)
{
    (void)arg;
    later_fn();
    __asm__ volatile("");
}

static void *outsider(void *arg)
{
    (void)arg;
    earlier_outsider();
    baton_pass(&baton);
    return NULL;
}

static void *task_after_outsider(void *arg)
{
    (void)arg;
    baton_take(&baton);
    baton_take(&back);
    wg_done(group);
    return NULL;
}

static void fn_against_outsider(void)
{
    group = make();
    wg_add(group, 1);
    const pthread_t task = start(task_after_outsider, NULL);
    const pthread_t one = start(outsider, NULL);
    check(wg_notify(group, &notice, fn_that_reads, NULL), "wg_notify");
    baton_pass(&back);
    join(one);
    join(task);
    wg_destroy(group);
}

/* The registration hands over what was written before it, not what was written after it. */
int after_registration;

static NOINLINE void earlier_owner_of_fn(void)
{
    after_registration = 1;
}

static NOINLINE void later_fn_of_owner(void)
{
    read_in_fn = after_registration;
}

static void fn_that_reads_too_much(void *arg)
{
    (void)arg;
    later_fn_of_owner();
    __asm__ volatile("");
}

static void *task_that_waits(void *arg)
{
    (void)arg;
    baton_take(&baton);
    wg_done(group);
    return NULL;
}

static void write_after_notify(void)
{
    group = make();
    wg_add(group, 1);
    const pthread_t task = start(task_that_waits, NULL);
    check(wg_notify(group, &notice, fn_that_reads_too_much, NULL), "wg_notify");
    earlier_owner_of_fn();
    baton_pass(&baton);
    join(task);
    wg_destroy(group);
}

/* One of two tasks is done.  A notice that was withdrawn says nothing of it. */
static void read_after_cancel(void)
{
    group = make();
    wg_add(group, 2);
    const pthread_t task = start(task_of_two, NULL);
    check(wg_notify(group, &notice, fn_does_nothing, NULL), "wg_notify");
    baton_take(&baton);
    check(wg_notify_cancel(group, &notice), "wg_notify_cancel");
    later_reader();
    finish_task_of_two(task);
}

/* Nor has a wait for any that timed out. */
static void read_after_any_timed_out(void)
{
    size_t which;
    group = make();
    wg_add(group, 2);
    const pthread_t task = start(task_of_two, NULL);
    baton_take(&baton);
    choices[0].wg = group;
    const struct timespec deadline = in_a_moment();
    check(wg_wait_any(choices, 1, &deadline, &which) == ETIMEDOUT, "wg_wait_any");
    later_reader();
    finish_task_of_two(task);
}

/* A wait for any orders nothing of a group that it did not name, though that group is at zero, too. */
static void *task_of_another(void *arg)
{
    (void)arg;
    earlier_task();
    baton_pass(&baton);
    return NULL;
}

static void read_after_any_of_another(void)
{
    size_t which = 9;
    other = make();
    group = make();
    wg_add(group, 1);
    const pthread_t task = start(task_of_another, NULL);
    baton_take(&baton);
    choices[0].wg = other;
    choices[1].wg = group;
    check(wg_wait_any(choices, 2, NULL, &which) == 0 && which == 0, "wg_wait_any");
    later_reader();
    wg_wait(group);
    join(task);
    wg_destroy(group);
    wg_destroy(other);
}

/* The task counts itself in, and somebody registers a notice, or waits for any. */
static NOINLINE void later_notify(void)
{
    check(wg_notify(group, &notice, fn_does_nothing, NULL), "wg_notify");
}

static void *task_that_adds_and_stays(void *arg)
{
    (void)arg;
    earlier_add();
    baton_pass(&baton);
    baton_take(&back);
    wg_done(group);
    return NULL;
}

static void add_before_notify(void)
{
    group = make();
    const pthread_t task = start(task_that_adds_and_stays, NULL);
    baton_take(&baton);
    later_notify();
    baton_pass(&back);
    join(task);
    wg_destroy(group);
}

static NOINLINE void later_wait_any(void)
{
    size_t which;
    check(wg_wait_any(choices, 1, NULL, &which) == 0, "wg_wait_any");
}

static void *task_that_adds_and_ends_the_wait(void *arg)
{
    (void)arg;
    earlier_add();
    baton_pass(&baton);
    until_notice(group);
    wg_done(group);
    return NULL;
}

static void add_before_wait_any(void)
{
    group = make();
    choices[0].wg = group;
    const pthread_t task = start(task_that_adds_and_ends_the_wait, NULL);
    baton_take(&baton);
    later_wait_any();
    join(task);
    wg_destroy(group);
}

/* A notice was called.  An add that is not ordered after it lifts the counter from zero. */
static NOINLINE void earlier_notify(void)
{
    check(wg_notify(group, &notice, fn_does_nothing, NULL), "wg_notify");
}

static void *registrar(void *arg)
{
    (void)arg;
    earlier_notify();
    baton_pass(&back);
    return NULL;
}

static void add_from_zero_after_notice(void)
{
    group = make();
    wg_add(group, 1);
    const pthread_t one = start(registrar, NULL);
    const pthread_t two = start(adder, NULL);
    baton_take(&back);
    wg_done(group);
    baton_pass(&baton);
    join(one);
    join(two);
    wg_destroy(group);
}

static NOINLINE void earlier_wait_any(void)
{
    size_t which;
    check(wg_wait_any(choices, 1, NULL, &which) == 0, "wg_wait_any");
}

static void *waiter_for_any(void *arg)
{
    (void)arg;
    earlier_wait_any();
    baton_pass(&baton);
    return NULL;
}

static void add_from_zero_after_wait_any(void)
{
    group = make();
    choices[0].wg = group;
    wg_add(group, 1);
    const pthread_t one = start(waiter_for_any, NULL);
    const pthread_t two = start(adder, NULL);
    until_notice(group);
    wg_done(group);
    join(one);
    join(two);
    wg_destroy(group);
}

/* The bytes of a notice that was withdrawn, or called, are watched like any others. */
union {
    wg_notice_t notice;
    int word;
} place;

static NOINLINE void earlier_owner_of_notice(void)
{
    place.word = 1;
}

static NOINLINE void later_owner_of_notice(void)
{
    place.word = 2;
}

static void *run_earlier_owner_of_notice(void *arg)
{
    (void)arg;
    earlier_owner_of_notice();
    baton_pass(&baton);
    return NULL;
}

static void *run_later_owner_of_notice(void *arg)
{
    (void)arg;
    baton_take(&baton);
    later_owner_of_notice();
    return NULL;
}

static void race_for_place(void)
{
    const pthread_t one = start(run_earlier_owner_of_notice, NULL);
    const pthread_t two = start(run_later_owner_of_notice, NULL);
    join(one);
    join(two);
    wg_destroy(group);
}

static void bytes_after_cancel(void)
{
    group = make();
    wg_add(group, 1);
    check(wg_notify(group, &place.notice, fn_does_nothing, NULL), "wg_notify");
    check(wg_notify_cancel(group, &place.notice), "wg_notify_cancel");
    wg_done(group);
    race_for_place();
}

static void bytes_after_fn(void)
{
    group = make();
    wg_add(group, 1);
    check(wg_notify(group, &place.notice, fn_does_nothing, NULL), "wg_notify");
    wg_done(group);
    race_for_place();
}

/* What a thread writes after it has woken another thread is not ordered before what that thread does. */
int written_after_the_wake;

static NOINLINE void earlier_waker(void)
{
    wg_done(group);
    written_after_the_wake = 1;
}

static NOINLINE void later_woken(void)
{
    written_after_the_wake = 2;
    __asm__ volatile("");
}

static void *wake_and_write(void *arg)
{
    (void)arg;
    until_waiters(group, 1);
    earlier_waker();
    baton_pass(&baton);
    return NULL;
}

static void write_after_wake(void)
{
    group = make();
    wg_add(group, 1);
    const pthread_t waker = start(wake_and_write, NULL);
    wg_wait(group);
    baton_take(&baton);
    later_woken();
    join(waker);
    wg_destroy(group);
}

/* Scopes.  Two tasks that run at once write one variable. */
static wg_scope_t *scope;
int written_by_both_tasks;

static NOINLINE void earlier_task_of_scope(void)
{
    written_by_both_tasks = 1;
    __asm__ volatile("");
}

static NOINLINE void later_task_of_scope(void)
{
    written_by_both_tasks = 2;
    __asm__ volatile("");
}

static int write_first(void *unused)
{
    (void)unused;
    earlier_task_of_scope();
    baton_pass(&baton);
    baton_take(&back);
    return 0;
}

static int write_second(void *unused)
{
    (void)unused;
    later_task_of_scope();
    baton_pass(&back);
    return 0;
}

static void tasks_of_scope(void)
{
    wg_scope_storage_t storage;
    scope = make_scope(&storage, 2, NULL);
    check(wg_scope_go(scope, write_first, NULL) == 0, "wg_scope_go");
    baton_take(&baton);
    check(wg_scope_go(scope, write_second, NULL) == 0, "wg_scope_go");
    check(wg_scope_wait(scope) == 0, "wg_scope_wait");
    wg_scope_destroy(scope);
}

/* The owner writes what it has given away. */
int given_to_task;

static NOINLINE void earlier_owner_of_task(void)
{
    given_to_task = 1;
    __asm__ volatile("");
}

static NOINLINE void later_task_with_it(void)
{
    given_to_task = 2;
    __asm__ volatile("");
}

static int take_what_was_given(void *unused)
{
    (void)unused;
    baton_take(&baton);
    later_task_with_it();
    baton_pass(&back);
    return 0;
}

static void write_after_scope_go(void)
{
    wg_scope_storage_t storage;
    scope = make_scope(&storage, 2, NULL);
    check(wg_scope_go(scope, take_what_was_given, NULL) == 0, "wg_scope_go");
    earlier_owner_of_task();
    baton_pass(&baton);
    baton_take(&back);
    check(wg_scope_wait(scope) == 0, "wg_scope_wait");
    wg_scope_destroy(scope);
}

/* A result is read before the wait, or because the scope was stopped. */
int result_of_task;

static NOINLINE void earlier_result_of_task(void)
{
    result_of_task = 1;
    __asm__ volatile("");
}

static NOINLINE void later_reader_of_task(void)
{
    result_of_task++;
    __asm__ volatile("");
}

static int give_and_stay(void *unused)
{
    (void)unused;
    earlier_result_of_task();
    wg_scope_stop(scope, 0);
    baton_take(&back);
    return 0;
}

static void read_after_scope_stopped(void)
{
    wg_scope_storage_t storage;
    scope = make_scope(&storage, 2, NULL);
    check(wg_scope_go(scope, give_and_stay, NULL) == 0, "wg_scope_go");
    while (!wg_scope_stopped(scope))
        sched_yield();
    later_reader_of_task();
    baton_pass(&back);
    check(wg_scope_wait(scope) == 0, "wg_scope_wait");
    wg_scope_destroy(scope);
}

int main(int argc, char **argv)
{
    static const race_case_t cases[] = {
        { "two_workers", two_workers },
        { "add_inside_the_task", add_inside_the_task },
        { "add_inside_the_task_timed", add_inside_the_task_timed },
        { "add_inside_the_task_until", add_inside_the_task_until },
        { "go_inside_the_task", go_inside_the_task },
        { "add_from_zero_after_wait", add_from_zero_after_wait },
        { "reuse_while_reading", reuse_while_reading },
        { "read_after_timeout", read_after_timeout },
        { "read_after_zero_timeout", read_after_zero_timeout },
        { "read_after_failed_try_wait", read_after_failed_try_wait },
        { "as_mutex", as_mutex },
        { "gate_as_mutex", gate_as_mutex },
        { "bytes_after_destroy", bytes_after_destroy },
        { "notice_two_workers", notice_two_workers },
        { "fn_against_outsider", fn_against_outsider },
        { "write_after_notify", write_after_notify },
        { "read_after_cancel", read_after_cancel },
        { "read_after_any_timed_out", read_after_any_timed_out },
        { "read_after_any_of_another", read_after_any_of_another },
        { "add_before_notify", add_before_notify },
        { "add_before_wait_any", add_before_wait_any },
        { "add_from_zero_after_notice", add_from_zero_after_notice },
        { "add_from_zero_after_wait_any", add_from_zero_after_wait_any },
        { "bytes_after_cancel", bytes_after_cancel },
        { "bytes_after_fn", bytes_after_fn },
        { "write_after_wake", write_after_wake },
        { "tasks_of_scope", tasks_of_scope },
        { "write_after_scope_go", write_after_scope_go },
        { "read_after_scope_stopped", read_after_scope_stopped },
    };
    baton_make(&baton);
    baton_make(&back);
    return run_case(cases, sizeof cases / sizeof cases[0], argc, argv);
}
