/* SPDX-License-Identifier: 0BSD */
/* test_futex_win32.c: the futex semaphore and the clock over a fake Windows: one thread, no sleep. */
#include <windows.h>

#include "clock.h"
#include "death.h"
#include "sem.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/*
 * The fake.  The linker takes these functions from here instead of from the
 * import libraries.
 */
typedef struct fake_windows {
    int64_t count, frequency; /* 0: the real clock */
    unsigned waits, singles, alls;
    void *address; /* of the last call */
    DWORD ms;      /* of the last wait */
    BOOL (*asleep)(DWORD ms);
    void (*woken)(void);
} fake_windows_t;

static fake_windows_t windows;

BOOL WINAPI WaitOnAddress(volatile void *address, void *compare, SIZE_T size, DWORD ms)
{
    REQUIRE(size == 4 && *(uint32_t *)compare == *(volatile uint32_t *)address);
    windows.waits++;
    windows.address = (void *)address;
    windows.ms = ms;
    REQUIRE(windows.asleep != NULL && windows.waits < 100);
    return windows.asleep(ms);
}

void WINAPI WakeByAddressSingle(void *address)
{
    windows.singles++;
    windows.address = address;
    if (windows.woken != NULL)
        windows.woken();
}

void WINAPI WakeByAddressAll(void *address)
{
    windows.alls++;
    windows.address = address;
    if (windows.woken != NULL)
        windows.woken();
}

typedef BOOL(WINAPI *query_fn)(LARGE_INTEGER *);

static query_fn real(const char *name)
{
    const FARPROC found = GetProcAddress(GetModuleHandleA("kernel32.dll"), name);
    query_fn query;
    REQUIRE(found != NULL);
    memcpy(&query, &found, sizeof query);
    return query;
}

static BOOL WINAPI query_counter(LARGE_INTEGER *count)
{
    if (windows.frequency == 0)
        return real("QueryPerformanceCounter")(count);
    count->QuadPart = windows.count;
    return TRUE;
}

static BOOL WINAPI query_frequency(LARGE_INTEGER *frequency)
{
    if (windows.frequency == 0)
        return real("QueryPerformanceFrequency")(frequency);
    frequency->QuadPart = windows.frequency;
    return TRUE;
}

/* Names that the linker would take from an import library. */
extern query_fn __imp_QueryPerformanceCounter, __imp_QueryPerformanceFrequency;
query_fn __imp_QueryPerformanceCounter = query_counter;
query_fn __imp_QueryPerformanceFrequency = query_frequency;

/* The semaphore under test. */
#define NS_PER_S 1000000000
static const wg_sem_ops_t *ops;
static _Alignas(8) unsigned char sem[WG_SEM_SIZE];

/* A clock that ticks once a nanosecond.  Its time is 5 s. */
static int set_up(void **unused)
{
    (void)unused;
    memset(&windows, 0, sizeof windows);
    windows.count = 5 * (int64_t)NS_PER_S;
    windows.frequency = NS_PER_S;
    memset(sem, 0, sizeof sem);
    ops = wg_sem_default();
    return ops->init(sem, false);
}

static int tear_down(void **unused)
{
    (void)unused;
    memset(&windows, 0, sizeof windows);
    ops->destroy(sem);
    return 0;
}

static struct timespec in_ns(int64_t ns)
{
    const int64_t at = windows.count + ns;
    return (struct timespec){ at / NS_PER_S, (long)(at % NS_PER_S) };
}

static unsigned tokens_left(void)
{
    const struct timespec past = { 0, 0 };
    unsigned tokens = 0;
    while (ops->acquire(sem, &past) == 0)
        tokens++;
    return tokens;
}

static BOOL time_out(void)
{
    SetLastError(ERROR_TIMEOUT);
    return FALSE;
}

/* What happens in the sleep. */

static BOOL on_time(DWORD ms)
{
    windows.count += (int64_t)ms * 1000000;
    return time_out();
}

static BOOL timer_is_early(DWORD ms)
{
    windows.count += (int64_t)ms * 1000000 * 3 / 4;
    return time_out();
}

static BOOL wake_comes(DWORD ms)
{
    (void)ms;
    ops->release(sem, 1);
    return TRUE;
}

static BOOL third_wake_is_real(DWORD ms)
{
    return windows.waits < 3 ? TRUE : wake_comes(ms);
}

static BOOL wake_is_swallowed(DWORD ms)
{
    ops->release(sem, 1);
    return on_time(ms);
}

static BOOL goes_wrong(DWORD ms)
{
    (void)ms;
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
}

/* Tests. */

static void the_default_is_the_futex_and_there_is_no_other(void **unused)
{
    (void)unused;
    assert_string_equal(wg_sem_default()->name, "futex");
    assert_ptr_equal(wg_sem_futex(), wg_sem_default());
    assert_null(wg_sem_posix());
    assert_null(wg_sem_dispatch());
}

static void it_cannot_be_shared_by_processes(void **unused)
{
    (void)unused;
    wg_storage_t storage = WG_STORAGE_INIT;
    const wg_config_t config = { sizeof config, NULL, WG_PROCESS_SHARED };
    errno = 0;
    assert_null(wg_init(&storage, &config));
    assert_int_equal(errno, ENOTSUP);
}

