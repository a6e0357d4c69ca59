/* SPDX-License-Identifier: 0BSD */
/* test_misuse.c: each misuse ends the process with its line; if a handler leaves, destroy does not report again. */
#include "wg/wg.h"

#include "death.h"
#include "fake_sem.h"
#include "state.h"
#include "suite.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <string.h>
#include <time.h>

static wg_storage_t storage;
static wg_t *wg;

static void init(void)
{
    const wg_config_t config = { sizeof config, &fake_sem_ops, 0 };
    fake_reset();
    wg = wg_init(&storage, &config);
    REQUIRE(wg != NULL);
}

/*
 * In real use this state lasts two instructions.  The test writes it into the word, which
 * is the first member of a group.
 */
static void set_word(uint64_t counter, uint64_t flags, uint64_t waiters)
{
    const uint64_t word = counter << 32 | flags | waiters;
    memcpy(&storage, &word, sizeof word);
}

static void done_once_too_often(void)
{
    wg_add(wg, 1);
    wg_done(wg);
    wg_done(wg);
}

static void add_of_too_much_below_zero(void)
{
    wg_add(wg, 3);
    wg_add(wg, -10);
}

static void add_of_the_smallest_number(void)
{
    wg_add(wg, INT_MAX);
    wg_add(wg, INT_MIN);
}

static int done_twice(void *arg)
{
    (void)arg;
    wg_add(wg, -2);
    return 0;
}

static void below_zero_while_somebody_waits(void)
{
    fake.asleep = done_twice;
    wg_add(wg, 1);
    wg_wait(wg);
}

static void one_more_than_the_most(void)
{
    wg_add(wg, INT_MAX);
    wg_add(wg, 1);
}

static void twice_the_most(void)
{
    wg_add(wg, INT_MAX);
    wg_add(wg, INT_MAX);
}

static void try_add_of_one_more_than_the_most(void)
{
    REQUIRE(wg_try_add(wg, INT_MAX));
    (void)!wg_try_add(wg, 1);
}

static void try_add_of_more_than_there_can_be(void)
{
    (void)!wg_try_add(wg, UINT32_MAX);
}

static void one_waiter_more_than_there_can_be(void)
{
    set_word(5, 0, WGI_STATE_WAITERS);
    wg_wait(wg);
}

static void add_while_others_are_let_go(void)
{
    set_word(0, 0, 2);
    wg_add(wg, 3);
}

static void add_while_others_are_let_go_from_a_closed_group(void)
{
    set_word(0, WGI_STATE_CLOSED, 2);
    wg_add(wg, 3);
}

static void try_add_while_others_are_let_go(void)
{
    set_word(0, 0, 2);
    (void)!wg_try_add(wg, 7);
}

static int finish_and_start_anew(void *arg)
{
    (void)arg;
    wg_done(wg);
    wg_add(wg, 4);
    return 0;
}

static void add_before_the_waiter_has_returned(void)
{
    fake.asleep = finish_and_start_anew;
    wg_add(wg, 1);
    wg_wait(wg);
}

static int finish_start_anew_and_time_out(void *arg)
{
    fake.asleep = NULL;
    (void)finish_and_start_anew(arg);
    return ETIMEDOUT;
}

static void add_before_the_timed_waiter_has_returned(void)
{
    const struct timespec deadline = { INT32_MAX, 0 };
    fake.asleep = finish_start_anew_and_time_out;
    wg_add(wg, 1);
    (void)!wg_wait_until(wg, &deadline);
}

static int finish_and_let_another_wait(void *arg)
{
    (void)arg;
    wg_done(wg);
    set_word(1, 0, 1);
    return 0;
}

static void another_waits_before_the_waiter_has_returned(void)
{
    fake.asleep = finish_and_let_another_wait;
    wg_add(wg, 1);
    wg_wait(wg);
}

static int finish_and_leave_another_to_be_let_go(void *arg)
{
    (void)arg;
    wg_done(wg);
    set_word(0, 0, 1);
    return 0;
}

