/* SPDX-License-Identifier: 0BSD */
/* test_futex.c: counts what the futex semaphore asks of the kernel, with a fake kernel. */
#include "futex.h"

#include "sem.h"
#include "suite.h"

#include <errno.h>
#include <string.h>

/* The kernel. */

typedef struct kernel {
    unsigned waits, wakes;
    uint32_t last_wake; /* the n of the last wake */
    bool shared;        /* of the last call */
    const struct timespec *deadline;
    _Atomic uint32_t *word;
    bool (*asleep)(void); /* what wait returns */
} kernel_t;

static kernel_t kernel;

bool __wrap_wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline);
void __wrap_wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared);
int __wrap_wgi_futex_check(bool shared);

/* This kernel can do both. */
int __wrap_wgi_futex_check(bool shared)
{
    (void)shared;
    return 0;
}

bool __wrap_wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    REQUIRE(expected == 0); /* else a token could be there */
    REQUIRE(++kernel.waits < 1000);
    kernel.word = word;
    kernel.shared = shared;
    kernel.deadline = deadline;
    if (*word != expected)
        return true;
    REQUIRE(kernel.asleep != NULL);
    return kernel.asleep();
}

void __wrap_wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    kernel.wakes++;
    kernel.last_wake = n;
    kernel.shared = shared;
    kernel.word = word;
}

static const wg_sem_ops_t *ops;

static union {
    unsigned char bytes[WG_SEM_SIZE];
    uint64_t alignment;
} sem;

static int make(bool shared)
{
    ops = wg_sem_futex();
    memset(&kernel, 0, sizeof kernel);
    memset(&sem, 0, sizeof sem);
    return ops->init(&sem, shared);
}

static int make_private(void **unused)
{
    (void)unused;
    return make(false);
}

static int make_shared(void **unused)
{
    (void)unused;
    return make(true);
}

static void assert_wakes(unsigned wakes, uint32_t last)
{
    assert_int_equal(kernel.wakes, wakes);
    if (wakes > 0)
        assert_int_equal(kernel.last_wake, last);
}

/* Release. */

static void release_is_one_wake_of_all_that_it_owes(void **unused)
{
    (void)unused;
    static const uint32_t counts[] = { 1, 2, 3, 64, 512, 1000000 };
    for (unsigned i = 0; i < COUNT_OF(counts); i++) {
        make(false);
        ops->release(&sem, counts[i]);
        assert_wakes(1, counts[i]);
        assert_false(kernel.shared);
    }
}

static void each_release_wakes_for_itself_whatever_lies_there(void **unused)
{
    (void)unused;
    ops->release(&sem, 3);
    assert_wakes(1, 3);
    ops->release(&sem, 1);
    assert_wakes(2, 1);
    ops->release(&sem, 2);
    assert_wakes(3, 2);
}

static void a_thread_that_takes_a_token_wakes_nobody(void **unused)
{
    (void)unused;
    ops->release(&sem, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ops->acquire(&sem, NULL), 0);
    assert_wakes(1, 5);
    assert_int_equal(kernel.waits, 0);
}

static void processes_are_woken_by_a_shared_wake(void **unused)
{
    (void)unused;
    ops->release(&sem, 5);
    assert_wakes(1, 5);
    assert_true(kernel.shared);
}

/* Acquire. */

static unsigned spurious;

static bool wakes_for_nothing_and_then_gets_a_token(void)
{
    if (spurious-- == 0)
        ops->release(&sem, 1);
    return true;
}

static void spurious_wakes_are_slept_off(void **unused)
{
    (void)unused;
    spurious = 10;
    kernel.asleep = wakes_for_nothing_and_then_gets_a_token;
    assert_int_equal(ops->acquire(&sem, NULL), 0);
    assert_int_equal(kernel.waits, 11);
    assert_null(kernel.deadline);
}

static bool reaches_the_deadline(void)
{
    return false;
}

