/* SPDX-License-Identifier: 0BSD */
/* test_openbsd.c: futex_openbsd.c over a fake futex(2), with errors in the result and in errno. */
#include "port.h"

#include <sys/futex.h>

static bool error_is_result; /* as the manual of OpenBSD says; else the error is in errno */

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
    port_asked.timed = time != NULL;
    if (time != NULL) {
        port_asked.time = *time;
        /* The system refuses other times by EINVAL. */
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

static void check_all(void)
{
    port_check(0, LOOK_AGAIN);
    port_check(EAGAIN, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check(ECANCELED, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, LOOK_AGAIN);
    static const int impossible[] = { EFAULT, EINVAL, ENOSYS, ENOMEM, EPERM };
    port_check_impossible(impossible, COUNT_OF(impossible), "futex wait");
}

static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    check_all();
    error_is_result = true;
    check_all();
    error_is_result = false;
}

int main(void)
{
    port_time_out = ETIMEDOUT;
    port_sleep_through = port_sleep_for;
    const struct CMUnitTest tests[] = {
        PORT_TEST(each_error_has_its_meaning),
        PORT_TEST(processes_can_share),
        PORT_TEST(the_time_that_is_left_is_exact_and_at_most_int_max_ms),
        PORT_TEST(a_deadline_that_has_passed_is_no_sleep),
        PORT_TEST(an_error_of_a_wake_is_ignored),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(what_comes_just_when_time_is_up_is_not_lost),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