static void tokens_are_taken_without_a_sleep(void **unused)
{
    (void)unused;
    ops->release(sem, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ops->acquire(sem, NULL), 0);
    assert_int_equal(windows.waits, 0);
    assert_int_equal(tokens_left(), 0);
}

static void a_release_wakes_enough_threads(void **unused)
{
    (void)unused;
    ops->release(sem, 1);
    assert_int_equal(windows.singles + windows.alls, 1);
    assert_ptr_equal(windows.address, sem);
    for (uint32_t n = 2; n < 100; n += 7) {
        windows.singles = windows.alls = 0;
        ops->release(sem, n);
        assert_true(windows.alls > 0 || windows.singles >= n);
        assert_ptr_equal(windows.address, sem);
    }
}

static unsigned tokens_at_the_wake;

static void look_at_the_tokens(void)
{
    tokens_at_the_wake = tokens_left();
}

static void the_tokens_are_there_before_the_wake(void **unused)
{
    (void)unused;
    windows.woken = look_at_the_tokens;
    const uint32_t counts[] = { 1, 2, 77 };
    for (unsigned i = 0; i < COUNT_OF(counts); i++) {
        tokens_at_the_wake = 0;
        ops->release(sem, counts[i]);
        assert_int_equal(tokens_at_the_wake, counts[i]);
    }
}

/*
 * The last touch, without luck.  The page is read-only.  Its first write faults, and a
 * single step lets it through.  Then the page is out of reach, and one more touch ends
 * the test by an access violation.
 */
enum { PAGE = 4096, TRAP_FLAG = 0x100 };
static char *page;
static unsigned writes;

static void protect_page(DWORD protection)
{
    DWORD before;
    REQUIRE(VirtualProtect(page, PAGE, protection, &before));
}

