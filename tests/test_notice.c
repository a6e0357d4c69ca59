/* SPDX-License-Identifier: 0BSD */
/* test_notice.c: functions to call at zero, and how to withdraw them: test_notice futex|posix|dispatch|cond. */
#include "backends.h"
#include "death.h"
#include "fake_sem.h"
#include "group.h"
#include "notice.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const wg_sem_ops_t *ops;
static wg_t *wg;

/* The calls so far, in their order: the argument and the thread. */
static struct {
    void *args[64];
    pid_t threads[64];
    unsigned count;
} called;

static void note(void *arg)
{
    REQUIRE(called.count < COUNT_OF(called.args));
    called.threads[called.count] = thread_id();
    called.args[called.count++] = arg;
}

static int make(void **unused)
{
    (void)unused;
    called.count = 0;
    fake_reset();
    wg = make_over(ops);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    wg_destroy(wg);
    return 0;
}

static int forget(void **unused)
{
    (void)unused;
    called.count = 0;
    fake_reset();
    return 0;
}

/* Whether a notice is registered. */
static bool has_notices(const wg_t *group)
{
    return (wgi_state_relaxed(&group->state) & WGI_STATE_NOTICE) != 0;
}

static void at_zero_it_says_false_and_calls_nothing(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    (void)unused;
    for (int again = 0; again < 3; again++) {
        assert_false(wg_notify(wg, &notice, note, NULL));
        assert_false(has_notices(wg));
    }
    wg_add(wg, 2);
    wg_add(wg, -2);
    assert_false(wg_notify(wg, &notice, note, NULL));
    wg_close(wg);
    assert_false(wg_notify(wg, &notice, note, NULL));
    wg_reopen(wg);
    wg_add(wg, 1);
    wg_done(wg);
    assert_int_equal(called.count, 0);
}

static void the_last_done_calls_it_once(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    (void)unused;
    wg_add(wg, 3);
    assert_true(wg_notify(wg, &notice, note, &notice));
    assert_int_equal(wg_waiters(wg), 0); /* a notice is no waiter */
    wg_done(wg);
    wg_add(wg, 5);
    wg_add(wg, -6);
    assert_int_equal(called.count, 0);
    wg_done(wg);
    assert_int_equal(called.count, 1);
    assert_ptr_equal(called.args[0], &notice);
    assert_int_equal(called.threads[0], thread_id());
    for (int later = 0; later < 3; later++) {
        wg_add(wg, 1);
        wg_done(wg);
    }
    assert_int_equal(called.count, 1);
}

static void a_negative_add_calls_it_as_a_done_does(void **unused)
{
    wg_notice_t notice = { 0 };
    (void)unused;
    wg_add(wg, 7);
    assert_true(wg_notify(wg, &notice, note, NULL));
    wg_add(wg, -6);
    assert_int_equal(called.count, 0);
    wg_add(wg, -1);
    assert_int_equal(called.count, 1);
}

static pid_t finisher;

static void finish_elsewhere(void *arg)
{
    (void)arg;
    finisher = thread_id();
    wg_done(wg);
    REQUIRE(called.count == 1); /* wg_done() itself called it */
}

static void it_is_called_on_the_thread_of_the_last_done(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    thread_t thread;
    (void)unused;
    wg_add(wg, 2);
    assert_true(wg_notify(wg, &notice, note, NULL));
    wg_done(wg);
    thread_start(&thread, finish_elsewhere, NULL);
    thread_join(&thread);
    assert_int_equal(called.threads[0], finisher);
    assert_int_not_equal(finisher, thread_id());
}

static atomic_bool task_may_end, told;

static void task(void *arg)
{
    (void)arg;
    UNTIL(atomic_load(&task_may_end));
}

static void tell_it(void *arg)
{
    (void)arg;
    atomic_store(&told, true);
}

static void a_task_of_wg_go_calls_it_when_it_ends(void **unused)
{
    static wg_notice_t notice; /* its thread is not joined: Helgrind would report the next thread on that stack */
    (void)unused;
    atomic_store(&task_may_end, false);
    atomic_store(&told, false);
    assert_int_equal(wg_go(wg, task, NULL), 0);
    assert_true(wg_notify(wg, &notice, tell_it, NULL));
    assert_false(atomic_load(&told));
    atomic_store(&task_may_end, true);
    UNTIL(atomic_load(&told));
}

#define MANY 60

