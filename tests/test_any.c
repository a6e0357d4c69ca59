/* SPDX-License-Identifier: 0BSD */
/* test_any.c: waits for the first of several groups: test_any futex|posix|dispatch|cond. */
#include "backends.h"
#include "fake_sem.h"
#include "group.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <string.h>

static const wg_sem_ops_t *ops;

#define GROUPS 5
#define NOTHING 12345 /* in 'which' until a call stores an index */

static wg_t *groups[GROUPS];
static wg_choice_t choices[GROUPS];
static size_t which;

static void make_groups(const wg_sem_ops_t *over)
{
    fake_reset();
    which = NOTHING;
    for (size_t i = 0; i < GROUPS; i++) {
        groups[i] = make_over(over);
        wg_add(groups[i], 1);
        memset(&choices[i], 0x5a, sizeof choices[i]); /* all members but 'wg' belong to the library */
        choices[i].wg = groups[i];
    }
}

static int make(void **unused)
{
    (void)unused;
    make_groups(ops);
    return 0;
}

static int make_fake(void **unused)
{
    (void)unused;
    make_groups(&fake_sem_ops);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < GROUPS; i++) {
        if (wg_count(groups[i]) != 0)
            wg_done(groups[i]);
        wg_destroy(groups[i]);
    }
    return 0;
}

/* No wait has left anything in any group: not even what wg_waiters() does not count. */
static void assert_no_trace(void)
{
    for (size_t i = 0; i < GROUPS; i++) {
        const uint64_t word = wgi_state_relaxed(&groups[i]->state);
        assert_int_equal(word & WGI_STATE_PARTIES, 0);
        assert_int_equal(atomic_load(&groups[i]->notices), 0);
    }
}

static const struct timespec past = { 0, 0 };

/* What wg_wait_any() refuses. */

static void no_groups_are_refused(void **unused)
{
    (void)unused;
    assert_int_equal(wg_wait_any(choices, 0, NULL, &which), EINVAL);
    assert_int_equal(wg_wait_any(choices, 0, &past, &which), EINVAL);
    assert_int_equal(which, NOTHING);
}

static void a_bad_deadline_is_refused_always(void **unused)
{
    static const struct timespec bad[] = { { 5, 1000000000 }, { 5, -1 }, { -1, -1 }, { 0, 2000000000 } };
    (void)unused;
    for (int zero = 0; zero < 2; zero++) {
        for (size_t i = 0; i < COUNT_OF(bad); i++)
            assert_int_equal(wg_wait_any(choices, GROUPS, &bad[i], &which), EINVAL);
        assert_int_equal(which, NOTHING);
        assert_no_trace();
        if (zero == 0)
            wg_done(groups[0]);
    }
}

static void a_shared_group_is_refused_at_any_place(void **unused)
{
    static wg_storage_t storage;
    const wg_config_t config = { sizeof config, ops, WG_PROCESS_SHARED };
    (void)unused;
    wg_t *const shared = wg_init(&storage, &config);
    if (shared == NULL) {
        assert_int_equal(errno, ENOTSUP);
        skip();
    }
    for (size_t i = 0; i < GROUPS; i++) {
        choices[i].wg = shared; /* also at zero */
        assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), EINVAL);
        choices[i].wg = groups[i];
    }
    assert_int_equal(which, NOTHING);
    assert_no_trace();
    wg_destroy(shared);
}

static void groups_of_two_semaphores_are_refused(void **unused)
{
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch(), &cond_sem_ops,
                                        &fake_sem_ops };
    (void)unused;
    for (size_t kind = 0; kind < COUNT_OF(all); kind++)
        for (size_t i = 0; i < GROUPS && all[kind] != NULL && all[kind] != ops; i++) {
            wg_t *const other = make_over(all[kind]);
            choices[i].wg = other; /* also at zero */
            assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), EINVAL);
            choices[i].wg = groups[i];
            wg_destroy(other);
        }
    assert_int_equal(which, NOTHING);
    assert_no_trace();
}

/* Two tables are different even if their contents are the same. */
static void a_copy_of_a_table_is_another_one(void **unused)
{
    const wg_sem_ops_t copy = *ops;
    wg_t *const other = make_over(&copy);
    (void)unused;
    choices[1].wg = other;
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), EINVAL);
    choices[1].wg = groups[1];
    wg_destroy(other);
}

