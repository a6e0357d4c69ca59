/* SPDX-License-Identifier: 0BSD */
/* test_freebsd.c: futex_freebsd.c over a fake _umtx_op(2). */
#include "port.h"

#include <sys/umtx.h>

static bool timed;
static struct timespec until; /* of the last call with a time */

int _umtx_op(void *obj, int op, u_long val, void *uaddr, void *uaddr2)
{
    int error = 0;
    if (op == UMTX_OP_WAKE || op == UMTX_OP_WAKE_PRIVATE) {
        REQUIRE(uaddr == NULL && uaddr2 == NULL && val <= INT_MAX);
        port_wakes(obj, (uint32_t)val, op == UMTX_OP_WAKE);
        error = port_answer;
    } else {
        REQUIRE(op == UMTX_OP_WAIT_UINT || op == UMTX_OP_WAIT_UINT_PRIVATE);
        timed = uaddr2 != NULL;
        if (timed) { /* the kernel knows the kind of time by its size */
            const struct _umtx_time *const time = uaddr2;
            REQUIRE((uintptr_t)uaddr == sizeof *time && time->_flags == UMTX_ABSTIME &&
                    time->_clockid == CLOCK_MONOTONIC);
            until = time->_timeout;
        } else {
            REQUIRE(uaddr == NULL);
        }
        error = port_waits(obj, (uint32_t)val, op == UMTX_OP_WAIT_UINT);
    }
    errno = error != 0 ? error : EDOM; /* a call that succeeds may leave anything there */
    return error != 0 ? -1 : 0;
}

static void sleep_through(void)
{
    if (wgi_deadline_left_ns(&until, port_now) > 0)
        port_now = until;
}

/* 0 also if the word has changed. */
static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    port_check(0, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, TIME_IS_UP);
    static const int impossible[] = { EFAULT, EINVAL, EPERM, ENOMEM, EAGAIN, EBUSY, ENOSYS };
    for (unsigned i = 0; i < COUNT_OF(impossible); i++) {
        port_check(impossible[i], impossible[i]);
        assert_string_equal(port_panic_text(), "_umtx_op");
    }
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
    static const struct timespec ends[] = { { 5, 7 }, { -1, 7 }, { INT64_MIN, 0 }, { 0, 0 }, { INT64_MAX, 999999999 } };
    for (unsigned i = 0; i < COUNT_OF(ends); i++) {
        assert_int_equal(port_wait(false, &ends[i]), LOOK_AGAIN);
        assert_true(timed);
        assert_true(until.tv_sec == (ends[i].tv_sec < 0 ? 0 : ends[i].tv_sec) && until.tv_nsec == ends[i].tv_nsec);
    }
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