static void they_are_called_in_the_order_of_registration(void **unused)
{
    wg_notice_t notices[MANY] = { WG_NOTICE_INIT };
    (void)unused;
    for (int round = 0; round < 3; round++) {
        called.count = 0;
        wg_add(wg, 2);
        for (size_t i = 0; i < MANY; i++)
            assert_true(wg_notify(wg, &notices[i], note, &notices[i]));
        wg_done(wg);
        assert_int_equal(called.count, 0);
        wg_done(wg);
        assert_int_equal(called.count, MANY);
        for (size_t i = 0; i < MANY; i++)
            assert_ptr_equal(called.args[i], &notices[i]);
    }
}

/* Withdraws the first, the last, two neighbours and one more.  Number 20 is registered again, so it is the last. */
static void withdrawn_ones_leave_the_others_in_order(void **unused)
{
    static const size_t withdrawn[] = { 0, MANY - 1, 20, 19, 40 };
    wg_notice_t notices[MANY] = { WG_NOTICE_INIT };
    unsigned at = 0;
    (void)unused;
    wg_add(wg, 1);
    for (size_t i = 0; i < MANY; i++)
        assert_true(wg_notify(wg, &notices[i], note, &notices[i]));
    for (size_t i = 0; i < COUNT_OF(withdrawn); i++) {
        assert_true(wg_notify_cancel(wg, &notices[withdrawn[i]]));
        memset(&notices[withdrawn[i]], 0, sizeof notices[0]); /* it belongs to the caller again */
    }
    assert_true(wg_notify(wg, &notices[20], note, &notices[20]));
    wg_done(wg);
    assert_int_equal(called.count, MANY - COUNT_OF(withdrawn) + 1);
    for (size_t i = 1; i < MANY - 1; i++)
        if (i != 20 && i != 19 && i != 40)
            assert_ptr_equal(called.args[at++], &notices[i]);
    assert_ptr_equal(called.args[at], &notices[20]);
}

/* Withdrawing. */

static void a_withdrawn_one_is_never_called_and_may_come_back(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    (void)unused;
    wg_add(wg, 1);
    for (int again = 0; again < 3; again++) {
        assert_true(wg_notify(wg, &notice, note, NULL));
        assert_true(has_notices(wg));
        assert_true(wg_notify_cancel(wg, &notice));
        assert_false(has_notices(wg)); /* otherwise a waiter might free the group under the last done */
        assert_false(wg_notify_cancel(wg, &notice));
    }
    wg_done(wg);
    assert_int_equal(called.count, 0);
    wg_add(wg, 1);
    assert_true(wg_notify(wg, &notice, note, NULL));
    wg_done(wg);
    assert_int_equal(called.count, 1);
}

static void what_is_not_registered_is_not_withdrawn(void **unused)
{
    wg_notice_t fresh = WG_NOTICE_INIT, notice = WG_NOTICE_INIT;
    (void)unused;
    assert_false(wg_notify_cancel(wg, &fresh));
    wg_add(wg, 1);
    assert_false(wg_notify_cancel(wg, &fresh));
    assert_true(wg_notify(wg, &notice, note, NULL));
    assert_false(wg_notify_cancel(wg, &fresh));
    wg_done(wg);
    assert_false(wg_notify_cancel(wg, &notice)); /* it has been called */
    wg_add(wg, 1);
    assert_false(wg_notify_cancel(wg, &notice)); /* the same in a later round */
    wg_done(wg);
    assert_int_equal(called.count, 1);
}

static void a_notice_of_another_group_stays_there(void **unused)
{
    wg_t *const other = make_over(ops);
    wg_notice_t notice = WG_NOTICE_INIT, beside = WG_NOTICE_INIT;
    (void)unused;
    wg_add(wg, 1);
    wg_add(other, 1);
    assert_true(wg_notify(other, &notice, note, other));
    assert_false(wg_notify_cancel(wg, &notice));
    assert_true(wg_notify(wg, &beside, note, wg));
    assert_false(wg_notify_cancel(wg, &notice));
    wg_done(wg);
    assert_int_equal(called.count, 1);
    assert_ptr_equal(called.args[0], wg);
    assert_false(wg_notify_cancel(wg, &notice));
    wg_done(other);
    assert_int_equal(called.count, 2);
    assert_ptr_equal(called.args[1], other);
    wg_destroy(other);
}

static void withdraw(void *arg)
{
    REQUIRE(wg_notify_cancel(wg, arg));
}

static void any_thread_may_withdraw(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    thread_t thread;
    (void)unused;
    wg_add(wg, 1);
    assert_true(wg_notify(wg, &notice, note, NULL));
    thread_start(&thread, withdraw, &notice);
    thread_join(&thread);
    assert_false(wg_notify_cancel(wg, &notice));
    wg_done(wg);
    assert_int_equal(called.count, 0);
}

