/* SPDX-License-Identifier: 0BSD */
/* test_openbsd.c: futex_openbsd.c over a fake futex(2), with errors in the result and in errno. */
#include "port.h"

#include <sys/futex.h>

static bool error_is_result; /* as the manual says */
static bool timed;
static struct timespec timeout; /* of the last call with one */

int futex(volatile uint32_t *word, int op, int value, const struct timespec *time, volatile uint32_t *second)
{
    REQUIRE(second == NULL);
    int error = 0;
    if (op == FUTEX_WAKE || op == FUTEX_WAKE_PRIVATE) {
        REQUIRE(time == NULL && value > 0);
        port_wakes((void *)(uintptr_t)word, (uint32_t)value, op == FUTEX_WAKE);
        errno = EDOM;
        return port_answer != 0 ? -1 : value;
    }
    REQUIRE(op == FUTEX_WAIT || op == FUTEX_WAIT_PRIVATE);
    timed = time != NULL;
    if (timed) {
        timeout = *time;
        /* What it refuses by EINVAL. */
        REQUIRE(time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < WGI_NS_PER_S);
    }
    error = port_waits((void *)(uintptr_t)word, (uint32_t)value, op == FUTEX_WAIT);
    if (error_is_result) {
        errno = EDOM;
        return error;
    }
    errno = error != 0 ? error : EDOM; /* a call that succeeds may leave anything there */
    return error != 0 ? -1 : 0;
}

static void sleep_through(void)
{
    port_now = port_in(timeout.tv_sec * WGI_NS_PER_S + timeout.tv_nsec);
}

static void check_all(void)
{
    port_check(0, LOOK_AGAIN);
    port_check(EAGAIN, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check(ECANCELED, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, LOOK_AGAIN);
    static const int impossible[] = { EFAULT, EINVAL, ENOSYS, ENOMEM, EPERM };
    for (unsigned i = 0; i < COUNT_OF(impossible); i++) {
        port_check(impossible[i], impossible[i]);
        assert_string_equal(port_panic_text(), "futex wait");
    }
}

static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    check_all();
    error_is_result = true;
    check_all();
    error_is_result = false;
}

static void processes_can_share(void **unused)
{
    (void)unused;
    assert_int_equal(wgi_futex_check(false), 0);
    assert_int_equal(wgi_futex_check(true), 0);
}

/* Against integers of 128 bits. */
static void the_time_that_is_left_is_exact_and_at_most_int_max_ms(void **unused)
{
    (void)unused;
    static const struct timespec ends[] = { { 5, 7 },
                                            { 6, 5 },
                                            { 6, 6 },
                                            { 6, 7 },
                                            { 2147488, 647000005 },
                                            { 2147488, 647000006 },
                                            { 2147488, 647000007 },
                                            { INT32_MAX, 0 },
                                            { INT64_MAX, 999999999 } };
    const port_wide_t most = (port_wide_t)INT_MAX * 1000000;
    for (unsigned i = 0; i < COUNT_OF(ends); i++) {
        const port_wide_t ns = port_left_ns(&ends[i]);
        assert_int_equal(port_wait(false, &ends[i]), LOOK_AGAIN);
        assert_true(timed);
        assert_true((port_wide_t)timeout.tv_sec * WGI_NS_PER_S + timeout.tv_nsec == (ns < most ? ns : most));
    }
    assert_int_equal(port_wait(false, NULL), LOOK_AGAIN);
    assert_false(timed);
}

static void a_deadline_that_has_passed_is_no_sleep(void **unused)
{
    (void)unused;
    static const struct timespec ends[] = { { 5, 6 }, { 5, 5 }, { 0, 0 }, { -1, 0 }, { INT64_MIN, 0 } };
    for (unsigned i = 0; i < COUNT_OF(ends); i++)
        assert_int_equal(port_wait(false, &ends[i]), TIME_IS_UP);
    assert_int_equal(port_asked.waits, 0);
}

static void an_error_of_a_wake_is_nobodys(void **unused)
{
    (void)unused;
    port_answer = ENOSYS;
    a_release_is_one_wake_that_leaves_errno_alone(NULL);
}

int main(void)
{
    port_time_out = ETIMEDOUT;
    port_sleep_through = sleep_through;
    const struct CMUnitTest tests[] = {
        PORT_TEST(each_error_has_its_meaning),
        PORT_TEST(processes_can_share),
        PORT_TEST(the_time_that_is_left_is_exact_and_at_most_int_max_ms),
        PORT_TEST(a_deadline_that_has_passed_is_no_sleep),
        PORT_TEST(an_error_of_a_wake_is_nobodys),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(what_comes_just_when_time_is_up_is_not_lost),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