static void another_is_let_go_before_the_waiter_has_returned(void)
{
    fake.asleep = finish_and_leave_another_to_be_let_go;
    wg_add(wg, 1);
    wg_wait(wg);
}

static void destroy_what_is_counted(void)
{
    wg_add(wg, 3);
    wg_destroy(wg);
}

static int destroy_now(void *arg)
{
    (void)arg;
    wg_destroy(wg);
    return 0;
}

static void destroy_under_a_waiter(void)
{
    fake.asleep = destroy_now;
    wg_add(wg, 2);
    wg_wait(wg);
}

static void destroy_while_others_are_let_go(void)
{
    set_word(0, WGI_STATE_CLOSED, 9);
    wg_destroy(wg);
}

static void add_from_zero_when_closed(void)
{
    wg_close(wg);
    wg_add(wg, 6);
}

typedef struct misuse_case {
    void (*commit)(void);
    wg_misuse_t misuse;
    const char *words;
    int32_t counter;
    uint32_t waiters;
    int64_t delta;
} misuse_case_t;

#define NEGATIVE WG_MISUSE_NEGATIVE_COUNTER, "negative WaitGroup counter"
#define OVERFLOW WG_MISUSE_COUNTER_OVERFLOW, "counter overflow"
#define DURING_WAIT WG_MISUSE_ADD_DURING_WAIT, "WaitGroup misuse: Add called concurrently with Wait"
#define TOO_SOON WG_MISUSE_REUSED_TOO_SOON, "WaitGroup is reused before previous Wait has returned"
#define IN_USE WG_MISUSE_DESTROYED_IN_USE, "destroyed while in use"
#define AFTER_CLOSE WG_MISUSE_ADD_AFTER_CLOSE, "add to a closed WaitGroup"

static const misuse_case_t cases[] = {
    { done_once_too_often, NEGATIVE, -1, 0, -1 },
    { add_of_too_much_below_zero, NEGATIVE, -7, 0, -10 },
    { add_of_the_smallest_number, NEGATIVE, -1, 0, INT_MIN },
    { below_zero_while_somebody_waits, NEGATIVE, -1, 1, -2 },
    { one_more_than_the_most, OVERFLOW, INT32_MIN, 0, 1 },
    { twice_the_most, OVERFLOW, -2, 0, INT_MAX },
    { try_add_of_one_more_than_the_most, OVERFLOW, INT_MAX, 0, 1 },
    { try_add_of_more_than_there_can_be, OVERFLOW, 0, 0, UINT32_MAX },
    { one_waiter_more_than_there_can_be, OVERFLOW, 5, (1u << 30) - 1, 0 },
    { add_while_others_are_let_go, DURING_WAIT, 3, 2, 3 },
    { add_while_others_are_let_go_from_a_closed_group, DURING_WAIT, 3, 2, 3 },
    { try_add_while_others_are_let_go, DURING_WAIT, 0, 2, 7 },
    { add_before_the_waiter_has_returned, TOO_SOON, 4, 0, 0 },
    { add_before_the_timed_waiter_has_returned, TOO_SOON, 4, 0, 0 },
    { another_waits_before_the_waiter_has_returned, TOO_SOON, 1, 1, 0 },
    { another_is_let_go_before_the_waiter_has_returned, TOO_SOON, 0, 1, 0 },
    { destroy_what_is_counted, IN_USE, 3, 0, 0 },
    { destroy_under_a_waiter, IN_USE, 2, 1, 0 },
    { destroy_while_others_are_let_go, IN_USE, 0, 9, 0 },
    { add_from_zero_when_closed, AFTER_CLOSE, 6, 0, 6 },
};

static void commit(void *arg)
{
    init();
    ((const misuse_case_t *)arg)->commit();
}

static void each_misuse_aborts_with_its_line(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const misuse_case_t *const this = &cases[i];
        assert_aborts(commit, (void *)this,
                      misuse_line((wg_t *)&storage, this->words, this->counter, this->waiters, this->delta));
    }
}