static wg_notice_t row[3];

static void note_and_withdraw_all(void *arg)
{
    for (size_t i = 0; i < COUNT_OF(row); i++)
        REQUIRE(!wg_notify_cancel(wg, &row[i])); /* it was called, is being called, or will be */
    note(arg);
}

static void it_is_too_late_from_the_first_call_on(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    for (size_t i = 0; i < COUNT_OF(row); i++)
        assert_true(wg_notify(wg, &row[i], note_and_withdraw_all, &row[i]));
    wg_done(wg);
    assert_int_equal(called.count, COUNT_OF(row));
}

/* What fn may rely on, and what it may do. */

static void set_errno(void *arg)
{
    note(arg);
    errno = ENOTEMPTY;
}

static void errno_is_kept(void **unused)
{
    wg_notice_t notices[2] = { WG_NOTICE_INIT, WG_NOTICE_INIT };
    (void)unused;
    wg_add(wg, 1);
    errno = EILSEQ;
    assert_true(wg_notify(wg, &notices[0], set_errno, NULL));
    assert_true(wg_notify(wg, &notices[1], set_errno, NULL));
    assert_int_equal(errno, EILSEQ);
    wg_done(wg);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(called.count, 2);
    assert_false(wg_notify(wg, &notices[0], set_errno, NULL));
    assert_false(wg_notify_cancel(wg, &notices[0]));
    wg_add(wg, 1);
    assert_true(wg_notify(wg, &notices[0], set_errno, NULL));
    assert_true(wg_notify_cancel(wg, &notices[0]));
    assert_int_equal(errno, EILSEQ);
    wg_done(wg);
}

static int file; /* to write to */
static atomic_int steps;

static void write_as_an_event_loop_is_told(void *arg)
{
    int before;
    REQUIRE(write(file, "", 1) == 1); /* a cancellation point, if cancellation were on */
    REQUIRE(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
    REQUIRE(before == PTHREAD_CANCEL_DISABLE);
    note(arg);
}

static void finish_with_a_cancel_pending(void *arg)
{
    int before;
    REQUIRE(pthread_cancel(pthread_self()) == 0);
    REQUIRE(pthread_setcancelstate(*(int *)arg, &before) == 0);
    wg_done(wg);
    atomic_store(&steps, 1);
    pthread_testcancel();
    atomic_store(&steps, 2);
}

static void a_pending_cancel_waits_until_all_were_called(void **unused)
{
    static int states[] = { PTHREAD_CANCEL_ENABLE, PTHREAD_CANCEL_DISABLE };
    (void)unused;
    if (SUITE_WINDOWS)
        skip(); /* only the tests cancel threads there; the library knows no cancellation on Windows */
    FILE *const temporary = tmpfile();
    assert_non_null(temporary);
    file = fileno(temporary);
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        wg_notice_t notices[2] = { WG_NOTICE_INIT, WG_NOTICE_INIT };
        thread_t thread;
        called.count = 0;
        wg_add(wg, 1);
        assert_true(wg_notify(wg, &notices[0], write_as_an_event_loop_is_told, NULL));
        assert_true(wg_notify(wg, &notices[1], write_as_an_event_loop_is_told, NULL));
        thread_start(&thread, finish_with_a_cancel_pending, &states[i]);
        /* After the call, cancellation is as it was before. */
        assert_ptr_equal(thread_join(&thread), states[i] == PTHREAD_CANCEL_ENABLE ? PTHREAD_CANCELED : NULL);
        assert_int_equal(atomic_load(&steps), states[i] == PTHREAD_CANCEL_ENABLE ? 1 : 2);
        assert_int_equal(called.count, 2);
    }
    fclose(temporary);
}

/* A group and its notice, which are freed together. */
typedef struct party {
    wg_t *wg;
    wg_notice_t notice;
} party_t;

static void end_the_party(void *arg)
{
    party_t *const party = arg;
    note(party);
    wg_destroy(party->wg);
    memset(party, 0xee, sizeof *party);
    free(party);
}

static void the_only_party_may_end_the_group_and_free_the_notice(void **unused)
{
    (void)unused;
    for (int round = 0; round < 10; round++) {
        party_t *const party = calloc(1, sizeof *party);
        assert_non_null(party);
        party->wg = make_over(ops);
        wg_t *const group = party->wg;
        wg_add(group, 1);
        assert_true(wg_notify(group, &party->notice, end_the_party, party));
        wg_done(group);
    }
    assert_int_equal(called.count, 10);
}

