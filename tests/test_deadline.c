/* SPDX-License-Identifier: 0BSD */
/* test_deadline.c: compares arithmetic on time with integers of 96 bits, which do not overflow. */
#include "deadline.h"

#include "suite.h"

#include <limits.h>

/* high * 2^32 + low, in nanoseconds.  On every platform: not all compilers have 128 bits. */
typedef struct wide {
    int64_t high;
    uint32_t low;
} wide_t;

static wide_t wide_of_ns(int64_t ns)
{
    const uint32_t low = (uint32_t)(uint64_t)ns;
    return (wide_t){ (ns - (int64_t)low) / ((int64_t)1 << 32), low };
}

static wide_t plus(wide_t one, wide_t other)
{
    const uint64_t low = (uint64_t)one.low + other.low;
    return (wide_t){ one.high + other.high + (int64_t)(low >> 32), (uint32_t)low };
}

static wide_t minus(wide_t one, wide_t other)
{
    return (wide_t){ one.high - other.high - (one.low < other.low), one.low - other.low };
}

/* Returns a number below, at or above zero. */
static int compare(wide_t one, wide_t other)
{
    if (one.high != other.high)
        return one.high < other.high ? -1 : 1;
    return one.low < other.low ? -1 : one.low > other.low;
}

static wide_t wide_of(struct timespec time)
{
    const wide_t seconds = wide_of_ns(time.tv_sec);
    const uint64_t low = (uint64_t)seconds.low * WGI_NS_PER_S;
    const wide_t whole = { seconds.high * WGI_NS_PER_S + (int64_t)(low >> 32), (uint32_t)low };
    return plus(whole, wide_of_ns(time.tv_nsec));
}

static void check_after(struct timespec now, int64_t timeout_ns)
{
    const wide_t latest = wide_of((struct timespec){ WGI_TIME_MAX, WGI_NS_PER_S - 1 });
    wide_t expected = plus(wide_of(now), wide_of_ns(timeout_ns));
    if (compare(expected, latest) > 0)
        expected = latest;
    const struct timespec result = wgi_deadline_after(now, timeout_ns);
    assert_true(wgi_deadline_valid(&result));
    if (compare(wide_of(result), expected) != 0)
        fail_msg("%lld.%09ld + %lld: %lld.%09ld", (long long)now.tv_sec, (long)now.tv_nsec, (long long)timeout_ns,
                 (long long)result.tv_sec, (long)result.tv_nsec);
}

/*
 * The result is exact, with one exception: just below the largest number, which is
 * nearly three centuries, it may already be that number.
 */
static void check_left(struct timespec deadline, struct timespec now)
{
    const wide_t expected = minus(wide_of(deadline), wide_of(now));
    const int64_t result = wgi_deadline_left_ns(&deadline, now);
    if (compare(expected, wide_of_ns(0)) <= 0)
        assert_true(result == 0);
    else if (result == INT64_MAX)
        assert_true(compare(expected, wide_of_ns(INT64_MAX - 2ll * WGI_NS_PER_S)) > 0);
    else
        assert_int_equal(compare(wide_of_ns(result), expected), 0);

    const wide_t most = wide_of_ns((int64_t)INT32_MAX * 1000000);
    const int64_t sleep = wgi_deadline_sleep_ns(&deadline, now);
    if (compare(expected, most) < 0)
        assert_true(sleep == result);
    else
        assert_int_equal(compare(wide_of_ns(sleep), most), 0);
}

static const time_t seconds[] = {
    (time_t)INT64_MIN,
    (time_t)(INT64_MIN + 1),
    (time_t)INT32_MIN,
    -2,
    -1,
    0,
    1,
    2,
    1000000,
    INT32_MAX - 1,
    INT32_MAX,
    2147483, /* seconds of 2^31 - 1 ms */
    2147484,
    (time_t)(INT64_MAX / WGI_NS_PER_S - 1),
    (time_t)(INT64_MAX / WGI_NS_PER_S),
    (time_t)(INT64_MAX / WGI_NS_PER_S + 1),
    (time_t)(WGI_TIME_MAX - 9223372037),
    (time_t)(WGI_TIME_MAX - 9223372036),
    WGI_TIME_MAX - 2,
    WGI_TIME_MAX - 1,
    WGI_TIME_MAX,
};
static const long nanoseconds[] = {
    0, 1, 2, 500000000, 646999999, 647000000, 647000001, WGI_NS_PER_S - 2, WGI_NS_PER_S - 1
};
static const int64_t timeouts[] = {
    0,
    1,
    2,
    WGI_NS_PER_S - 1,
    WGI_NS_PER_S,
    WGI_NS_PER_S + 1,
    2ll * WGI_NS_PER_S - 1,
    INT32_MAX,
    INT64_MAX - WGI_NS_PER_S,
    INT64_MAX - 1,
    INT64_MAX,
};

