/* SPDX-License-Identifier: 0BSD */
/* test_netbsd.c: futex_netbsd.c over a fake syscall(SYS___futex). */
#include "port.h"

#include <stdarg.h>
#include <sys/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

int syscall(int number, ...)
{
    REQUIRE(number == SYS___futex);
    va_list rest;
    va_start(rest, number);
    void *const word = va_arg(rest, int *);
    const int op = va_arg(rest, int);
    const int value = va_arg(rest, int);
    const struct timespec *const time = va_arg(rest, const struct timespec *);
    REQUIRE(va_arg(rest, int *) == NULL && va_arg(rest, int) == 0);
    const int mask = va_arg(rest, int);
    va_end(rest);
    const int flag = (int)FUTEX_PRIVATE_FLAG;
    int error = 0;
    if ((op & ~flag) == FUTEX_WAKE) {
        REQUIRE(time == NULL && value > 0); /* the system refuses negative numbers */
        port_wakes(word, (uint32_t)value, (op & flag) == 0);
        error = port_answer;
    } else {
        REQUIRE((op & ~flag) == FUTEX_WAIT_BITSET && mask == FUTEX_BITSET_MATCH_ANY);
        port_asked.timed = time != NULL;
        if (time != NULL) {
            port_asked.time = *time;
            /* The system refuses other times by EINVAL. */
            REQUIRE(time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < WGI_NS_PER_S);
        }
        error = port_waits(word, (uint32_t)value, (op & flag) == 0);
    }
    errno = error != 0 ? error : EDOM; /* a call that succeeds may leave anything there */
    return error != 0 ? -1 : 0;
}

static void sleep_for_all_the_ticks_there_are(void)
{
    const struct timespec most = port_in((int64_t)INT_MAX * 1000000); /* INT_MAX ticks at 1000 Hz */
    port_now = wgi_deadline_left_ns(&port_asked.time, most) > 0 ? most : port_asked.time;
}

static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    port_check(0, LOOK_AGAIN);
    port_check(EAGAIN, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check(ENOMEM, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, LOOK_AGAIN);
    static const int impossible[] = { EFAULT, EINVAL, ENOSYS, ENFILE, EPERM };
    port_check_impossible(impossible, COUNT_OF(impossible), "__futex wait");
}

static void a_far_deadline_is_reached_though_the_kernel_gives_up(void **unused)
{
    (void)unused;
    const struct timespec end = port_in(INT64_C(100000000) * WGI_NS_PER_S);
    assert_int_equal(port_sleeps_until(&end, ETIMEDOUT, sleep_for_all_the_ticks_there_are), 47);
}

static void time_passes(void)
{
    port_now = port_in(1000000);
}

static void a_kernel_without_memory_holds_up_no_deadline(void **unused)
{
    (void)unused;
    const struct timespec end = port_in(5000000);
    assert_int_equal(port_sleeps_until(&end, ENOMEM, time_passes), 5);
}

int main(void)
{
    port_time_out = ETIMEDOUT;
    port_sleep_through = port_sleep_until;
    const struct CMUnitTest tests[] = {
        PORT_TEST(each_error_has_its_meaning),
        PORT_TEST(processes_can_share),
        PORT_TEST(the_deadline_is_handed_on),
        PORT_TEST(a_deadline_that_has_passed_is_no_sleep),
        PORT_TEST(a_far_deadline_is_reached_though_the_kernel_gives_up),
        PORT_TEST(a_kernel_without_memory_holds_up_no_deadline),
        PORT_TEST(an_error_of_a_wake_is_ignored),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(what_comes_just_when_time_is_up_is_not_lost),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