static unsigned generations_left;

static void start_the_next_generation(void *arg)
{
    note(arg);
    if (generations_left-- == 0)
        return;
    wg_add(wg, 2);
    REQUIRE(wg_notify(wg, arg, start_the_next_generation, arg));
}

static void the_only_party_may_add_and_register_again(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    (void)unused;
    generations_left = 5;
    wg_add(wg, 2);
    assert_true(wg_notify(wg, &notice, start_the_next_generation, &notice));
    for (unsigned generation = 1; generation <= 6; generation++) {
        wg_done(wg);
        wg_done(wg);
        assert_int_equal(called.count, generation);
    }
    assert_int_equal(wg_count(wg), 0);
}

static void look_at_zero(void *arg)
{
    wg_notice_t mine = WG_NOTICE_INIT;
    REQUIRE(wg_count(wg) == 0 && wg_waiters(wg) == 0 && wg_try_wait(wg));
    REQUIRE(!wg_notify(wg, &mine, look_at_zero, NULL)); /* at zero it is not registered, so not called */
    wg_wait(wg);
    REQUIRE(wg_wait_for(wg, 0) == 0);
    note(arg);
}

static void fn_finds_the_group_at_zero_and_unused(void **unused)
{
    wg_notice_t notices[2] = { WG_NOTICE_INIT, WG_NOTICE_INIT };
    (void)unused;
    wg_add(wg, 1);
    assert_true(wg_notify(wg, &notices[0], look_at_zero, NULL));
    assert_true(wg_notify(wg, &notices[1], look_at_zero, NULL));
    wg_done(wg);
    assert_int_equal(called.count, 2);
}

/* A group as a task of another. */

static void done_with(void *arg)
{
    wg_done(arg);
}

#define CHAIN 50

static void a_chain_of_groups_ends_in_one_done(void **unused)
{
    static wg_storage_t storages[CHAIN];
    wg_notice_t notices[CHAIN] = { WG_NOTICE_INIT };
    wg_t *chain[CHAIN];
    (void)unused;
    for (size_t i = 0; i < CHAIN; i++) {
        chain[i] = init_over(&storages[i], ops);
        wg_add(chain[i], 1);
        assert_true(wg_notify(chain[i], &notices[i], i == 0 ? note : done_with, i == 0 ? NULL : chain[i - 1]));
    }
    wg_done(chain[CHAIN - 1]);
    assert_int_equal(called.count, 1);
    for (size_t i = 0; i < CHAIN; i++) {
        assert_true(wg_try_wait(chain[i]));
        wg_destroy(chain[i]);
    }
}

static void wait_here(void *arg)
{
    wg_wait(arg);
}

static void a_group_waits_for_groups(void **unused)
{
    wg_notice_t notices[3] = { WG_NOTICE_INIT };
    wg_t *children[3];
    thread_t thread;
    (void)unused;
    for (size_t i = 0; i < 3; i++) {
        children[i] = make_over(ops);
        wg_add(children[i], 1);
        wg_add(wg, 1);
        assert_true(wg_notify(children[i], &notices[i], done_with, wg));
    }
    thread_start(&thread, wait_here, wg);
    UNTIL(wg_waiters(wg) == 1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(wg_count(wg), 3 - i);
        wg_done(children[i]);
        wg_destroy(children[i]);
    }
    thread_join(&thread);
}

/* Notices and waiters. */

static atomic_uint returned;

static void wait_and_count(void *arg)
{
    (void)arg;
    wg_wait(wg);
    atomic_fetch_add(&returned, 1);
}

static void until_three_returned(void *arg)
{
    UNTIL(atomic_load(&returned) == 3);
    note(arg);
}

static void waiters_go_on_while_a_fn_runs(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    thread_t threads[3];
    (void)unused;
    atomic_store(&returned, 0);
    wg_add(wg, 1);
    assert_true(wg_notify(wg, &notice, until_three_returned, NULL));
    for (size_t i = 0; i < 3; i++)
        thread_start(&threads[i], wait_and_count, NULL);
    UNTIL(wg_waiters(wg) == 3);
    for (size_t i = 0; i < 3; i++)
        until_asleep(&threads[i]);
    wg_done(wg);
    assert_int_equal(called.count, 1);
    for (size_t i = 0; i < 3; i++)
        thread_join(&threads[i]);
}

static unsigned calls_before_fn;