static void the_deadline_goes_to_the_kernel_as_it_is(void **unused)
{
    (void)unused;
    const struct timespec deadline = { 5, 6 };
    kernel.asleep = reaches_the_deadline;
    assert_int_equal(ops->acquire(&sem, &deadline), ETIMEDOUT);
    assert_ptr_equal(kernel.deadline, &deadline);
    assert_ptr_equal(kernel.word, &sem);
    assert_false(kernel.shared);
    assert_int_equal(kernel.waits, 1);
}

static void processes_sleep_on_a_shared_word(void **unused)
{
    (void)unused;
    const struct timespec deadline = { 5, 6 };
    kernel.asleep = reaches_the_deadline;
    assert_int_equal(ops->acquire(&sem, &deadline), ETIMEDOUT);
    assert_true(kernel.shared);
}

static void a_token_that_lies_there_is_taken_without_the_kernel(void **unused)
{
    (void)unused;
    const struct timespec deadline = { 5, 6 };
    ops->release(&sem, 2);
    assert_int_equal(ops->acquire(&sem, &deadline), 0);
    assert_int_equal(ops->acquire(&sem, NULL), 0);
    assert_int_equal(kernel.waits, 0);
}

/* A whole group: nested waiters, as in test_wg.c. */

static wg_t *wg;
static unsigned crowd, more_waiters;

static bool more_come_and_then_the_last_done(void)
{
    if (more_waiters-- > 0) {
        wg_wait(wg);
        return true;
    }
    assert_int_equal(kernel.wakes, 0);
    wg_done(wg);
    assert_wakes(1, crowd);
    return true;
}

static void the_last_done_makes_one_wake_for_any_crowd_and_the_crowd_none(void **unused)
{
    (void)unused;
    static const unsigned crowds[] = { 1, 2, 3, 64, 500 };
    const wg_config_t config = { sizeof config, wg_sem_futex(), 0 };
    for (unsigned i = 0; i < COUNT_OF(crowds); i++) {
        make(false);
        wg = wg_create_with(&config);
        assert_non_null(wg);
        wg_add(wg, 2);
        wg_done(wg);
        crowd = crowds[i];
        more_waiters = crowd - 1;
        kernel.asleep = more_come_and_then_the_last_done;
        wg_wait(wg);
        assert_wakes(1, crowd);
        assert_int_equal(kernel.waits, crowd);
        wg_destroy(wg);
    }
}

static void nobody_waits_nobody_is_woken(void **unused)
{
    (void)unused;
    const wg_config_t config = { sizeof config, wg_sem_futex(), 0 };
    wg = wg_create_with(&config);
    assert_non_null(wg);
    for (int i = 0; i < 10; i++) {
        wg_add(wg, 2);
        assert_true(wg_try_add(wg, 1));
        wg_done(wg);
        wg_add(wg, -2);
        wg_wait(wg);
    }
    wg_destroy(wg);
    assert_int_equal(kernel.wakes, 0);
    assert_int_equal(kernel.waits, 0);
}

#define PRIVATE(test) cmocka_unit_test_setup(test, make_private)
#define SHARED(test) cmocka_unit_test_setup(test, make_shared)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PRIVATE(release_is_one_wake_of_all_that_it_owes),
        PRIVATE(each_release_wakes_for_itself_whatever_lies_there),
        PRIVATE(a_thread_that_takes_a_token_wakes_nobody),
        SHARED(processes_are_woken_by_a_shared_wake),
        PRIVATE(spurious_wakes_are_slept_off),
        PRIVATE(the_deadline_goes_to_the_kernel_as_it_is),
        SHARED(processes_sleep_on_a_shared_word),
        PRIVATE(a_token_that_lies_there_is_taken_without_the_kernel),
        PRIVATE(the_last_done_makes_one_wake_for_any_crowd_and_the_crowd_none),
        PRIVATE(nobody_waits_nobody_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
