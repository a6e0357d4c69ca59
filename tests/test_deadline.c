/* SPDX-License-Identifier: 0BSD */
/* test_deadline.c: arithmetic on time against integers of 128 bits. */
#include "deadline.h"

#include "suite.h"

#include <limits.h>

__extension__ typedef __int128 wide_t;

static wide_t wide_of(struct timespec time)
{
    return (wide_t)time.tv_sec * WGI_NS_PER_S + time.tv_nsec;
}

static const wide_t latest = (wide_t)WGI_TIME_MAX * WGI_NS_PER_S + (WGI_NS_PER_S - 1);

static void check_after(struct timespec now, int64_t timeout_ns)
{
    wide_t expected = wide_of(now) + timeout_ns;
    if (expected > latest)
        expected = latest;
    const struct timespec result = wgi_deadline_after(now, timeout_ns);
    assert_true(wgi_deadline_valid(&result));
    if (wide_of(result) != expected)
        fail_msg("%lld.%09ld + %lld: %lld.%09ld", (long long)now.tv_sec, now.tv_nsec, (long long)timeout_ns,
                 (long long)result.tv_sec, result.tv_nsec);
}

/*
 * Exact, but for one thing: just below the largest number it may already answer
 * that number, which is nearly three centuries.
 */
static void check_left(struct timespec deadline, struct timespec now)
{
    const wide_t expected = wide_of(deadline) - wide_of(now);
    const int64_t result = wgi_deadline_left_ns(&deadline, now);
    if (expected <= 0)
        assert_int_equal(result, 0);
    else if (result == INT64_MAX)
        assert_true(expected > (wide_t)INT64_MAX - 2 * (wide_t)WGI_NS_PER_S);
    else
        assert_true(result == expected);
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
    INT64_MAX / WGI_NS_PER_S - 1,
    INT64_MAX / WGI_NS_PER_S,
    INT64_MAX / WGI_NS_PER_S + 1,
    WGI_TIME_MAX - 9223372037,
    WGI_TIME_MAX - 9223372036,
    WGI_TIME_MAX - 2,
    WGI_TIME_MAX - 1,
    WGI_TIME_MAX,
};
static const long nanoseconds[] = { 0, 1, 2, 500000000, WGI_NS_PER_S - 2, WGI_NS_PER_S - 1 };
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

/* xorshift64*, so that a failure can be had again. */
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_bits(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    /* Numbers of all lengths alike. */
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
        /* Near each other, where nothing saturates. */
        const struct timespec near = { one.tv_sec / 2 + (time_t)(random_bits() % 100), other.tv_nsec };
        check_left(near, (struct timespec){ one.tv_sec / 2, one.tv_nsec });
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
        cmocka_unit_test(only_proper_nanoseconds_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