static void note_the_calls_before(void *arg)
{
    if (called.count == 0)
        calls_before_fn = fake.count;
    note(arg);
}

static int finish(void *arg)
{
    wg_done(arg);
    return 0;
}

static int finish_too_late(void *arg)
{
    wg_t *const group = arg;
    if (wg_count(group) == 0)
        return 0; /* the token that is owed */
    wg_done(group);
    return ETIMEDOUT;
}

static int time_out(void *arg)
{
    (void)arg;
    return ETIMEDOUT;
}

static void the_tokens_come_before_the_first_call(void **unused)
{
    wg_notice_t notices[2] = { WG_NOTICE_INIT, WG_NOTICE_INIT };
    wg_t *const group = make_over(&fake_sem_ops);
    (void)unused;
    fake.asleep = finish;
    fake.arg = group;
    wg_add(group, 1);
    assert_true(wg_notify(group, &notices[0], note_the_calls_before, NULL));
    assert_true(wg_notify(group, &notices[1], note_the_calls_before, NULL));
    wg_wait(group);
    assert_int_equal(called.count, 2);
    assert_int_equal(fake_calls(FAKE_RELEASE), 1);
    assert_int_equal(fake_call(FAKE_RELEASE, 0)->n, 1);
    assert_int_equal(calls_before_fn, 3); /* init, acquire, release */
    assert_int_equal(fake.count, 3);
    wg_destroy(group);
}

static void without_waiters_the_semaphore_is_left_alone(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT, other = WG_NOTICE_INIT;
    wg_t *const group = make_over(&fake_sem_ops);
    (void)unused;
    wg_add(group, 1);
    assert_true(wg_notify(group, &notice, note, NULL));
    assert_true(wg_notify(group, &other, note, NULL));
    assert_true(wg_notify_cancel(group, &other));
    wg_done(group);
    assert_int_equal(called.count, 1);
    assert_int_equal(fake.count, 1);
    wg_destroy(group);
}

static void a_wait_beside_it_may_time_out(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    wg_t *const group = make_over(&fake_sem_ops);
    (void)unused;
    fake.asleep = time_out;
    wg_add(group, 1);
    assert_true(wg_notify(group, &notice, note, NULL));
    assert_int_equal(wg_wait_for(group, 1000000000), ETIMEDOUT);
    assert_int_equal(wg_waiters(group), 0);
    assert_true(has_notices(group));
    wg_done(group);
    assert_int_equal(called.count, 1);
    assert_int_equal(fake_calls(FAKE_RELEASE), 0);
    wg_destroy(group);
}

static void a_wait_beside_it_that_times_out_too_late_takes_its_token(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    wg_t *const group = make_over(&fake_sem_ops);
    (void)unused;
    fake.asleep = finish_too_late;
    fake.arg = group;
    wg_add(group, 1);
    assert_true(wg_notify(group, &notice, note, NULL));
    assert_int_equal(wg_wait_for(group, 1000000000), 0);
    assert_int_equal(called.count, 1);
    assert_int_equal(fake.tokens, 0);
    wg_destroy(group);
}

/* Notices of a group that is closed and reopened. */

static void expect_closed(void *arg)
{
    REQUIRE(wg_is_closed(wg) && !wg_try_add(wg, 1));
    note(arg);
}

static void closing_and_reopening_call_nothing_and_lose_nothing(void **unused)
{
    wg_notice_t notices[2] = { WG_NOTICE_INIT, WG_NOTICE_INIT };
    (void)unused;
    assert_true(wg_try_add(wg, 2));
    assert_true(wg_notify(wg, &notices[0], expect_closed, NULL));
    wg_close(wg);
    assert_true(wg_notify(wg, &notices[1], expect_closed, NULL)); /* a closed group also takes notices */
    wg_reopen(wg);
    assert_true(wg_try_add(wg, 3));
    wg_close(wg);
    wg_close(wg);
    assert_false(wg_try_add(wg, 1));
    wg_add(wg, 1); /* adds a subtask */
    assert_int_equal(wg_count(wg), 6);
    wg_add(wg, -5);
    assert_int_equal(called.count, 0);
    wg_done(wg);
    assert_int_equal(called.count, 2);
    assert_true(wg_is_closed(wg));
    wg_reopen(wg);
    assert_true(wg_try_add(wg, 1));
    wg_done(wg);
    assert_int_equal(called.count, 2);
}

