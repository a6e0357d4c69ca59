/* SPDX-License-Identifier: 0BSD */
/* test_darwin.c: futex_darwin.c over a fake os_sync_wait_on_address() and its family. */
#include "port.h"

static unsigned interruptions; /* how many of the next wakes are interrupted */

/* As in <os/os_sync_wait_on_address.h> of macOS 14.4: its flag and its clock. */
int os_sync_wait_on_address(void *word, uint64_t value, size_t size, uint32_t flags);
int os_sync_wait_on_address_with_timeout(void *word, uint64_t value, size_t size, uint32_t flags, uint32_t clock,
                                         uint64_t ns);
int os_sync_wake_by_address_any(void *word, size_t size, uint32_t flags);
int os_sync_wake_by_address_all(void *word, size_t size, uint32_t flags);
enum { SHARED = 1, MACH_ABSOLUTE_TIME = 32 };

/* A call returns the number of other sleepers, or -1 and errno. */
static int result_of(int error)
{
    errno = error != 0 ? error : EDOM; /* a call that succeeds may leave anything there */
    return error != 0 ? -1 : 3;
}

static int wait_on(void *word, uint64_t value, size_t size, uint32_t flags)
{
    REQUIRE(size == 4 && flags <= SHARED && value <= UINT32_MAX);
    return result_of(port_waits(word, (uint32_t)value, flags == SHARED));
}

int os_sync_wait_on_address(void *word, uint64_t value, size_t size, uint32_t flags)
{
    port_asked.timed = false;
    return wait_on(word, value, size, flags);
}

int os_sync_wait_on_address_with_timeout(void *word, uint64_t value, size_t size, uint32_t flags, uint32_t clock,
                                         uint64_t ns)
{
    REQUIRE(clock == MACH_ABSOLUTE_TIME && ns != 0); /* else the system says EINVAL */
    port_asked.timed = true;
    port_asked.time = (struct timespec){ (time_t)(ns / WGI_NS_PER_S), (long)(ns % WGI_NS_PER_S) };
    return wait_on(word, value, size, flags);
}

static int wake_at(void *word, uint32_t n, size_t size, uint32_t flags)
{
    REQUIRE(size == 4 && flags <= SHARED);
    if (interruptions > 0) {
        interruptions--;
        return result_of(EINTR);
    }
    port_wakes(word, n, flags == SHARED);
    const int result = result_of(port_answer);
    if (result >= 0)
        errno = EINTR; /* after success it means nothing */
    return result;
}

int os_sync_wake_by_address_any(void *word, size_t size, uint32_t flags)
{
    return wake_at(word, 1, size, flags);
}

int os_sync_wake_by_address_all(void *word, size_t size, uint32_t flags)
{
    return wake_at(word, INT_MAX, size, flags);
}

static void each_error_has_its_meaning(void **unused)
{
    (void)unused;
    port_check(0, LOOK_AGAIN);
    port_check(EINTR, LOOK_AGAIN);
    port_check(ENOMEM, LOOK_AGAIN);
    port_check(EFAULT, LOOK_AGAIN);
    port_check_timed(ETIMEDOUT, LOOK_AGAIN);
    static const int impossible[] = { EINVAL, ENOENT, ENOSYS, EPERM, ENOTSUP };
    port_check_impossible(impossible, COUNT_OF(impossible), "os_sync_wait_on_address");
}

static void time_passes(void)
{
    port_now = port_in(1000000);
}

static void a_kernel_without_memory_holds_up_no_deadline(void **unused)
{
    (void)unused;
    const int errors[] = { ENOMEM, EFAULT };
    for (unsigned i = 0; i < COUNT_OF(errors); i++) {
        const struct timespec end = port_in(5000000);
        assert_int_equal(port_sleeps_until(&end, errors[i], time_passes), 5);
    }
}

static void a_wake_that_is_interrupted_is_made_again(void **unused)
{
    (void)unused;
    for (unsigned n = 1; n < 3; n++) {
        interruptions = 3;
        a_release_is_one_wake_that_leaves_errno_alone(NULL);
        assert_int_equal(interruptions, 0);
    }
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
        PORT_TEST(a_kernel_without_memory_holds_up_no_deadline),
        PORT_TEST(a_wake_that_is_interrupted_is_made_again),
        PORT_TEST(an_error_of_a_wake_is_ignored),
        PORT_TEST(one_is_woken_for_one_token_and_all_for_more),
        PORT_TEST(a_release_is_one_wake_that_leaves_errno_alone),
        PORT_TEST(spurious_returns_are_slept_off),
        PORT_TEST(what_comes_just_when_time_is_up_is_not_lost),
        PORT_TEST(without_a_token_it_times_out_at_the_deadline_and_not_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