static void a_group_of_the_defaults_is_as_one_of_that_semaphore(void **unused)
{
    (void)unused;
    if (ops != wg_sem_default())
        skip();
    wg_t *const other = wg_create();
    assert_non_null(other);
    wg_add(other, 1);
    choices[0].wg = other;
    assert_int_equal(wg_wait_any(choices, GROUPS, &past, &which), ETIMEDOUT);
    wg_done(other);
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
    assert_int_equal(which, 0);
    wg_destroy(other);
}

static void done_after_a_while(void *arg)
{
    wg_t *const group = arg;
    UNTIL((wgi_state_relaxed(&group->state) & WGI_STATE_NOTICE) != 0);
    wg_done(group);
}

/* On Linux, zero-filled groups sleep in the futex.  The zero-filled group is the first one, then the second one. */
static void zero_filled_groups_go_together_with_those_of_their_semaphore(void **unused)
{
    static wg_storage_t storages[2];
    thread_t thread;
    (void)unused;
    if (ops != wg_sem_futex())
        skip();
    for (size_t at = 0; at < 2; at++) {
        wg_t *const zero_filled = wg_attach(&storages[at]);
        assert_non_null(zero_filled);
        wg_add(zero_filled, 1);
        choices[at].wg = zero_filled;
        const struct timespec soon = monotonic_in_ns(100000);
        assert_int_equal(wg_wait_any(choices, GROUPS, &soon, &which), ETIMEDOUT);
        thread_start(&thread, done_after_a_while, zero_filled);
        assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
        assert_int_equal(which, at);
        thread_join(&thread);
        choices[at].wg = groups[at];
        wg_destroy(zero_filled);
    }
}

/* What wg_wait_any() finds. */

static void the_lowest_of_those_at_zero_is_named(void **unused)
{
    (void)unused;
    for (size_t i = GROUPS; i-- > 0;) {
        wg_done(groups[i]);
        assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
        assert_int_equal(which, i);
        assert_int_equal(wg_wait_any(choices, GROUPS, &past, &which), 0); /* this one only looks */
        assert_int_equal(which, i);
        assert_no_trace();
    }
}

static void one_group_alone_is_waited_for(void **unused)
{
    thread_t thread;
    (void)unused;
    assert_int_equal(wg_wait_any(choices, 1, &past, &which), ETIMEDOUT);
    thread_start(&thread, done_after_a_while, groups[0]);
    assert_int_equal(wg_wait_any(choices, 1, NULL, &which), 0);
    assert_int_equal(which, 0);
    thread_join(&thread);
}

static void each_group_ends_the_wait(void **unused)
{
    thread_t thread;
    (void)unused;
    for (size_t i = 0; i < GROUPS; i++) {
        const struct timespec far = monotonic_in_ns(3600ll * 1000000000);
        thread_start(&thread, done_after_a_while, groups[i]);
        assert_int_equal(wg_wait_any(choices, GROUPS, i % 2 != 0 ? &far : NULL, &which), 0);
        assert_int_equal(which, i);
        thread_join(&thread);
        assert_no_trace();
        wg_add(groups[i], 1);
    }
}

static void a_group_may_be_there_twice(void **unused)
{
    thread_t thread;
    (void)unused;
    choices[1].wg = choices[3].wg = groups[0];
    const struct timespec soon = monotonic_in_ns(100000);
    assert_int_equal(wg_wait_any(choices, GROUPS, &soon, &which), ETIMEDOUT);
    assert_no_trace();
    thread_start(&thread, done_after_a_while, groups[0]);
    assert_int_equal(wg_wait_any(&choices[1], GROUPS - 1, NULL, &which), 0);
    assert_int_equal(which, 0);
    thread_join(&thread);
    assert_no_trace();
}

static void errno_is_left_alone(void **unused)
{
    thread_t thread;
    (void)unused;
    errno = EILSEQ;
    const struct timespec soon = monotonic_in_ns(100000);
    assert_int_equal(wg_wait_any(choices, GROUPS, &soon, &which), ETIMEDOUT);
    assert_int_equal(errno, EILSEQ);
    thread_start(&thread, done_after_a_while, groups[2]);
    errno = EILSEQ;
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
    assert_int_equal(errno, EILSEQ);
    thread_join(&thread);
}

