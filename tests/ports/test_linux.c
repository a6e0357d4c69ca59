/* SPDX-License-Identifier: 0BSD */
/*
 * test_linux.c: futex_linux.c over a fake syscall(2).
 *
 * A second program defines SYS_futex_time64, as systems of 32 bits do.  There the fake
 * can be a kernel before 5.1.  platform.old_kernel tests the real 32 bits.
 */
#include "port.h"

#include <stdarg.h>
#include <sys/syscall.h>

enum { WAKE = 1, WAIT_BITSET = 9, PRIVATE = 128 }; /* from <linux/futex.h> */

static bool old_kernel;
static unsigned refused;

long fake_syscall(long number, ...);

long fake_syscall(long number, ...)
{
    va_list rest;
    va_start(rest, number);
    void *const word = va_arg(rest, void *);
    const int op = va_arg(rest, int);
    const uint32_t value = va_arg(rest, uint32_t);
    const void *const time = va_arg(rest, const void *);
    REQUIRE(va_arg(rest, void *) == NULL);
    const uint32_t mask = va_arg(rest, uint32_t);
    va_end(rest);
    int error = 0;
    if ((op & ~PRIVATE) == WAKE) {
        REQUIRE(number == SYS_futex && time == NULL && value <= INT_MAX);
        port_wakes(word, value, (op & PRIVATE) == 0);
        error = port_answer;
    } else {
        REQUIRE((op & ~PRIVATE) == WAIT_BITSET && mask == UINT32_MAX);
        port_asked.timed = time != NULL;
        if (time != NULL && number != SYS_futex && old_kernel) {
            refused++;
            errno = ENOSYS;
            return -1;
        }
#ifdef SYS_futex_time64
        REQUIRE(number == (time != NULL && !old_kernel ? SYS_futex_time64 : SYS_futex));
#else
        REQUIRE(number == SYS_futex);
#endif
        if (time != NULL)
            port_asked.time = (struct timespec){ ((const int64_t *)time)[0], ((const int64_t *)time)[1] };
        error = port_waits(word, value, (op & PRIVATE) == 0);
    }
    errno = error != 0 ? error : EDOM; /* a call that succeeds may leave anything there */
    return error != 0 ? -1 : 0;
}

static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    port_check(0, LOOK_AGAIN);
    port_check(EAGAIN, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, TIME_IS_UP);
    static const int impossible[] = { EINVAL, EFAULT, EACCES, ENOMEM, EPERM, ENFILE };
    port_check_impossible(impossible, COUNT_OF(impossible), "futex wait");
    port_check_untimed(ENOSYS, ENOSYS); /* with a deadline, ENOSYS makes src/ try the other call */
}

/* futex_time64 refuses the deadline by ENOSYS, so futex gets it. */
static void the_deadline_is_handed_on_to_an_old_kernel(void **unused)
{
    old_kernel = true;
    refused = 0;
    the_deadline_is_handed_on(unused);
#ifdef SYS_futex_time64
    assert_int_equal(refused, port_asked.waits - 1); /* the last wait has no deadline */
#endif
    old_kernel = false;
}

int main(void)
{
    port_time_out = ETIMEDOUT;
    port_sleep_through = port_sleep_until;
    const struct CMUnitTest tests[] = {
        PORT_TEST(each_error_has_its_meaning),
        PORT_TEST(processes_can_share),
        PORT_TEST(the_deadline_is_handed_on),
        PORT_TEST(the_deadline_is_handed_on_to_an_old_kernel),
        PORT_TEST(an_error_of_a_wake_is_ignored),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
