/* SPDX-License-Identifier: 0BSD */
/* test_old_kernel.c: 32 bits on Linux before 5.1, which has no futex_time64: by a system call that is wrapped. */
#include "deadline.h"
#include "futex.h"
#include "suite.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>

static bool only_recorded;
static long recorded[2]; /* the deadline as the old call has it */
static unsigned refused, asked;

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __real_syscall(long number, long a, long b, long c, long d, long e, long f);

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    if (number == SYS_futex_time64) {
        refused++;
        errno = ENOSYS;
        return -1;
    }
    if (number == SYS_futex && d != 0) {
        asked++;
        recorded[0] = ((const long *)d)[0];
        recorded[1] = ((const long *)d)[1];
        if (only_recorded) {
            errno = EAGAIN;
            return -1;
        }
    }
    return __real_syscall(number, a, b, c, d, e, f);
}

static void check(struct timespec deadline, long seconds)
{
    _Atomic uint32_t word = 0;
    refused = asked = 0;
    only_recorded = true;
    assert_true(wgi_futex_wait(&word, 0, false, &deadline));
    assert_int_equal(refused, 1);
    assert_int_equal(asked, 1);
    assert_int_equal(recorded[0], seconds);
    assert_int_equal(recorded[1], deadline.tv_nsec);
}

static void the_old_call_gets_the_deadline_or_the_latest_that_it_knows(void **unused)
{
    (void)unused;
    check((struct timespec){ 5, 7 }, 5);
    check((struct timespec){ -5, 7 }, 0);
    check((struct timespec){ INT32_MAX, 999999999 }, INT32_MAX);
    check((struct timespec){ WGI_TIME_MAX, 8 }, INT32_MAX);
    if (sizeof(time_t) == 8) { /* as 32 bits, these would be 3 and a time before zero */
        check((struct timespec){ (time_t)(((int64_t)1 << 32) + 3), 9 }, INT32_MAX);
        check((struct timespec){ (time_t)((int64_t)1 << 31), 9 }, INT32_MAX);
    }
}

static void it_sleeps_until_the_deadline(void **unused)
{
    (void)unused;
    _Atomic uint32_t word = 0;
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    const struct timespec deadline = wgi_deadline_after(now, 20000000);
    refused = asked = 0;
    only_recorded = false;
    while (wgi_futex_wait(&word, 0, false, &deadline))
        continue; /* a signal */
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    assert_true(wgi_deadline_left_ns(&deadline, now) == 0);
    assert_true(refused >= 1 && asked == refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_call_gets_the_deadline_or_the_latest_that_it_knows),
        cmocka_unit_test(it_sleeps_until_the_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