/* Time. */

static void a_deadline_is_never_early_and_leaves_no_trace(void **unused)
{
    static const int64_t waits[] = { 1, 1000, 100000, 1000000, 1234567, 20000000 };
    (void)unused;
    for (int round = 0; round < 5; round++)
        for (size_t i = 0; i < COUNT_OF(waits); i++) {
            const struct timespec deadline = monotonic_in_ns(waits[i]);
            assert_int_equal(wg_wait_any(choices, GROUPS, &deadline, &which), ETIMEDOUT);
            assert_true(ns_since(deadline) >= 0);
            assert_no_trace();
        }
    assert_int_equal(which, NOTHING);
}

static void a_time_that_has_passed_makes_no_semaphore(void **unused)
{
    static const struct timespec times[] = { { 0, 0 }, { 0, 1 }, { -1, 999999999 } };
    const unsigned before = fake.count;
    (void)unused;
    for (size_t i = 0; i < COUNT_OF(times); i++)
        assert_int_equal(wg_wait_any(choices, GROUPS, &times[i], &which), ETIMEDOUT);
    wg_done(groups[3]);
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0); /* a group at zero needs no semaphore either */
    assert_int_equal(fake.count, before);
}

/* Over the fake semaphore: things happen at chosen moments. */

static int finish(void *arg)
{
    wg_done(arg);
    return 0;
}

static int time_out(void *arg)
{
    (void)arg;
    return ETIMEDOUT;
}

static const wg_sem_ops_t *other_table(int (*init)(void *sem, bool process_shared))
{
    static wg_sem_ops_t table;
    table = fake_sem_ops;
    table.init = init;
    return &table;
}

/* The wait makes a semaphore of its own and ends it, with no token left in it. */
static void assert_one_semaphore_came_and_went(unsigned acquires)
{
    assert_int_equal(fake_calls(FAKE_INIT), GROUPS + 1);
    assert_int_equal(fake_calls(FAKE_DESTROY), 1);
    assert_int_equal(fake_calls(FAKE_ACQUIRE), acquires);
    assert_ptr_equal(fake_call(FAKE_DESTROY, 0)->sem, fake_call(FAKE_INIT, GROUPS)->sem);
    for (unsigned i = 0; i < acquires; i++)
        assert_ptr_equal(fake_call(FAKE_ACQUIRE, i)->sem, fake_call(FAKE_INIT, GROUPS)->sem);
    assert_int_equal(fake.tokens, 0);
    assert_no_trace();
}

static void it_sleeps_once_with_the_deadline_it_was_given(void **unused)
{
    const struct timespec far = { (time_t)INT32_MAX, 123456789 };
    (void)unused;
    fake.asleep = time_out;
    assert_int_equal(wg_wait_any(choices, GROUPS, &far, &which), ETIMEDOUT);
    assert_one_semaphore_came_and_went(1);
    assert_true(fake_call(FAKE_ACQUIRE, 0)->timed);
    assert_int_equal(fake_call(FAKE_ACQUIRE, 0)->deadline.tv_sec, far.tv_sec);
    assert_int_equal(fake_call(FAKE_ACQUIRE, 0)->deadline.tv_nsec, far.tv_nsec);
    assert_false(fake_call(FAKE_INIT, GROUPS)->process_shared);
}

static void without_a_deadline_it_sleeps_for_ever(void **unused)
{
    (void)unused;
    fake.asleep = finish;
    fake.arg = groups[3];
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
    assert_int_equal(which, 3);
    assert_one_semaphore_came_and_went(1);
    assert_false(fake_call(FAKE_ACQUIRE, 0)->timed);
}

static int finish_some_then_nothing(void *arg)
{
    (void)arg;
    fake.asleep = NULL;
    wg_done(groups[4]);
    wg_done(groups[1]);
    wg_done(groups[2]);
    return 0;
}

static void it_takes_the_token_of_each_group_that_finished(void **unused)
{
    (void)unused;
    fake.asleep = finish_some_then_nothing;
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
    assert_int_equal(which, 1);
    assert_one_semaphore_came_and_went(3);
    for (unsigned i = 1; i < 3; i++)
        assert_false(fake_call(FAKE_ACQUIRE, i)->timed);
}

