/* SPDX-License-Identifier: 0BSD */
/* test_win32.c: futex_win32.c over a fake WaitOnAddress(); platform.futex_win32 has the headers of mingw-w64. */
#include "port.h"

#include <windows.h>

static DWORD last_error;
static DWORD ms;         /* of the last wait */
static int64_t early_ns; /* how much too early the timer ends a sleep */

DWORD WINAPI GetLastError(VOID)
{
    return last_error;
}

BOOL WINAPI WaitOnAddress(volatile VOID *address, PVOID compare, SIZE_T size, DWORD milliseconds)
{
    REQUIRE(size == 4 && compare != address); /* the word would always equal itself */
    ms = milliseconds;
    const int answer = port_waits((void *)(uintptr_t)address, *(uint32_t *)compare, false);
    last_error = answer != 0 ? (DWORD)answer : 87; /* a call that succeeds may leave anything there */
    return answer != 0 ? FALSE : TRUE;
}

VOID WINAPI WakeByAddressSingle(PVOID address)
{
    port_wakes(address, 1, false);
}

VOID WINAPI WakeByAddressAll(PVOID address)
{
    port_wakes(address, INT_MAX, false);
}

static void sleep_through(void)
{
    if (ms == INFINITE)
        return;
    const int64_t ns = (int64_t)ms * 1000000;
    port_now = port_in(ns > early_ns ? ns - early_ns : ns);
}

static void only_the_end_of_a_sleep_is_no_error(void **unused)
{
    (void)unused;
    port_check(0, LOOK_AGAIN);
    port_check_timed((int)ERROR_TIMEOUT, LOOK_AGAIN);
    static const int impossible[] = { 5, 6, 8, 87, 258, 487, 998 };
    port_check_impossible(impossible, COUNT_OF(impossible), "WaitOnAddress");
}

static void processes_cannot_share(void **unused)
{
    (void)unused;
    assert_int_equal(wgi_futex_check(false), 0);
    assert_int_equal(wgi_futex_check(true), ENOTSUP);
}

static void without_a_deadline_the_sleep_has_no_end(void **unused)
{
    (void)unused;
    assert_int_equal(port_wait(false, NULL), LOOK_AGAIN);
    assert_true(ms == INFINITE);
}

/* Compares with integers of 128 bits. */
static void the_milliseconds_are_rounded_up_and_at_most_int_max(void **unused)
{
    (void)unused;
    static const struct timespec ends[] = {
        { 5, 7 },
        { 5, 1000005 },
        { 5, 1000006 },
        { 5, 1000007 },
        { 6, 5 },
        { 6, 6 },
        { 6, 7 },
        { 2147488, 0 },
        { 2147488, 647000005 },
        { 2147488, 647000006 },
        { 2147488, 647000007 },
        { 4294972, 0 },
        { 4294973, 0 },
        { INT64_MAX, 999999999 },
        { INT32_MAX, 0 },
    };
    for (unsigned i = 0; i < COUNT_OF(ends); i++) {
        const port_wide_t ns = port_left_ns(&ends[i]);
        const port_wide_t exact = (ns + 999999) / 1000000;
        assert_int_equal(port_wait(false, &ends[i]), LOOK_AGAIN);
        assert_true(ms == (exact < INT_MAX ? exact : INT_MAX));
    }
}

static void a_far_deadline_is_reached_in_steps(void **unused)
{
    (void)unused;
    const struct timespec end = port_in(INT64_C(100000000) * WGI_NS_PER_S); /* 46 times INT_MAX ms */
    assert_int_equal(port_sleeps_until(&end, (int)ERROR_TIMEOUT, sleep_through), 47);
}

static void a_timer_that_is_early_ends_no_wait(void **unused)
{
    (void)unused;
    early_ns = 300000;
    without_a_token_it_times_out_at_the_deadline_and_not_before(NULL);
    early_ns = 0;
}

int main(void)
{
    port_time_out = (int)ERROR_TIMEOUT;
    port_sleep_through = sleep_through;
    const struct CMUnitTest tests[] = {
        PORT_TEST(only_the_end_of_a_sleep_is_no_error),
        PORT_TEST(processes_cannot_share),
        PORT_TEST(without_a_deadline_the_sleep_has_no_end),
        PORT_TEST(the_milliseconds_are_rounded_up_and_at_most_int_max),
        PORT_TEST(a_deadline_that_has_passed_is_no_sleep),
        PORT_TEST(a_far_deadline_is_reached_in_steps),
        PORT_TEST(a_timer_that_is_early_ends_no_wait),
        PORT_TEST(one_is_woken_for_one_token_and_all_for_more),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(what_comes_just_when_time_is_up_is_not_lost),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