static jmp_buf out;
static unsigned reports;
static wg_misuse_t reported;
static const wg_t *reported_group;

static void leave(const wg_t *group, wg_misuse_t misuse, const char *message)
{
    (void)message;
    REQUIRE(++reports <= 2); /* else the test would go round in circles */
    reported = misuse;
    reported_group = group;
    longjmp(out, 1);
}

static void after_a_handler_that_left_destroy_does_not_report_again(void **unused)
{
    (void)unused;
    wg_set_panic_handler(leave);
    for (volatile size_t i = 0; i < COUNT_OF(cases); i++) {
        const misuse_case_t *const this = &cases[i];
        init();
        reports = 0;
        if (setjmp(out) == 0) {
            this->commit();
            fail_msg("misuse %zu passed silently", (size_t)i);
        }
        assert_int_equal(reported, this->misuse);
        assert_ptr_equal(reported_group, wg);
        if (setjmp(out) == 0)
            wg_destroy(wg);
        assert_int_equal(reports, 1);
        /* The storage now holds a new group. */
        wg_t *const again = wg_attach(&storage);
        assert_int_equal(wg_count(again), 0);
        assert_int_equal(wg_waiters(again), 0);
        assert_false(wg_is_closed(again));
        wg_add(again, 1);
        wg_done(again);
        /* A misuse of the new group is reported. */
        if (setjmp(out) == 0)
            wg_done(again);
        assert_int_equal(reports, 2);
        memset(&storage, 0, sizeof storage);
    }
    wg_set_panic_handler(NULL);
}

static void a_misused_group_on_the_heap_is_freed_by_destroy(void **unused)
{
    (void)unused;
    wg_set_panic_handler(leave);
    for (volatile int i = 0; i < 10; i++) {
        wg_t *volatile group = wg_create();
        reports = 0;
        if (setjmp(out) == 0)
            wg_add(group, -1);
        if (setjmp(out) == 0)
            wg_destroy(group); /* if this did not free it, AddressSanitizer would see the leak */
        assert_int_equal(reports, 1);
    }
    wg_set_panic_handler(NULL);
}

/* A negative counter and a handler that leaves.  No thread waits. */
static void misuse_once(void)
{
    init();
    reports = 0;
    if (setjmp(out) == 0)
        wg_done(wg);
    assert_int_equal(reports, 1);
}

static void attaching_to_a_misused_group_changes_nothing(void **unused)
{
    (void)unused;
    wg_set_panic_handler(leave);
    misuse_once();
    assert_ptr_equal(wg_attach(&storage), wg);
    if (setjmp(out) == 0)
        wg_destroy(wg);
    assert_int_equal(reports, 1);
    assert_int_equal(fake_calls(FAKE_DESTROY), 1);
    wg_set_panic_handler(NULL);
}

static void what_a_thread_sleeps_in_since_a_misuse_is_not_ended(void **unused)
{
    (void)unused;
    wg_set_panic_handler(leave);
    misuse_once();
    set_word(1, 0, 1); /* as if a thread had registered since, and slept */
    if (setjmp(out) == 0)
        wg_destroy(wg);
    assert_int_equal(reports, 1);
    assert_int_equal(fake_calls(FAKE_DESTROY), 0);
    wg_set_panic_handler(NULL);
}

static void close_and_destroy_is_no_misuse(void **unused)
{
    (void)unused;
    init();
    wg_close(wg);
    wg_destroy(wg);
    assert_int_equal(fake_calls(FAKE_DESTROY), 1);
    assert_false(wg_is_closed(wg_attach(&storage)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_misuse_aborts_with_its_line),
        cmocka_unit_test(after_a_handler_that_left_destroy_does_not_report_again),
        cmocka_unit_test(a_misused_group_on_the_heap_is_freed_by_destroy),
        cmocka_unit_test(attaching_to_a_misused_group_changes_nothing),
        cmocka_unit_test(what_a_thread_sleeps_in_since_a_misuse_is_not_ended),
        cmocka_unit_test(close_and_destroy_is_no_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