static int finish_then_time_out(void *arg)
{
    fake.asleep = NULL;
    wg_done(arg);
    return ETIMEDOUT;
}

static void a_group_that_finished_at_the_deadline_counts(void **unused)
{
    const struct timespec far = { (time_t)INT32_MAX, 0 };
    (void)unused;
    fake.asleep = finish_then_time_out;
    fake.arg = groups[2];
    assert_int_equal(wg_wait_any(choices, GROUPS, &far, &which), 0);
    assert_int_equal(which, 2);
    assert_one_semaphore_came_and_went(2);
}

/* The wait makes its semaphore between its first look at the groups and its registration with them. */
static size_t finished_first, finished_second;

static int finish_meanwhile(void *sem, bool process_shared)
{
    const int error = fake_sem_ops.init(sem, process_shared);
    if (groups[GROUPS - 1] != NULL && wg_count(groups[finished_first]) == 1)
        wg_done(groups[finished_first]);
    if (groups[GROUPS - 1] != NULL && wg_count(groups[finished_second]) == 1)
        wg_done(groups[finished_second]);
    return error;
}

static void a_group_that_finished_before_it_was_registered_counts(void **unused)
{
    (void)unused;
    for (size_t first = 0; first < GROUPS; first++)
        for (size_t second = first; second < GROUPS; second++) {
            finished_first = first;
            finished_second = second;
            memset(groups, 0, sizeof groups);
            make_groups(other_table(finish_meanwhile));
            assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
            assert_int_equal(which, first);
            assert_one_semaphore_came_and_went(0); /* the registrations before it are withdrawn */
            end(NULL);
        }
}

static void what_init_says_is_handed_on(void **unused)
{
    (void)unused;
    fake.init_result = ENOMEM;
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), ENOMEM);
    fake.init_result = EXDEV;
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), EXDEV);
    assert_int_equal(which, NOTHING);
    assert_int_equal(fake_calls(FAKE_DESTROY), 0);
    assert_no_trace();
    wg_done(groups[4]); /* a group is at zero, so init is not called */
    assert_int_equal(wg_wait_any(choices, GROUPS, NULL, &which), 0);
    assert_int_equal(which, 4);
}

/* The wait leaves the groups that did not end it as they were. */

static void the_others_may_be_used_at_once(void **unused)
{
    thread_t thread;
    wg_choice_t *const mine = malloc(sizeof choices);
    (void)unused;
    assert_non_null(mine);
    memcpy(mine, choices, sizeof choices);
    thread_start(&thread, done_after_a_while, groups[1]);
    assert_int_equal(wg_wait_any(mine, GROUPS, NULL, &which), 0);
    memset(mine, 0xee, sizeof choices);
    free(mine);
    assert_int_equal(which, 1);
    thread_join(&thread);
    for (size_t i = 0; i < GROUPS; i++) {
        if (i != 1) {
            assert_false(wg_try_wait(groups[i]));
            wg_done(groups[i]);
        }
        wg_add(groups[i], 2); /* no misuse */
        wg_add(groups[i], -1);
    }
}

static wg_choice_t others[GROUPS];

static void wait_for_any_too(void *arg)
{
    size_t found;
    (void)arg;
    REQUIRE(wg_wait_any(others, GROUPS, NULL, &found) == 0 && found == 2);
}

static void wait_for_the_third(void *arg)
{
    (void)arg;
    wg_wait(groups[2]);
}

static void waits_of_all_kinds_end_together(void **unused)
{
    thread_t any, one;
    (void)unused;
    memcpy(others, choices, sizeof others);
    thread_start(&any, wait_for_any_too, NULL);
    thread_start(&one, wait_for_the_third, NULL);
    UNTIL(wg_waiters(groups[2]) == 1);
    UNTIL((wgi_state_relaxed(&groups[GROUPS - 1]->state) & WGI_STATE_NOTICE) != 0);
    until_asleep(&any);
    const struct timespec soon = monotonic_in_ns(100000);
    assert_int_equal(wg_wait_any(choices, GROUPS, &soon, &which), ETIMEDOUT);
    wg_close(groups[2]); /* to close a group does not matter to a wait */
    wg_done(groups[2]);
    thread_join(&any);
    thread_join(&one);
    assert_no_trace();
}

#define MANY 1000