static LONG CALLBACK let_one_write_through(EXCEPTION_POINTERS *what)
{
    const EXCEPTION_RECORD *const record = what->ExceptionRecord;
    const ULONG_PTR first = (ULONG_PTR)page;
    if (record->ExceptionCode == EXCEPTION_SINGLE_STEP && writes == 1) {
        what->ContextRecord->EFlags &= ~(DWORD)TRAP_FLAG;
        protect_page(PAGE_NOACCESS);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || writes != 0 || record->ExceptionInformation[1] < first ||
        record->ExceptionInformation[1] >= first + PAGE)
        return EXCEPTION_CONTINUE_SEARCH;
    writes++;
    what->ContextRecord->EFlags |= TRAP_FLAG;
    protect_page(PAGE_READWRITE);
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void after_the_tokens_are_out_the_memory_may_be_gone(void **unused)
{
    (void)unused;
    void *const handler = AddVectoredExceptionHandler(1, let_one_write_through);
    assert_non_null(handler);
    for (uint32_t n = 1; n < 4; n++) {
        page = VirtualAlloc(NULL, PAGE, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
        assert_non_null(page);
        assert_int_equal(ops->init(page, false), 0);
        windows.singles = windows.alls = writes = 0;
        protect_page(PAGE_READONLY);
        ops->release(page, n);
        assert_int_equal(writes, 1);
        assert_true(windows.singles + windows.alls > 0);
        assert_ptr_equal(windows.address, page);
        assert_true(VirtualFree(page, 0, MEM_RELEASE));
    }
    assert_true(RemoveVectoredExceptionHandler(handler));
}

static void without_a_deadline_it_sleeps_until_a_token_comes(void **unused)
{
    (void)unused;
    windows.asleep = third_wake_is_real;
    assert_int_equal(ops->acquire(sem, NULL), 0);
    assert_int_equal(windows.waits, 3);
    assert_true(windows.ms == INFINITE);
    assert_ptr_equal(windows.address, sem);
    assert_int_equal(tokens_left(), 0);
}

static void a_deadline_is_never_early(void **unused)
{
    (void)unused;
    BOOL (*const timers[])(DWORD) = { on_time, timer_is_early };
    const int64_t waits_ns[] = { 1, 999999, 1000000, 1000001, 1999999, 2000000, NS_PER_S, 86400 * (int64_t)NS_PER_S };
    for (unsigned t = 0; t < COUNT_OF(timers); t++)
        for (unsigned i = 0; i < COUNT_OF(waits_ns); i++) {
            const int64_t end = windows.count + waits_ns[i];
            const struct timespec deadline = in_ns(waits_ns[i]);
            windows.waits = 0;
            windows.asleep = timers[t];
            assert_int_equal(ops->acquire(sem, &deadline), ETIMEDOUT);
            assert_true(windows.waits >= 1 && windows.count >= end);
            assert_true(windows.count - end < 1000000); /* nor later than a millisecond */
        }
}

static void a_deadline_in_the_past_only_looks(void **unused)
{
    (void)unused;
    const struct timespec deadlines[] = { in_ns(0), in_ns(-1), { 0, 0 }, { -1, 0 } };
    for (unsigned i = 0; i < COUNT_OF(deadlines); i++) {
        assert_int_equal(ops->acquire(sem, &deadlines[i]), ETIMEDOUT);
        ops->release(sem, 1);
        assert_int_equal(ops->acquire(sem, &deadlines[i]), 0);
    }
    assert_int_equal(windows.waits, 0);
}

/* 24.9 days are 2^31 - 1 ms; 49.7 days are 2^32 - 1 ms, which is the number that means for ever. */
static void a_far_deadline_is_reached_in_steps(void **unused)
{
    (void)unused;
    const int64_t waits_s[] = { 2147483, 2147484, 4294967, 4294968, 10000000, 100000000 };
    for (unsigned i = 0; i < COUNT_OF(waits_s); i++) {
        const int64_t end = windows.count + waits_s[i] * NS_PER_S;
        const struct timespec deadline = in_ns(waits_s[i] * NS_PER_S);
        windows.waits = 0;
        windows.asleep = on_time;
        assert_int_equal(ops->acquire(sem, &deadline), ETIMEDOUT);
        assert_true(windows.count >= end && windows.ms != INFINITE);
    }
    const struct timespec never = { INT64_MAX, NS_PER_S - 1 };
    windows.asleep = wake_comes;
    assert_int_equal(ops->acquire(sem, &never), 0);
    assert_true(windows.ms != INFINITE);
}

static void a_wake_that_a_time_out_swallowed_is_made_good(void **unused)
{
    (void)unused;
    const struct timespec deadline = in_ns(5000000);
    windows.asleep = wake_is_swallowed;
    assert_int_equal(ops->acquire(sem, &deadline), 0);
    assert_int_equal(windows.waits, 1);
    assert_int_equal(tokens_left(), 0);
}

static void acquire_on_a_broken_system(void *arg)
{
    ops->acquire(sem, arg);
}

static void an_impossible_error_stops_the_program(void **unused)
{
    (void)unused;
    struct timespec deadline = in_ns(5000000);
    windows.asleep = goes_wrong;
    assert_aborts(acquire_on_a_broken_system, NULL, "libwg: WaitOnAddress failed: errno 87; see libwg(7)\n");
    assert_aborts(acquire_on_a_broken_system, &deadline, "libwg: WaitOnAddress failed: errno 87; see libwg(7)\n");
}

static void the_clock_is_exact_at_any_count_and_frequency(void **unused)
{
    (void)unused;
    const struct {
        int64_t count, frequency, seconds;
        long nanoseconds;
    } cases[] = {
        { 0, 10000000, 0, 0 },
        { 9999999, 10000000, 0, 999999900 },
        { 10000000, 10000000, 1, 0 },
        { 3, 3579545, 0, 838 },                                       /* the oldest timers */
        { 2 * 3579545 + 3579544, 3579545, 2, 999999720 },             /* rounded down */
        { INT64_MAX, 10000000, 922337203685, 477580700 },             /* count * 10^9 has 93 bits */
        { INT64_MAX, 1, INT64_MAX, 0 },                               /* seconds of 63 bits */
        { INT64_MAX, 4000000000, INT64_MAX / 4000000000, 213693951 }, /* a counter of 4 GHz */
    };
    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        windows.count = cases[i].count;
        windows.frequency = cases[i].frequency;
        const struct timespec now = wgi_clock_now();
        assert_true(now.tv_sec == cases[i].seconds);
        assert_int_equal(now.tv_nsec, cases[i].nanoseconds);
    }
}

static int64_t ns_of(struct timespec time)
{
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* Users make deadlines by clock_gettime(), which rounds to the nearest nanosecond. */
static void the_clock_is_that_of_clock_gettime(void **unused)
{
    (void)unused;
    windows.frequency = 0;
    for (unsigned i = 0; i < 1000; i++) {
        struct timespec before, after;
        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &before), 0);
        const struct timespec now = wgi_clock_now();
        assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &after), 0);
        assert_true(ns_of(before) <= ns_of(now) + 1 && ns_of(now) <= ns_of(after));
    }
}

#define OVER_THE_FAKE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OVER_THE_FAKE(the_default_is_the_futex_and_there_is_no_other),
        OVER_THE_FAKE(it_cannot_be_shared_by_processes),
        OVER_THE_FAKE(tokens_are_taken_without_a_sleep),
        OVER_THE_FAKE(a_release_wakes_enough_threads),
        OVER_THE_FAKE(the_tokens_are_there_before_the_wake),
        OVER_THE_FAKE(after_the_tokens_are_out_the_memory_may_be_gone),
        OVER_THE_FAKE(without_a_deadline_it_sleeps_until_a_token_comes),
        OVER_THE_FAKE(a_deadline_is_never_early),
        OVER_THE_FAKE(a_deadline_in_the_past_only_looks),
        OVER_THE_FAKE(a_far_deadline_is_reached_in_steps),
        OVER_THE_FAKE(a_wake_that_a_time_out_swallowed_is_made_good),
        OVER_THE_FAKE(an_impossible_error_stops_the_program),
        OVER_THE_FAKE(the_clock_is_exact_at_any_count_and_frequency),
        OVER_THE_FAKE(the_clock_is_that_of_clock_gettime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
