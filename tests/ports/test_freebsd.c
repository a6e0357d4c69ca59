/* SPDX-License-Identifier: 0BSD */
/* test_freebsd.c: futex_freebsd.c over a fake _umtx_op(2). */
#include "port.h"

#include <sys/umtx.h>

int _umtx_op(void *obj, int op, u_long val, void *uaddr, void *uaddr2)
{
    int error = 0;
    if (op == UMTX_OP_WAKE || op == UMTX_OP_WAKE_PRIVATE) {
        REQUIRE(uaddr == NULL && uaddr2 == NULL && val <= INT_MAX);
        port_wakes(obj, (uint32_t)val, op == UMTX_OP_WAKE);
        error = port_answer;
    } else {
        REQUIRE(op == UMTX_OP_WAIT_UINT || op == UMTX_OP_WAIT_UINT_PRIVATE);
        port_asked.timed = uaddr2 != NULL;
        if (uaddr2 != NULL) { /* the kernel knows the kind of time by its size */
            const struct _umtx_time *const time = uaddr2;
            REQUIRE((uintptr_t)uaddr == sizeof *time && time->_flags == UMTX_ABSTIME &&
                    time->_clockid == CLOCK_MONOTONIC);
            port_asked.time = time->_timeout;
        } else {
            REQUIRE(uaddr == NULL);
        }
        error = port_waits(obj, (uint32_t)val, op == UMTX_OP_WAIT_UINT);
    }
    errno = error != 0 ? error : EDOM; /* a call that succeeds may leave anything there */
    return error != 0 ? -1 : 0;
}

/* The system also returns 0 if the word has changed. */
static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    port_check(0, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, TIME_IS_UP);
    static const int impossible[] = { EFAULT, EINVAL, EPERM, ENOMEM, EAGAIN, EBUSY, ENOSYS };
    port_check_impossible(impossible, COUNT_OF(impossible), "_umtx_op");
}

int main(void)
{
    port_time_out = ETIMEDOUT;
    port_sleep_through = port_sleep_until;
    const struct CMUnitTest tests[] = {
        PORT_TEST(each_error_has_its_meaning),
        PORT_TEST(processes_can_share),
        PORT_TEST(the_deadline_is_handed_on),
        PORT_TEST(an_error_of_a_wake_is_ignored),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