static void withdrawing_leaves_the_gate_as_it_is(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    (void)unused;
    assert_true(wg_try_add(wg, 1));
    wg_close(wg);
    assert_true(wg_notify(wg, &notice, note, NULL));
    assert_true(wg_notify_cancel(wg, &notice));
    assert_true(wg_is_closed(wg));
    wg_done(wg);
    assert_true(wg_is_closed(wg));
}

static void reopen_and_count_in(void *arg)
{
    note(arg);
    wg_reopen(wg);
    REQUIRE(wg_try_add(wg, 1));
}

static void the_fn_of_a_drain_may_reopen(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    (void)unused;
    assert_true(wg_try_add(wg, 1));
    assert_true(wg_notify(wg, &notice, reopen_and_count_in, NULL));
    wg_close(wg);
    wg_done(wg);
    assert_int_equal(called.count, 1);
    assert_int_equal(wg_count(wg), 1);
    wg_done(wg);
}

/*
 * A thread that stops while it holds the list.  No thread does so here: the test marks
 * the list as held.
 */
enum { HELD = 1 };

static uintptr_t stop_with_the_list(void)
{
    return atomic_exchange(&wg->notices, HELD);
}

static void a_thread_that_stopped_in_there_holds_up_no_wait_add_or_done(void **unused)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    thread_t threads[3];
    (void)unused;
    atomic_store(&returned, 0);
    wg_add(wg, 2);
    assert_true(wg_notify(wg, &notice, note, NULL));
    for (size_t i = 0; i < 3; i++)
        thread_start(&threads[i], wait_and_count, NULL);
    UNTIL(wg_waiters(wg) == 3);
    const uintptr_t list = stop_with_the_list();

    wg_add(wg, 1);
    wg_add(wg, -2);
    assert_true(wg_try_add(wg, 1));
    wg_done(wg);
    wg_close(wg);
    wg_reopen(wg);
    assert_int_equal(wg_wait_for(wg, 1000), ETIMEDOUT);
    assert_int_equal(wg_wait_for(wg, 0), ETIMEDOUT);
    assert_int_equal(wg_count(wg), 1);
    wg_done(wg);
    for (size_t i = 0; i < 3; i++)
        thread_join(&threads[i]);
    assert_true(wg_try_wait(wg));
    wg_wait(wg);
    assert_int_equal(called.count, 0); /* only the notice waits for the thread that holds the list */

    atomic_store(&wg->notices, list);
    wgi_notice_due(wg);
    assert_int_equal(called.count, 1);
}

static void register_and_withdraw(void *arg)
{
    wg_notice_t notice = WG_NOTICE_INIT;
    (void)arg;
    errno = EILSEQ;
    REQUIRE(wg_notify(wg, &notice, note, NULL));
    REQUIRE(errno == EILSEQ);
    REQUIRE(wg_notify_cancel(wg, &notice));
}

static void one_that_finds_the_list_held_sleeps_until_it_is_free(void **unused)
{
    thread_t thread;
    (void)unused;
    if (SUITE_WINDOWS)
        skip(); /* on Windows the tests see only threads that sleep in WaitOnAddress() */
    wg_add(wg, 1);
    const uintptr_t list = stop_with_the_list();
    thread_start(&thread, register_and_withdraw, NULL);
    for (int times = 0; times < 10; times++)
        until_asleep(&thread); /* a thread that polled would keep the holder from running */
    atomic_store(&wg->notices, list);
    thread_join(&thread);
    wg_done(wg);
    assert_int_equal(called.count, 0);
}

/* Zero-filled, and small. */

static void zero_filled_memory_will_do(void **unused)
{
    static wg_storage_t zeroes;
    static wg_notice_t notice;
    (void)unused;
    wg_t *const group = wg_attach(&zeroes);
    assert_non_null(group);
    wg_add(group, 1);
    assert_true(wg_notify(group, &notice, note, NULL));
    wg_done(group);
    assert_int_equal(called.count, 1);
    wg_destroy(group);
}

static void nothing_has_grown(void **unused)
{
    const wg_notice_t zero = WG_NOTICE_INIT;
    const unsigned char *const bytes = (const unsigned char *)&zero;
    (void)unused;
    assert_int_equal(sizeof(wg_storage_t), 64);
    assert_true(sizeof(wg_t) <= sizeof(wg_storage_t));
    assert_int_equal(sizeof(wg_notice_t), 6 * sizeof(void *));
    assert_int_equal(sizeof(wg_choice_t), 7 * sizeof(void *));
    for (size_t i = 0; i < sizeof zero; i++)
        assert_int_equal(bytes[i], 0);
}

/* Misuses, each in a child process. */