static void a_thousand_groups_are_no_matter(void **unused)
{
    static wg_storage_t storages[MANY];
    static wg_choice_t many[MANY];
    static const size_t last[] = { 0, MANY / 2, MANY - 1 };
    thread_t thread;
    (void)unused;
    for (size_t i = 0; i < MANY; i++) {
        many[i].wg = init_over(&storages[i], ops);
        wg_add(many[i].wg, 1);
    }
    for (size_t i = 0; i < COUNT_OF(last); i++) {
        wg_t *const group = many[last[i]].wg;
        const struct timespec soon = monotonic_in_ns(100000);
        assert_int_equal(wg_wait_any(many, MANY, &soon, &which), ETIMEDOUT);
        thread_start(&thread, done_after_a_while, group);
        assert_int_equal(wg_wait_any(many, MANY, NULL, &which), 0);
        assert_int_equal(which, last[i]);
        thread_join(&thread);
        wg_add(group, 1);
    }
    for (size_t i = 0; i < MANY; i++) {
        wg_done(many[i].wg);
        wg_destroy(many[i].wg);
    }
}

/* Signals and cancellation. */

static atomic_int cancel_is_pending, waits_ended;

static void wait_with_a_cancel_pending(void *arg)
{
    size_t found;
    (void)arg;
    UNTIL(atomic_load(&cancel_is_pending));
    const struct timespec soon = monotonic_in_ns(1000000);
    REQUIRE(wg_wait_any(choices, GROUPS, &soon, &found) == ETIMEDOUT);
    atomic_store(&waits_ended, 1);
    REQUIRE(wg_wait_any(choices, GROUPS, NULL, &found) == 0 && found == 3);
    atomic_store(&waits_ended, 2);
    pthread_testcancel();
    atomic_store(&waits_ended, 3);
}

static void it_is_no_cancellation_point(void **unused)
{
    thread_t thread;
    (void)unused;
    atomic_store(&cancel_is_pending, 0);
    atomic_store(&waits_ended, 0);
    thread_start(&thread, wait_with_a_cancel_pending, NULL);
    assert_int_equal(pthread_cancel(thread.handle), 0);
    atomic_store(&cancel_is_pending, 1);
    UNTIL(atomic_load(&waits_ended) == 1);
    UNTIL((wgi_state_relaxed(&groups[GROUPS - 1]->state) & WGI_STATE_NOTICE) != 0);
    until_asleep(&thread);
    wg_done(groups[3]);
    assert_ptr_equal(thread_join(&thread), PTHREAD_CANCELED);
    assert_int_equal(atomic_load(&waits_ended), 2);
    assert_no_trace();
}

#define OVER(test) cmocka_unit_test_setup_teardown(test, make, end)
#define OVER_FAKE(test) cmocka_unit_test_setup_teardown(test, make_fake, end)

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        OVER(no_groups_are_refused),
        OVER(a_bad_deadline_is_refused_always),
        OVER(a_shared_group_is_refused_at_any_place),
        OVER(groups_of_two_semaphores_are_refused),
        OVER(a_copy_of_a_table_is_another_one),
        OVER(a_group_of_the_defaults_is_as_one_of_that_semaphore),
        OVER(zero_filled_groups_go_together_with_those_of_their_semaphore),
        OVER(the_lowest_of_those_at_zero_is_named),
        OVER(one_group_alone_is_waited_for),
        OVER(each_group_ends_the_wait),
        OVER(a_group_may_be_there_twice),
        OVER(errno_is_left_alone),
        OVER(a_deadline_is_never_early_and_leaves_no_trace),
        OVER_FAKE(a_time_that_has_passed_makes_no_semaphore),
        OVER_FAKE(it_sleeps_once_with_the_deadline_it_was_given),
        OVER_FAKE(without_a_deadline_it_sleeps_for_ever),
        OVER_FAKE(it_takes_the_token_of_each_group_that_finished),
        OVER_FAKE(a_group_that_finished_at_the_deadline_counts),
        cmocka_unit_test(a_group_that_finished_before_it_was_registered_counts),
        OVER_FAKE(what_init_says_is_handed_on),
        OVER(the_others_may_be_used_at_once),
        OVER(waits_of_all_kinds_end_together),
        OVER(a_thousand_groups_are_no_matter),
        OVER(it_is_no_cancellation_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
