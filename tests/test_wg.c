/* SPDX-License-Identifier: 0BSD */
/* test_wg.c: the public calls over a fake semaphore: which of its functions they call, and when they call none. */
#include "wg/wg.h"

#include "death.h"
#include "fake_sem.h"
#include "suite.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static wg_t *wg; /* of each test */

static int make_group(void **unused)
{
    (void)unused;
    fake_reset();
    const wg_config_t config = { sizeof config, &fake_sem_ops, 0 };
    wg = wg_create_with(&config);
    return wg != NULL ? 0 : -1;
}

static int end_group(void **unused)
{
    (void)unused;
    wg_destroy(wg);
    return fake_calls(FAKE_DESTROY) == 1 ? 0 : -1;
}

#define OVER_THE_FAKE(test) cmocka_unit_test_setup_teardown(test, make_group, end_group)

/* What happens while the waiter sleeps. */

static int last_done(void *arg)
{
    (void)arg;
    wg_done(wg);
    return 0;
}

static int nothing_until_the_deadline(void *arg)
{
    (void)arg;
    return ETIMEDOUT;
}

static int deadline_passes(void *arg)
{
    (void)arg;
    fake.asleep = NULL; /* the second acquire gets its token */
    return ETIMEDOUT;
}

static int last_done_just_before_the_deadline(void *arg)
{
    wg_done(wg);
    return deadline_passes(arg);
}

/* Waiting. */

static void waits_at_zero_touch_no_semaphore(void **unused)
{
    (void)unused;
    const struct timespec past = { 0, 0 };
    wg_wait(wg);
    assert_true(wg_try_wait(wg));
    assert_int_equal(wg_wait_for(wg, INT64_MAX), 0);
    assert_int_equal(wg_wait_for(wg, 0), 0);
    assert_int_equal(wg_wait_for(wg, -1), 0);
    assert_int_equal(wg_wait_until(wg, NULL), 0);
    assert_int_equal(wg_wait_until(wg, &past), 0);
    assert_int_equal(fake.count, 1); /* init */
}

static void adds_and_dones_without_waiters_touch_no_semaphore(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    wg_add(wg, 0);
    wg_add(wg, INT_MAX - 1);
    assert_int_equal(wg_count(wg), INT_MAX);
    wg_add(wg, -(INT_MAX - 2));
    wg_done(wg);
    assert_int_equal(wg_count(wg), 1);
    assert_false(wg_try_wait(wg));
    wg_done(wg);
    assert_int_equal(wg_count(wg), 0);
    assert_int_equal(fake.count, 1);
}

static void a_waiter_takes_one_token_and_the_last_done_releases_one(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    fake.asleep = last_done;
    wg_wait(wg);
    assert_int_equal(fake.count, 3);
    assert_int_equal(fake.calls[1].kind, FAKE_ACQUIRE);
    assert_false(fake.calls[1].timed);
    assert_int_equal(fake.calls[2].kind, FAKE_RELEASE);
    assert_int_equal(fake.calls[2].n, 1);
    assert_ptr_equal(fake.calls[1].sem, fake.calls[0].sem);
    assert_ptr_equal(fake.calls[2].sem, fake.calls[0].sem);
    assert_int_equal(wg_waiters(wg), 0);
}

static int not_yet_then_the_last(void *arg)
{
    (void)arg;
    assert_int_equal(wg_waiters(wg), 1);
    wg_done(wg);
    wg_add(wg, 2);  /* subtasks of a subtask: legal while a task is counted */
    wg_add(wg, -3); /* all tasks but one are done */
    assert_int_equal(fake_calls(FAKE_RELEASE), 0);
    wg_add(wg, -1);
    assert_int_equal(fake_calls(FAKE_RELEASE), 1);
    return 0;
}

static void only_the_step_to_zero_releases_whatever_its_delta(void **unused)
{
    (void)unused;
    wg_add(wg, 3);
    fake.asleep = not_yet_then_the_last;
    wg_wait(wg);
    assert_int_equal(fake_call(FAKE_RELEASE, 0)->n, 1);
}

/* Nested waiters: each waiter waits inside the acquire of the waiter before. */
static int another_waiter(void *arg)
{
    int *const more = arg;
    if ((*more)-- > 0)
        wg_wait(wg);
    else
        wg_add(wg, -2);
    return 0;
}