static wg_storage_t storage;
static wg_notice_t registered;
static const char *const words_of_add = "WaitGroup misuse: Add called concurrently with Wait";
static const char *const words_of_notice = "notice is registered already, or its WaitGroup is shared by processes";

static void begin(void)
{
    wg = init_over(&storage, ops);
    registered = (wg_notice_t)WG_NOTICE_INIT;
    wg_add(wg, 1);
    REQUIRE(wg_notify(wg, &registered, note, NULL));
}

static void register_twice(void *arg)
{
    (void)arg;
    begin();
    (void)!wg_notify(wg, &registered, note, NULL);
}

static wg_storage_t second;

static void register_in_two_groups(void *arg)
{
    (void)arg;
    begin();
    wg = init_over(&second, ops);
    wg_add(wg, 1);
    (void)!wg_notify(wg, &registered, note, NULL);
}

static void register_twice_before_the_end(void *arg)
{
    static wg_notice_t again;
    (void)arg;
    begin();
    REQUIRE(wg_notify(wg, &again, note, NULL));
    (void)!wg_notify(wg, &registered, note, NULL); /* it is not the newest in the list */
}

static void a_notice_that_is_registered_is_not_registered_again(void **unused)
{
    static wg_storage_t *const same = &storage;
    (void)unused;
    assert_aborts(register_twice, NULL, misuse_line((wg_t *)same, words_of_notice, 1, 0, 0));
    assert_aborts(register_twice_before_the_end, NULL, misuse_line((wg_t *)same, words_of_notice, 1, 0, 0));
    assert_aborts(register_in_two_groups, NULL, misuse_line((wg_t *)&second, words_of_notice, 1, 0, 0));
}

static void register_in_a_shared_group(void *arg)
{
    const wg_config_t config = { sizeof config, ops, WG_PROCESS_SHARED };
    wg = wg_init(&storage, &config);
    REQUIRE(wg != NULL);
    wg_add(wg, *(int *)arg);
    (void)!wg_notify(wg, &registered, note, NULL);
}

static void a_shared_group_takes_no_notice(void **unused)
{
    static int counts[] = { 3, 0 }; /* also at zero */
    const wg_config_t config = { sizeof config, ops, WG_PROCESS_SHARED };
    (void)unused;
    wg_t *const shared = wg_init(&storage, &config);
    if (shared == NULL) {
        assert_int_equal(errno, ENOTSUP);
        skip();
    }
    wg_destroy(shared);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        assert_aborts(register_in_a_shared_group, &counts[i],
                      misuse_line((wg_t *)&storage, words_of_notice, counts[i], 0, 0));
}

static void destroy_under_a_notice(void *arg)
{
    (void)arg;
    begin();
    wg_destroy(wg);
}

/* Makes a state that in real use lasts some instructions: the counter is zero, and the notices are not yet called. */
static void come_to_zero_but_call_nothing(void)
{
    begin();
    atomic_store(&wg->state, WGI_STATE_NOTICE);
}

static void destroy_before_the_call(void *arg)
{
    (void)arg;
    come_to_zero_but_call_nothing();
    wg_destroy(wg);
}

static void a_group_with_a_notice_is_not_destroyed(void **unused)
{
    (void)unused;
    assert_aborts(destroy_under_a_notice, NULL, misuse_line((wg_t *)&storage, "destroyed while in use", 1, 0, 0));
    assert_aborts(destroy_before_the_call, NULL, misuse_line((wg_t *)&storage, "destroyed while in use", 0, 0, 0));
}

static void add_from_zero(void *arg)
{
    (void)arg;
    come_to_zero_but_call_nothing();
    wg_add(wg, 2);
}

static void try_add_from_zero(void *arg)
{
    (void)arg;
    come_to_zero_but_call_nothing();
    (void)!wg_try_add(wg, 2);
}

static void go_from_zero(void *arg)
{
    (void)arg;
    come_to_zero_but_call_nothing();
    (void)!wg_go(wg, note, NULL);
}

/* The other way round: the add itself did not see the misuse, but the thread that calls the notices sees it. */
static void call_after_an_add(void *arg)
{
    (void)arg;
    come_to_zero_but_call_nothing();
    atomic_store(&wg->state, WGI_STATE_NOTICE | 5 * WGI_STATE_ONE);
    wgi_notice_due(wg);
}

