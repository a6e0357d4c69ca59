/* SPDX-License-Identifier: 0BSD */
/* port.c: the clock and the panic of a fake system, and the tests that all such systems share. */
#include "port.h"

#include "clock.h"
#include "panic.h"

#include <setjmp.h>
#include <string.h>

struct timespec port_now;
port_asked_t port_asked;
int port_answer;
void (*port_meanwhile)(void);

static _Atomic uint32_t word;
static jmp_buf after_panic;
static const char *panic_text;
static int panic_error;

struct timespec wgi_clock_now(void)
{
    return port_now;
}

struct timespec port_in(int64_t ns)
{
    const int64_t at = port_now_ns() + ns;
    return (struct timespec){ .tv_sec = at / WGI_NS_PER_S, .tv_nsec = at % WGI_NS_PER_S };
}

int64_t port_now_ns(void)
{
    return port_now.tv_sec * WGI_NS_PER_S + port_now.tv_nsec;
}

port_wide_t port_left_ns(const struct timespec *end)
{
    return ((port_wide_t)end->tv_sec - port_now.tv_sec) * WGI_NS_PER_S + end->tv_nsec - port_now.tv_nsec;
}

void wgi_panic_system(const char *what, int error)
{
    panic_text = what;
    panic_error = error;
    longjmp(after_panic, 1);
}

int port_waits(void *at, uint32_t expected, bool shared)
{
    REQUIRE(++port_asked.waits < 100);
    port_asked.word = at;
    port_asked.expected = expected;
    port_asked.shared = shared;
    if (port_meanwhile != NULL)
        port_meanwhile();
    return port_answer;
}

void port_wakes(void *at, uint32_t n, bool shared)
{
    REQUIRE(++port_asked.wakes < 100);
    port_asked.word = at;
    port_asked.wake = n;
    port_asked.shared = shared;
}

enum { OTHER_ERRNO = 1234 };

int port_wait(bool shared, const struct timespec *deadline)
{
    errno = OTHER_ERRNO;
    if (setjmp(after_panic) != 0)
        return panic_error;
    const bool again = wgi_futex_wait(&word, PORT_EXPECTED, shared, deadline);
    assert_int_equal(errno, OTHER_ERRNO);
    return again ? LOOK_AGAIN : TIME_IS_UP;
}

static void check(int error, int outcome, const struct timespec *deadline)
{
    for (int shared = 0; shared < 2; shared++) {
        if (wgi_futex_check(shared != 0) != 0)
            continue;
        memset(&port_asked, 0, sizeof port_asked);
        port_answer = error;
        assert_int_equal(port_wait(shared != 0, deadline), outcome);
        assert_int_equal(port_asked.waits, 1);
        assert_ptr_equal(port_asked.word, &word);
        assert_int_equal(port_asked.expected, PORT_EXPECTED);
        assert_int_equal(port_asked.shared, shared);
    }
}

void port_check_untimed(int error, int outcome)
{
    check(error, outcome, NULL);
}

void port_check_timed(int error, int outcome)
{
    const struct timespec deadline = port_in(5000000);
    check(error, outcome, &deadline);
}

void port_check(int error, int outcome)
{
    port_check_untimed(error, outcome);
    port_check_timed(error, outcome);
}

void port_check_impossible(const int *errors, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++) {
        port_check(errors[i], errors[i]);
        assert_string_equal(panic_text, text);
    }
}

unsigned port_sleeps_until(const struct timespec *end, int error, void (*meanwhile)(void))
{
    unsigned sleeps = 0;
    port_answer = error;
    port_meanwhile = meanwhile;
    while (port_wait(false, end) == LOOK_AGAIN)
        sleeps++;
    assert_true(wgi_deadline_left_ns(end, port_now) == 0);
    return sleeps;
}

void port_sleep_until(void)
{
    if (wgi_deadline_left_ns(&port_asked.time, port_now) > 0)
        port_now = port_asked.time;
}

void port_sleep_for(void)
{
    port_now = port_in(port_asked.time.tv_sec * WGI_NS_PER_S + port_asked.time.tv_nsec);
}

/* The two calls. */

void processes_can_share(void **unused)
{
    (void)unused;
    assert_int_equal(wgi_futex_check(false), 0);
    assert_int_equal(wgi_futex_check(true), 0);
}

/* The kernel refuses a time before zero, so it gets zero, which has passed as well. */
void the_deadline_is_handed_on(void **unused)
{
    (void)unused;
    static const struct timespec ends[] = {
        { 5, 7 }, { 6, 0 }, { -1, 7 }, { INT64_MIN, 0 }, { 0, 0 }, { (int64_t)1 << 32, 9 }, { INT64_MAX, 999999999 }
    };
    for (unsigned i = 0; i < COUNT_OF(ends); i++) {
        if (port_wait(false, &ends[i]) == TIME_IS_UP) {
            assert_true(wgi_deadline_left_ns(&ends[i], port_now) == 0); /* src/ need not ask the system then */
            continue;
        }
        assert_true(port_asked.timed && port_asked.time.tv_nsec == ends[i].tv_nsec);
        assert_true(port_asked.time.tv_sec == (ends[i].tv_sec < 0 ? 0 : ends[i].tv_sec));
    }
    assert_int_equal(port_wait(false, NULL), LOOK_AGAIN);
    assert_false(port_asked.timed);
}

/* Compares with integers of 128 bits. */
void the_time_that_is_left_is_exact_and_at_most_int_max_ms(void **unused)
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
        assert_true(port_asked.timed);
        assert_true((port_wide_t)port_asked.time.tv_sec * WGI_NS_PER_S + port_asked.time.tv_nsec ==
                    (ns < most ? ns : most));
    }
    assert_int_equal(port_wait(false, NULL), LOOK_AGAIN);
    assert_false(port_asked.timed);
}

