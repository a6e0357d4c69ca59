/* SPDX-License-Identifier: 0BSD */
/* test_spin.c: whether a wait polls, for how long, and what it learns: spin.c with a fake clock. */
#include "suite.h"

#include "clock.h"
#include "spin.h"

#include <string.h>

static wgi_state_t state;
static wgi_spin_memory_t memory;

/* Each read advances the clock by 'step_ns'.  At the read with the number 'zero_at' the last task is done. */
static int64_t clock_ns, step_ns;
static unsigned reads, zero_at;

struct timespec __wrap_wgi_clock_now(void);

struct timespec __wrap_wgi_clock_now(void)
{
    clock_ns += step_ns;
    if (++reads == zero_at)
        atomic_store(&state, 0);
    return (struct timespec){ .tv_sec = (time_t)(clock_ns / 1000000000), .tv_nsec = (long)(clock_ns % 1000000000) };
}

static int start(void **unused)
{
    (void)unused;
    atomic_store(&state, WGI_STATE_ONE);
    atomic_store(&memory, 0);
    clock_ns = 7000000000;
    step_ns = 500;
    reads = 0;
    zero_at = 0;
    return 0;
}

/* Returns how often one wait read the clock: 0 if it did not poll. */
static unsigned vain_wait(void)
{
    reads = 0;
    assert_false(wgi_spin(&state, &memory, NULL));
    return reads;
}

/* The policy does not ask how many processors there are.  Two pinned threads have two, whatever the process has. */
static void polls_whatever_the_counter_is(void **unused)
{
    (void)unused;
    static const uint64_t counters[] = { 1, 2, 8, 1000, INT32_MAX };
    for (size_t i = 0; i < COUNT_OF(counters); i++) {
        atomic_store(&state, counters[i] * WGI_STATE_ONE);
        atomic_store(&memory, 0);
        assert_true(vain_wait() > 1);
    }
}

static void closed_makes_no_difference(void **unused)
{
    (void)unused;
    atomic_store(&state, WGI_STATE_ONE | WGI_STATE_CLOSED);
    assert_true(vain_wait() > 1);
}

static void does_not_poll_where_somebody_sleeps(void **unused)
{
    (void)unused;
    atomic_store(&state, WGI_STATE_ONE + 1);
    assert_int_equal(vain_wait(), 0);
}

static void sees_the_last_done(void **unused)
{
    (void)unused;
    zero_at = 4;
    assert_true(wgi_spin(&state, &memory, NULL));
    assert_int_equal(reads, zero_at);
    assert_int_equal(atomic_load(&memory), 0);
}

static void ends_after_its_time(void **unused)
{
    (void)unused;
    for (step_ns = 1000; step_ns > 100; step_ns /= 2) {
        atomic_store(&memory, 0);
        const int64_t begun = clock_ns + step_ns; /* the time of the first read */
        vain_wait();
        assert_true(clock_ns - begun >= WGI_SPIN_NS);
        assert_true(clock_ns - begun < WGI_SPIN_NS + step_ns);
    }
}

static void ends_though_the_clock_stands_still(void **unused)
{
    (void)unused;
    step_ns = 0;
    assert_int_equal(vain_wait(), 1 + WGI_SPIN_LOOKS);
}

static void does_not_poll_if_the_deadline_is_near(void **unused)
{
    (void)unused;
    const int64_t first_read = clock_ns + step_ns;
    for (int64_t left_ns = -10; left_ns <= WGI_SPIN_NS; left_ns += 10) {
        clock_ns = first_read - step_ns;
        reads = 0;
        const struct timespec deadline = { (time_t)((first_read + left_ns) / 1000000000),
                                           (long)((first_read + left_ns) % 1000000000) };
        assert_false(wgi_spin(&state, &memory, &deadline));
        assert_int_equal(reads, 1);
        assert_int_equal(atomic_load(&memory), 0); /* the wait did not poll, so it learned nothing */
    }
}

static void polls_if_the_deadline_is_far(void **unused)
{
    (void)unused;
    const int64_t far = clock_ns + step_ns + WGI_SPIN_NS + 1;
    const struct timespec deadline = { (time_t)(far / 1000000000), (long)(far % 1000000000) };
    assert_false(wgi_spin(&state, &memory, &deadline));
    assert_true(reads > 1);
    assert_true(clock_ns < far + step_ns);
}

static void vain_polls_grow_rare(void **unused)
{
    (void)unused;
    static const unsigned pauses[] = { 1, 3, 7, 15, 31, 63, 127, 255, 255, 255 };
    assert_true(vain_wait() > 1);
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        for (unsigned without = 0; without < pauses[i]; without++)
            assert_int_equal(vain_wait(), 0);
        assert_true(vain_wait() > 1);
    }
}

/* A wait that succeeds if it polls. */
static bool lucky_wait(void)
{
    atomic_store(&state, WGI_STATE_ONE);
    reads = 0;
    zero_at = 2;
    const bool helped = wgi_spin(&state, &memory, NULL);
    zero_at = 0;
    atomic_store(&state, WGI_STATE_ONE);
    return helped;
}

static void success_is_learned_again(void **unused)
{
    (void)unused;
    for (int i = 0; i < 2000; i++)
        vain_wait();
    unsigned waits = 0;
    for (int successes = 0; successes < WGI_SPIN_VAIN_MAX; waits++)
        successes += lucky_wait();
    /* At most one pause was left.  After it each wait polled. */
    assert_true(waits <= 255 + WGI_SPIN_VAIN_MAX);
    assert_int_equal(atomic_load(&memory), 0);
    assert_true(vain_wait() > 1);
    assert_int_equal(vain_wait(), 0);
    assert_true(vain_wait() > 1);
}

#define SPIN_TEST(test) cmocka_unit_test_setup(test, start)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        SPIN_TEST(polls_whatever_the_counter_is),
        SPIN_TEST(does_not_poll_where_somebody_sleeps),
        SPIN_TEST(closed_makes_no_difference),
        SPIN_TEST(sees_the_last_done),
        SPIN_TEST(ends_after_its_time),
        SPIN_TEST(ends_though_the_clock_stands_still),
        SPIN_TEST(does_not_poll_if_the_deadline_is_near),
        SPIN_TEST(polls_if_the_deadline_is_far),
        SPIN_TEST(vain_polls_grow_rare),
        SPIN_TEST(success_is_learned_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