static void an_add_from_zero_under_a_notice_is_reported(void **unused)
{
    wg_t *const same = (wg_t *)&storage;
    (void)unused;
    assert_aborts(add_from_zero, NULL, misuse_line(same, words_of_add, 2, 0, 2));
    assert_aborts(try_add_from_zero, NULL, misuse_line(same, words_of_add, 0, 0, 2));
    assert_aborts(go_from_zero, NULL, misuse_line(same, words_of_add, 1, 0, 1));
    assert_aborts(call_after_an_add, NULL, misuse_line(same, words_of_add, 5, 0, 0));
}

static void done_once_too_often(void *arg)
{
    (void)arg;
    begin();
    wg_add(wg, -2);
}

static void one_done_too_many_is_reported_beside_a_notice(void **unused)
{
    (void)unused;
    assert_aborts(done_once_too_often, NULL, misuse_line((wg_t *)&storage, "negative WaitGroup counter", -1, 0, -2));
}

static jmp_buf out;

static void leave(const wg_t *group, wg_misuse_t misuse, const char *message)
{
    REQUIRE(group == wg && misuse == WG_MISUSE_NOTICE && strstr(message, words_of_notice) == message);
    longjmp(out, 1);
}

static void destroy_after_a_handler_has_left(void *arg)
{
    (void)arg;
    wg_set_panic_handler(leave);
    begin();
    if (setjmp(out) == 0) {
        (void)!wg_notify(wg, &registered, note, NULL);
        REQUIRE(!"reached");
    }
    wg_destroy(wg); /* does not report a second time */
    for (size_t i = 0; i < sizeof storage; i++)
        REQUIRE(storage.bytes[i] == 0);
}

static void the_handler_is_told_its_number_and_may_leave(void **unused)
{
    (void)unused;
    assert_int_equal(WG_MISUSE_NOTICE, 7);
    assert_survives(destroy_after_a_handler_has_left, NULL);
}

#define OF_A_GROUP(test) cmocka_unit_test_setup_teardown(test, make, end)
#define ALONE(test) cmocka_unit_test_setup(test, forget)

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        OF_A_GROUP(at_zero_it_says_false_and_calls_nothing),
        OF_A_GROUP(the_last_done_calls_it_once),
        OF_A_GROUP(a_negative_add_calls_it_as_a_done_does),
        OF_A_GROUP(it_is_called_on_the_thread_of_the_last_done),
        OF_A_GROUP(a_task_of_wg_go_calls_it_when_it_ends),
        OF_A_GROUP(they_are_called_in_the_order_of_registration),
        OF_A_GROUP(withdrawn_ones_leave_the_others_in_order),
        OF_A_GROUP(a_withdrawn_one_is_never_called_and_may_come_back),
        OF_A_GROUP(what_is_not_registered_is_not_withdrawn),
        OF_A_GROUP(a_notice_of_another_group_stays_there),
        OF_A_GROUP(any_thread_may_withdraw),
        OF_A_GROUP(it_is_too_late_from_the_first_call_on),
        OF_A_GROUP(errno_is_kept),
        OF_A_GROUP(a_pending_cancel_waits_until_all_were_called),
        ALONE(the_only_party_may_end_the_group_and_free_the_notice),
        OF_A_GROUP(the_only_party_may_add_and_register_again),
        OF_A_GROUP(fn_finds_the_group_at_zero_and_unused),
        ALONE(a_chain_of_groups_ends_in_one_done),
        OF_A_GROUP(a_group_waits_for_groups),
        OF_A_GROUP(waiters_go_on_while_a_fn_runs),
        ALONE(the_tokens_come_before_the_first_call),
        ALONE(without_waiters_the_semaphore_is_left_alone),
        ALONE(a_wait_beside_it_may_time_out),
        ALONE(a_wait_beside_it_that_times_out_too_late_takes_its_token),
        OF_A_GROUP(closing_and_reopening_call_nothing_and_lose_nothing),
        OF_A_GROUP(withdrawing_leaves_the_gate_as_it_is),
        OF_A_GROUP(the_fn_of_a_drain_may_reopen),
        OF_A_GROUP(a_thread_that_stopped_in_there_holds_up_no_wait_add_or_done),
        OF_A_GROUP(one_that_finds_the_list_held_sleeps_until_it_is_free),
        ALONE(zero_filled_memory_will_do),
        ALONE(nothing_has_grown),
        ALONE(a_notice_that_is_registered_is_not_registered_again),
        ALONE(a_shared_group_takes_no_notice),
        ALONE(a_group_with_a_notice_is_not_destroyed),
        ALONE(an_add_from_zero_under_a_notice_is_reported),
        ALONE(one_done_too_many_is_reported_beside_a_notice),
        ALONE(the_handler_is_told_its_number_and_may_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