static void seven_waiters_get_seven_tokens_by_one_release(void **unused)
{
    (void)unused;
    int more = 6;
    fake.asleep = another_waiter;
    fake.arg = &more;
    wg_add(wg, 2);
    wg_wait(wg);
    assert_int_equal(fake_calls(FAKE_ACQUIRE), 7);
    assert_int_equal(fake_calls(FAKE_RELEASE), 1);
    assert_int_equal(fake_call(FAKE_RELEASE, 0)->n, 7);
    assert_int_equal(fake.tokens, 0);
}

static void the_next_generation_starts_from_nothing(void **unused)
{
    (void)unused;
    fake.asleep = last_done;
    for (unsigned generation = 0; generation < 8; generation++) {
        wg_add(wg, 1);
        wg_wait(wg);
        assert_int_equal(fake_calls(FAKE_RELEASE), generation + 1);
        assert_int_equal(fake_call(FAKE_RELEASE, generation)->n, 1);
    }
}

/* Time. */

static struct timespec now_monotonic(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return now;
}

static int64_t ns_between(struct timespec from, struct timespec to)
{
    return ((int64_t)to.tv_sec - from.tv_sec) * 1000000000 + (to.tv_nsec - from.tv_nsec);
}

static void a_time_out_becomes_a_monotonic_deadline(void **unused)
{
    (void)unused;
    static const int64_t timeouts[] = { 1, 999999999, 1000000000, 86400ll * 1000000000 };
    wg_add(wg, 1);
    fake.asleep = nothing_until_the_deadline;
    for (unsigned i = 0; i < COUNT_OF(timeouts); i++) {
        const struct timespec before = now_monotonic();
        assert_int_equal(wg_wait_for(wg, timeouts[i]), ETIMEDOUT);
        const struct timespec after = now_monotonic();
        const fake_call_t *const call = fake_call(FAKE_ACQUIRE, i);
        assert_true(call->timed);
        assert_true(ns_between(before, call->deadline) >= timeouts[i]);
        assert_true(ns_between(after, call->deadline) <= timeouts[i]);
    }
    wg_done(wg);
}

static void the_longest_time_out_does_not_overflow(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    fake.asleep = nothing_until_the_deadline;
    const struct timespec before = now_monotonic();
    assert_int_equal(wg_wait_for(wg, INT64_MAX), ETIMEDOUT);
    const struct timespec deadline = fake_call(FAKE_ACQUIRE, 0)->deadline;
    /* If seconds have 32 bits, the largest time comes before that time-out ends. */
    const int64_t longest = sizeof(time_t) > 4 ? INT64_MAX / 1000000000 : INT32_MAX - (int64_t)before.tv_sec;
    assert_true((int64_t)deadline.tv_sec - before.tv_sec >= longest);
    assert_true(deadline.tv_nsec >= 0 && deadline.tv_nsec < 1000000000);
    wg_done(wg);
}

static void a_time_out_of_nothing_only_looks(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    assert_int_equal(wg_wait_for(wg, 0), ETIMEDOUT);
    assert_int_equal(wg_wait_for(wg, -1), ETIMEDOUT);
    assert_int_equal(wg_wait_for(wg, INT64_MIN), ETIMEDOUT);
    assert_int_equal(fake_calls(FAKE_ACQUIRE), 0);
    assert_int_equal(wg_waiters(wg), 0);
    wg_done(wg);
}

static void a_deadline_that_has_passed_only_looks(void **unused)
{
    (void)unused;
    const struct timespec deadlines[] = { { 0, 0 }, { -5, 999999999 }, { 1, 0 }, now_monotonic() };
    wg_add(wg, 1);
    for (unsigned i = 0; i < COUNT_OF(deadlines); i++)
        assert_int_equal(wg_wait_until(wg, &deadlines[i]), ETIMEDOUT);
    assert_int_equal(fake_calls(FAKE_ACQUIRE), 0);
    wg_done(wg);
    for (unsigned i = 0; i < COUNT_OF(deadlines); i++)
        assert_int_equal(wg_wait_until(wg, &deadlines[i]), 0);
}

static void a_deadline_is_handed_on_as_it_is(void **unused)
{
    (void)unused;
    static const struct timespec deadlines[] = { { INT32_MAX, 0 }, { 2000000000, 999999999 }, { 1234567890, 1 } };
    wg_add(wg, 1);
    fake.asleep = nothing_until_the_deadline;
    for (unsigned i = 0; i < COUNT_OF(deadlines); i++) {
        assert_int_equal(wg_wait_until(wg, &deadlines[i]), ETIMEDOUT);
        const fake_call_t *const call = fake_call(FAKE_ACQUIRE, i);
        assert_true(call->timed);
        assert_int_equal(call->deadline.tv_sec, deadlines[i].tv_sec);
        assert_int_equal(call->deadline.tv_nsec, deadlines[i].tv_nsec);
    }
    wg_done(wg);
}