static void a_time_out_later_is_exact_or_the_latest_time_at_every_boundary(void **unused)
{
    (void)unused;
    for (size_t s = 0; s < COUNT_OF(seconds); s++)
        for (size_t n = 0; n < COUNT_OF(nanoseconds); n++)
            for (size_t t = 0; t < COUNT_OF(timeouts); t++)
                check_after((struct timespec){ seconds[s], nanoseconds[n] }, timeouts[t]);
}

static void what_is_left_is_exact_or_saturated_at_every_boundary(void **unused)
{
    (void)unused;
    for (size_t s = 0; s < COUNT_OF(seconds); s++)
        for (size_t n = 0; n < COUNT_OF(nanoseconds); n++)
            for (size_t t = 0; t < COUNT_OF(seconds); t++)
                for (size_t m = 0; m < COUNT_OF(nanoseconds); m++)
                    check_left((struct timespec){ seconds[s], nanoseconds[n] },
                               (struct timespec){ seconds[t], nanoseconds[m] });
}

/* xorshift64*, so that a failure can be repeated. */
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_bits(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    /* All lengths of numbers are equally likely. */
    const uint64_t bits = random_state * 0x2545f4914f6cdd1du;
    return bits >> (random_state % 64);
}

static struct timespec random_time(void)
{
    const uint64_t bits = random_bits();
    const int64_t second = random_bits() % 2 != 0 ? (int64_t)(bits >> 1) : -(int64_t)(bits >> 1);
    return (struct timespec){ (time_t)second, (long)(random_bits() % WGI_NS_PER_S) };
}

static void random_times_agree_with_wider_integers(void **unused)
{
    (void)unused;
    for (int i = 0; i < 200000; i++) {
        const struct timespec one = random_time(), other = random_time();
        check_after(one, (int64_t)(random_bits() >> 1));
        check_left(one, other);
        /* Two times near each other, so that nothing saturates. */
        const struct timespec near = { one.tv_sec / 2 + (time_t)(random_bits() % 100), other.tv_nsec };
        check_left(near, (struct timespec){ one.tv_sec / 2, one.tv_nsec });
    }
}

/* Checks the integers above: (x + y) - x is y, and x + y is larger than x if y is positive. */
static void the_wider_integers_count(void **unused)
{
    (void)unused;
    const struct timespec first = { (time_t)-3, 999999999 };
    wide_t sum = wide_of_ns(-2000000001);
    assert_int_equal(compare(wide_of(first), sum), 0);
    for (int64_t ns = 1; ns < INT64_MAX / 3; ns = ns * 3 + 1) {
        const wide_t before = sum;
        sum = plus(sum, wide_of_ns(ns));
        assert_int_equal(compare(before, sum), -1);
        assert_int_equal(compare(minus(sum, before), wide_of_ns(ns)), 0);
        assert_int_equal(compare(minus(before, sum), wide_of_ns(-ns)), 0);
    }
    /* The expected largest product was calculated elsewhere. */
    const wide_t largest = wide_of_ns(INT64_MAX);
    assert_true(largest.high == INT32_MAX && largest.low == UINT32_MAX);
    if (sizeof(time_t) == 8) {
        const wide_t most = wide_of((struct timespec){ (time_t)INT64_MAX, 0 });
        assert_true(most.high == 2147483647999999999 && most.low == 3294967296u);
    }
}

static void only_proper_nanoseconds_are_valid(void **unused)
{
    (void)unused;
    for (size_t s = 0; s < COUNT_OF(seconds); s++) {
        for (size_t n = 0; n < COUNT_OF(nanoseconds); n++)
            assert_true(wgi_deadline_valid(&(struct timespec){ seconds[s], nanoseconds[n] }));
        assert_false(wgi_deadline_valid(&(struct timespec){ seconds[s], -1 }));
        assert_false(wgi_deadline_valid(&(struct timespec){ seconds[s], WGI_NS_PER_S }));
        assert_false(wgi_deadline_valid(&(struct timespec){ seconds[s], LONG_MAX }));
        assert_false(wgi_deadline_valid(&(struct timespec){ seconds[s], LONG_MIN }));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_out_later_is_exact_or_the_latest_time_at_every_boundary),
        cmocka_unit_test(what_is_left_is_exact_or_saturated_at_every_boundary),
        cmocka_unit_test(random_times_agree_with_wider_integers),
        cmocka_unit_test(the_wider_integers_count),
        cmocka_unit_test(only_proper_nanoseconds_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
