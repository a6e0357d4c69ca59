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
static bool timed;
static int64_t until[2]; /* of the last call with a time */

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
        timed = time != NULL;
        if (timed && number != SYS_futex && old_kernel) {
            refused++;
            errno = ENOSYS;
            return -1;
        }
#ifdef SYS_futex_time64
        REQUIRE(number == (timed && !old_kernel ? SYS_futex_time64 : SYS_futex));
#else
        REQUIRE(number == SYS_futex);
#endif
        if (timed) {
            until[0] = ((const int64_t *)time)[0];
            until[1] = ((const int64_t *)time)[1];
        }
        error = port_waits(word, value, (op & PRIVATE) == 0);
    }
    errno = error != 0 ? error : EDOM; /* a call that succeeds may leave anything there */
    return error != 0 ? -1 : 0;
}

static void sleep_through(void)
{
    const struct timespec end = { until[0], until[1] };
    if (wgi_deadline_left_ns(&end, port_now) > 0)
        port_now = end;
}

static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    port_check(0, LOOK_AGAIN);
    port_check(EAGAIN, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, TIME_IS_UP);
    static const int impossible[] = { EINVAL, EFAULT, EACCES, ENOMEM, EPERM, ENFILE };
    for (unsigned i = 0; i < COUNT_OF(impossible); i++) {
        port_check(impossible[i], impossible[i]);
        assert_string_equal(port_panic_text(), "futex wait");
    }
    port_check_untimed(ENOSYS, ENOSYS); /* with it, a time of 64 bits is given to the other call */
}

static void processes_can_share(void **unused)
{
    (void)unused;
    assert_int_equal(wgi_futex_check(false), 0);
    assert_int_equal(wgi_futex_check(true), 0);
}

static void the_deadline_is_handed_on_but_for_the_time_before_zero(void **unused)
{
    (void)unused;
    static const struct {
        struct timespec deadline;
        int64_t seconds;
    } cases[] = { { { 5, 7 }, 5 },
                  { { -1, 7 }, 0 },
                  { { INT64_MIN, 0 }, 0 },
                  { { 0, 0 }, 0 },
                  { { INT64_MAX, 999999999 }, INT64_MAX },
                  { { (int64_t)1 << 32, 9 }, (int64_t)1 << 32 } };
    for (old_kernel = false;; old_kernel = true) {
        for (unsigned i = 0; i < COUNT_OF(cases); i++) {
            refused = 0;
            assert_int_equal(port_wait(false, &cases[i].deadline), LOOK_AGAIN);
            assert_true(timed);
            assert_int_equal(port_asked.expected, PORT_EXPECTED);
            assert_true(until[0] == cases[i].seconds && until[1] == cases[i].deadline.tv_nsec);
#ifdef SYS_futex_time64
            assert_int_equal(refused, old_kernel);
#endif
        }
        if (old_kernel)
            break;
    }
    old_kernel = false;
    assert_int_equal(port_wait(false, NULL), LOOK_AGAIN);
    assert_false(timed);
}

static void an_error_of_a_wake_is_nobodys(void **unused)
{
    (void)unused;
    port_answer = EFAULT;
    a_release_is_one_wake_that_leaves_errno_alone(NULL);
}

int main(void)
{
    port_time_out = ETIMEDOUT;
    port_sleep_through = sleep_through;
    const struct CMUnitTest tests[] = {
        PORT_TEST(each_error_has_its_meaning),
        PORT_TEST(processes_can_share),
        PORT_TEST(the_deadline_is_handed_on_but_for_the_time_before_zero),
        PORT_TEST(an_error_of_a_wake_is_nobodys),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