static void no_deadline_means_for_ever(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    fake.asleep = last_done;
    assert_int_equal(wg_wait_until(wg, NULL), 0);
    assert_false(fake_call(FAKE_ACQUIRE, 0)->timed);
}

static void a_bad_deadline_is_refused_even_at_zero(void **unused)
{
    (void)unused;
    static const struct timespec bad[] = { { 0, -1 }, { 1, 1000000000 }, { -1, LONG_MAX }, { 0, LONG_MIN } };
    for (int counted = 0; counted < 2; counted++) {
        for (unsigned i = 0; i < COUNT_OF(bad); i++)
            assert_int_equal(wg_wait_until(wg, &bad[i]), EINVAL);
        wg_add(wg, 1);
    }
    wg_add(wg, -2);
    assert_int_equal(fake_calls(FAKE_ACQUIRE), 0);
}

static void a_timed_out_waiter_withdraws_so_that_no_token_is_left_over(void **unused)
{
    (void)unused;
    const struct timespec deadline = { INT32_MAX, 0 };
    wg_add(wg, 1);
    fake.asleep = nothing_until_the_deadline;
    assert_int_equal(wg_wait_until(wg, &deadline), ETIMEDOUT);
    assert_int_equal(wg_waiters(wg), 0);
    assert_int_equal(wg_count(wg), 1);
    wg_done(wg);
    assert_int_equal(fake_calls(FAKE_ACQUIRE), 1);
    assert_int_equal(fake_calls(FAKE_RELEASE), 0);
}

static void an_owed_token_is_taken_by_the_waiter_that_timed_out(void **unused)
{
    (void)unused;
    const struct timespec deadline = { INT32_MAX, 0 };
    wg_add(wg, 1);
    fake.asleep = last_done_just_before_the_deadline;
    assert_int_equal(wg_wait_until(wg, &deadline), 0);
    assert_int_equal(fake_calls(FAKE_ACQUIRE), 2);
    assert_true(fake_call(FAKE_ACQUIRE, 0)->timed);
    assert_false(fake_call(FAKE_ACQUIRE, 1)->timed);
    assert_int_equal(fake_call(FAKE_RELEASE, 0)->n, 1);
    assert_int_equal(fake.tokens, 0);
}

/* One of two waiters times out while the other one still sleeps. */
static int another_waiter_times_out(void *arg)
{
    (void)arg;
    const struct timespec deadline = { INT32_MAX, 0 };
    fake.asleep = nothing_until_the_deadline;
    assert_int_equal(wg_waiters(wg), 1);
    assert_int_equal(wg_wait_until(wg, &deadline), ETIMEDOUT);
    assert_int_equal(wg_waiters(wg), 1);
    wg_done(wg);
    return 0;
}

static void only_the_waiters_that_stayed_are_owed_tokens(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    fake.asleep = another_waiter_times_out;
    wg_wait(wg);
    assert_int_equal(fake_calls(FAKE_RELEASE), 1);
    assert_int_equal(fake_call(FAKE_RELEASE, 0)->n, 1);
    assert_int_equal(fake.tokens, 0);
}

static void a_wait_that_timed_out_may_be_tried_again(void **unused)
{
    (void)unused;
    const struct timespec deadline = { INT32_MAX, 0 };
    wg_add(wg, 1);
    fake.asleep = nothing_until_the_deadline;
    for (int i = 0; i < 5; i++)
        assert_int_equal(wg_wait_until(wg, &deadline), ETIMEDOUT);
    fake.asleep = last_done;
    wg_wait(wg);
    assert_int_equal(fake_calls(FAKE_RELEASE), 1);
}

/* The last touch. */

static void group_is_out_of_the_word_before_its_tokens_are_out(void *arg)
{
    (void)arg;
    assert_int_equal(wg_waiters(wg), 0);
    assert_int_equal(wg_count(wg), 0);
}

static void the_waiters_are_taken_out_before_their_tokens_are_released(void **unused)
{
    (void)unused;
    int more = 2;
    wg_add(wg, 2);
    fake.asleep = another_waiter;
    fake.released = group_is_out_of_the_word_before_its_tokens_are_out;
    fake.arg = &more;
    wg_wait(wg);
    assert_int_equal(fake_calls(FAKE_RELEASE), 1);
}

typedef struct page {
    wg_storage_t *storage;
    size_t size;
    void (*finish)(wg_t *wg);
} page_t;

static void take_the_page_away(void *arg)
{
    const page_t *const page = arg;
    assert_int_equal(mprotect(page->storage, page->size, PROT_NONE), 0);
}