void a_deadline_that_has_passed_is_no_sleep(void **unused)
{
    (void)unused;
    static const struct timespec ends[] = { { 5, 6 }, { 5, 5 }, { 0, 0 }, { -1, 0 }, { INT64_MIN, 0 } };
    for (unsigned i = 0; i < COUNT_OF(ends); i++)
        assert_int_equal(port_wait(false, &ends[i]), TIME_IS_UP);
    assert_int_equal(port_asked.waits, 0);
}

void one_is_woken_for_one_token_and_all_for_more(void **unused)
{
    (void)unused;
    static const uint32_t counts[] = { 1, 2, 3, INT_MAX, UINT32_MAX };
    for (unsigned i = 0; i < COUNT_OF(counts); i++) {
        wgi_futex_wake(&word, counts[i], false);
        assert_int_equal(port_asked.wake, counts[i] == 1 ? 1 : INT_MAX);
        assert_ptr_equal(port_asked.word, &word);
    }
}

void an_error_of_a_wake_is_ignored(void **unused)
{
    (void)unused;
    static const int errors[] = { ENOENT, EFAULT, EINVAL, ENOMEM, ENOSYS };
    for (unsigned i = 0; i < COUNT_OF(errors); i++) {
        port_answer = errors[i];
        a_release_is_one_wake_that_leaves_errno_alone(NULL);
    }
}

/* The semaphore over the fake. */

int port_time_out;
void (*port_sleep_through)(void);
static wgi_sem_t sem;

int port_set_up(void **unused)
{
    (void)unused;
    port_now = (struct timespec){ .tv_sec = 5, .tv_nsec = 6 };
    memset(&port_asked, 0, sizeof port_asked);
    port_answer = 0;
    port_meanwhile = NULL;
    atomic_store(&word, PORT_EXPECTED);
    return wgi_sem_futex.init(sem.bytes, false);
}

void a_release_is_one_wake_that_leaves_errno_alone(void **unused)
{
    (void)unused;
    static const uint32_t counts[] = { 1, 2, 3, 64, INT_MAX, (uint32_t)INT_MAX + 1, UINT32_MAX };
    for (int shared = 0; shared < 2; shared++)
        for (unsigned i = 0; i < COUNT_OF(counts); i++) {
            if (wgi_sem_futex.init(sem.bytes, shared != 0) != 0)
                continue;
            port_asked.wakes = 0;
            errno = OTHER_ERRNO;
            wgi_sem_futex.release(sem.bytes, counts[i]);
            assert_int_equal(errno, OTHER_ERRNO);
            assert_int_equal(port_asked.wakes, 1);
            assert_ptr_equal(port_asked.word, sem.bytes);
            assert_int_equal(port_asked.shared, shared);
            assert_true(port_asked.wake >= counts[i] || port_asked.wake == INT_MAX);
        }
}

static void the_third_return_is_a_wake(void)
{
    if (port_asked.waits == 3)
        wgi_sem_futex.release(sem.bytes, 1);
}

void spurious_returns_are_slept_off(void **unused)
{
    (void)unused;
    const struct timespec deadline = port_in(5000000);
    for (int timed = 0; timed < 2; timed++) {
        port_asked.waits = 0;
        port_meanwhile = the_third_return_is_a_wake;
        assert_int_equal(wgi_sem_futex.acquire(sem.bytes, timed ? &deadline : NULL), 0);
        assert_int_equal(port_asked.waits, 3);
        assert_int_equal(port_asked.expected, 0);
    }
}

/* The system says that the time is up, though a release has just given a token. */
static void a_token_comes_at_the_end(void)
{
    port_sleep_through();
    wgi_sem_futex.release(sem.bytes, 1);
}

void what_comes_just_when_time_is_up_is_not_lost(void **unused)
{
    (void)unused;
    const struct timespec deadline = port_in(5000000);
    port_answer = port_time_out;
    port_meanwhile = a_token_comes_at_the_end;
    assert_int_equal(wgi_sem_futex.acquire(sem.bytes, &deadline), 0);
    assert_int_equal(port_asked.waits, 1);
}

void without_a_token_it_times_out_at_the_deadline_and_not_before(void **unused)
{
    (void)unused;
    static const int64_t sleeps_ns[] = { 1,       999999,       1000000,           1000001,
                                         1999999, WGI_NS_PER_S, WGI_NS_PER_S + 1L, INT64_C(86400) * WGI_NS_PER_S };
    port_answer = port_time_out;
    port_meanwhile = port_sleep_through;
    for (unsigned i = 0; i < COUNT_OF(sleeps_ns); i++) {
        const int64_t end = port_now_ns() + sleeps_ns[i];
        const struct timespec deadline = port_in(sleeps_ns[i]);
        port_asked.waits = 0;
        assert_int_equal(wgi_sem_futex.acquire(sem.bytes, &deadline), ETIMEDOUT);
        assert_true(port_asked.waits > 0);
        assert_true(port_now_ns() >= end && port_now_ns() - end < 1000000);
    }
    const struct timespec pasts[] = { port_in(0), port_in(-1), { 0, 0 }, { -1, 999999999 }, { INT64_MIN, 0 } };
    for (unsigned i = 0; i < COUNT_OF(pasts); i++) {
        const int64_t now = port_now_ns();
        assert_int_equal(wgi_sem_futex.acquire(sem.bytes, &pasts[i]), ETIMEDOUT);
        assert_true(port_now_ns() == now);
    }
}