static int finish_and_bring_the_page_back(void *arg)
{
    const page_t *const page = arg;
    page->finish((wg_t *)page->storage);
    assert_int_equal(mprotect(page->storage, page->size, PROT_READ | PROT_WRITE), 0);
    return 0;
}

static void add_minus_three(wg_t *group)
{
    wg_add(group, -3);
}

static void done_thrice(wg_t *group)
{
    wg_done(group);
    wg_done(group);
    wg_done(group);
}

/* The page is unmapped inside release.  One more touch, and the test dies by SIGSEGV. */
static void after_the_release_the_group_is_not_touched(void **unused)
{
    (void)unused;
    page_t page = { .size = 4096 };
    page.storage = mmap(NULL, page.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(page.storage != MAP_FAILED);
    const wg_config_t config = { sizeof config, &fake_sem_ops, 0 };
    wg_t *const group = wg_init(page.storage, &config);
    assert_non_null(group);
    void (*const finishers[])(wg_t *) = { add_minus_three, done_thrice };
    for (unsigned i = 0; i < COUNT_OF(finishers); i++) {
        page.finish = finishers[i];
        fake.asleep = finish_and_bring_the_page_back;
        fake.released = take_the_page_away;
        fake.arg = &page;
        wg_add(group, 3);
        wg_wait(group);
        assert_int_equal(fake_calls(FAKE_RELEASE), i + 1);
    }
    assert_int_equal(munmap(page.storage, page.size), 0);
}

/* errno. */

/*
 * A user's acquire may return on another thread, as a fiber does that has moved.  If
 * the library restored errno there, it would write the old thread's value into the new
 * thread.
 */
static int return_on_a_thread_with_errno_edom(void *arg)
{
    (void)arg;
    errno = ENOTTY;
    wg_done(wg);
    errno = EDOM;
    return 0;
}

static int time_out_on_a_thread_with_errno_erange(void *arg)
{
    (void)arg;
    errno = ERANGE;
    return ETIMEDOUT;
}

static void return_on_a_thread_with_errno_enospc(void *arg)
{
    (void)arg;
    assert_int_equal(errno, ENOTTY);
    errno = ENOSPC;
}

static void errno_after_a_table_of_ones_own_is_what_the_table_left(void **unused)
{
    (void)unused;
    const struct timespec deadline = { INT32_MAX, 0 };
    errno = EILSEQ;
    wg_add(wg, 1);
    assert_int_equal(errno, EILSEQ);
    fake.asleep = return_on_a_thread_with_errno_edom;
    fake.released = return_on_a_thread_with_errno_enospc;
    wg_wait(wg);
    assert_int_equal(errno, EDOM);
    wg_add(wg, 1);
    fake.asleep = time_out_on_a_thread_with_errno_erange;
    assert_int_equal(wg_wait_for(wg, 1), ETIMEDOUT);
    assert_int_equal(errno, ERANGE);
    errno = EILSEQ;
    assert_int_equal(wg_wait_until(wg, &deadline), ETIMEDOUT);
    assert_int_equal(errno, ERANGE);
    wg_done(wg);
    assert_int_equal(errno, ERANGE);
}

static void errno_is_left_alone_by_destroy(void **unused)
{
    (void)unused;
    errno = EILSEQ;
    wg_destroy(wg);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(make_group(NULL), 0); /* the teardown destroys a group */
}

/* Draining. */

static int drain_ends(void *arg)
{
    (void)arg;
    assert_true(wg_is_closed(wg));
    assert_false(wg_try_add(wg, 1));
    wg_add(wg, 1); /* a subtask of a counted task */
    wg_add(wg, -2);
    return 0;
}

static void close_then_wait_lets_go_when_the_counted_ones_are_done(void **unused)
{
    (void)unused;
    assert_true(wg_try_add(wg, 1));
    wg_close(wg);
    fake.asleep = drain_ends;
    wg_wait(wg);
    assert_true(wg_is_closed(wg));
    assert_int_equal(fake_call(FAKE_RELEASE, 0)->n, 1);
    wg_reopen(wg);
    assert_false(wg_is_closed(wg));
    assert_true(wg_try_add(wg, 1));
    wg_done(wg);
}

static int closed_by_another_thread_and_then_the_last_done(void *arg)
{
    (void)arg;
    wg_close(wg);
    wg_reopen(wg);
    wg_close(wg);
    wg_done(wg);
    return 0;
}

static void a_close_while_others_wait_survives_their_release(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    fake.asleep = closed_by_another_thread_and_then_the_last_done;
    wg_wait(wg);
    assert_true(wg_is_closed(wg));
}

/* A semaphore that breaks its contract. */

static int break_the_contract(void *arg)
{
    return *(int *)arg;
}

static void wait_on_a_broken_semaphore(void *arg)
{
    wg_add(wg, 1);
    fake.asleep = break_the_contract;
    fake.arg = arg;
    wg_wait(wg);
}

static void timed_wait_on_a_broken_semaphore(void *arg)
{
    wg_add(wg, 1);
    fake.asleep = break_the_contract;
    fake.arg = arg;
    (void)!wg_wait_for(wg, 1000000);
}

static void a_semaphore_that_breaks_its_contract_stops_the_program(void **unused)
{
    (void)unused;
    char text[80];
    int errors[] = { EINVAL, EINTR, ETIMEDOUT, EPERM, -1 };
    for (unsigned i = 0; i < COUNT_OF(errors); i++) {
        snprintf(text, sizeof text, "libwg: acquiring a semaphore failed: errno %d; see libwg(7)\n", errors[i]);
        assert_aborts(wait_on_a_broken_semaphore, &errors[i], text);
        if (errors[i] != ETIMEDOUT)
            assert_aborts(timed_wait_on_a_broken_semaphore, &errors[i], text);
    }
}

/* Looking. */

static int look_while_waiting(void *arg)
{
    (void)arg;
    assert_int_equal(wg_waiters(wg), 1);
    assert_int_equal(wg_count(wg), 7);
    assert_false(wg_try_wait(wg));
    wg_add(wg, -7);
    return 0;
}

static void counts_are_what_was_added_and_who_waits(void **unused)
{
    (void)unused;
    assert_int_equal(wg_count(wg), 0);
    assert_int_equal(wg_waiters(wg), 0);
    wg_add(wg, 7);
    fake.asleep = look_while_waiting;
    wg_wait(wg);
    assert_int_equal(wg_count(wg), 0);
    assert_true(wg_try_wait(wg));
}

static void the_version_of_the_library_is_that_of_the_header(void **unused)
{
    (void)unused;
    char text[32];
    snprintf(text, sizeof text, "%d.%d.%d", WG_VERSION_MAJOR, WG_VERSION_MINOR, WG_VERSION_PATCH);
    assert_string_equal(wg_version(), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_THE_FAKE(waits_at_zero_touch_no_semaphore),
        OVER_THE_FAKE(adds_and_dones_without_waiters_touch_no_semaphore),
        OVER_THE_FAKE(a_waiter_takes_one_token_and_the_last_done_releases_one),
        OVER_THE_FAKE(only_the_step_to_zero_releases_whatever_its_delta),
        OVER_THE_FAKE(seven_waiters_get_seven_tokens_by_one_release),
        OVER_THE_FAKE(the_next_generation_starts_from_nothing),
        OVER_THE_FAKE(a_time_out_becomes_a_monotonic_deadline),
        OVER_THE_FAKE(the_longest_time_out_does_not_overflow),
        OVER_THE_FAKE(a_time_out_of_nothing_only_looks),
        OVER_THE_FAKE(a_deadline_that_has_passed_only_looks),
        OVER_THE_FAKE(a_deadline_is_handed_on_as_it_is),
        OVER_THE_FAKE(no_deadline_means_for_ever),
        OVER_THE_FAKE(a_bad_deadline_is_refused_even_at_zero),
        OVER_THE_FAKE(a_timed_out_waiter_withdraws_so_that_no_token_is_left_over),
        OVER_THE_FAKE(an_owed_token_is_taken_by_the_waiter_that_timed_out),
        OVER_THE_FAKE(only_the_waiters_that_stayed_are_owed_tokens),
        OVER_THE_FAKE(a_wait_that_timed_out_may_be_tried_again),
        OVER_THE_FAKE(the_waiters_are_taken_out_before_their_tokens_are_released),
        OVER_THE_FAKE(after_the_release_the_group_is_not_touched),
        OVER_THE_FAKE(errno_after_a_table_of_ones_own_is_what_the_table_left),
        OVER_THE_FAKE(errno_is_left_alone_by_destroy),
        OVER_THE_FAKE(close_then_wait_lets_go_when_the_counted_ones_are_done),
        OVER_THE_FAKE(a_close_while_others_wait_survives_their_release),
        OVER_THE_FAKE(a_semaphore_that_breaks_its_contract_stops_the_program),
        OVER_THE_FAKE(counts_are_what_was_added_and_who_waits),
        OVER_THE_FAKE(the_version_of_the_library_is_that_of_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
