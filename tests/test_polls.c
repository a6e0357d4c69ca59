/* SPDX-License-Identifier: 0BSD */
/* test_polls.c: which waits call wgi_spin(), and with which arguments. */
#include "suite.h"

#include "spin.h"

#include <wg/wg.h>

#include <errno.h>
#include <string.h>
#include <time.h>

static unsigned calls;
static const struct timespec *asked_deadline;
static const void *asked_state;
static bool answer;

bool __wrap_wgi_spin(const wgi_state_t *state, wgi_spin_memory_t *memory, const struct timespec *deadline);

bool __wrap_wgi_spin(const wgi_state_t *state, wgi_spin_memory_t *memory, const struct timespec *deadline)
{
    assert_non_null(memory);
    calls++;
    asked_state = state;
    asked_deadline = deadline;
    return answer;
}

static int start(void **unused)
{
    (void)unused;
    calls = 0;
    answer = false;
    return 0;
}

static wg_t *make(wg_storage_t *storage, unsigned flags)
{
    wg_config_t config = WG_CONFIG_INIT;
    config.flags = flags;
    if ((flags & WG_PROCESS_SHARED) != 0)
        config.sem = wg_sem_futex(); /* processes may be unable to share the default */
    wg_t *const wg = wg_init(storage, &config);
    assert_non_null(wg);
    return wg;
}

/* Returns how often a wait that times out called wgi_spin(). */
static unsigned calls_of_a_wait(wg_t *wg)
{
    calls = 0;
    wg_add(wg, 1);
    assert_int_equal(wg_wait_for(wg, 1000), ETIMEDOUT);
    wg_done(wg);
    return calls;
}

static void a_wait_that_would_block_asks_once(void **unused)
{
    (void)unused;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = make(&storage, 0);
    assert_int_equal(calls_of_a_wait(wg), 1);
    assert_ptr_equal(asked_state, &storage);

    const struct timespec far = { INT32_MAX, 0 };
    wg_add(wg, 1);
    answer = true;
    assert_int_equal(wg_wait_until(wg, &far), 0);
    assert_ptr_equal(asked_deadline, &far);
    answer = false;
    wg_done(wg);
    wg_destroy(wg);

    wg_t *const heap = wg_create();
    assert_non_null(heap);
    assert_int_equal(calls_of_a_wait(heap), 1);
    wg_destroy(heap);

    wg_storage_t zeroes = WG_STORAGE_INIT;
    assert_int_equal(calls_of_a_wait(wg_attach(&zeroes)), 1);
    wg_destroy(wg_attach(&zeroes));
}

static void a_wait_that_saw_zero_by_polling_never_sleeps(void **unused)
{
    (void)unused;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = make(&storage, 0);
    wg_add(wg, 1);
    answer = true;
    wg_wait(wg);
    assert_int_equal(wg_wait_for(wg, INT64_MAX), 0);
    assert_int_equal(calls, 2);
    assert_int_equal(wg_waiters(wg), 0);
    wg_done(wg);
    wg_destroy(wg);
}

static void a_wait_that_would_not_block_does_not_ask(void **unused)
{
    (void)unused;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = make(&storage, 0);
    wg_wait(wg);
    assert_int_equal(wg_wait_for(wg, 1000), 0);
    assert_true(wg_try_wait(wg));
    wg_add(wg, 1);
    assert_false(wg_try_wait(wg));
    assert_int_equal(wg_wait_for(wg, 0), ETIMEDOUT);
    assert_int_equal(wg_wait_for(wg, INT64_MIN), ETIMEDOUT);
    const struct timespec past = { 0, 0 };
    assert_int_equal(wg_wait_until(wg, &past), ETIMEDOUT);
    assert_int_equal(calls, 0);
    wg_done(wg);
    wg_destroy(wg);
}

static void no_spin_is_obeyed_until_the_group_ends(void **unused)
{
    (void)unused;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = make(&storage, WG_NO_SPIN);
    assert_int_equal(calls_of_a_wait(wg), 0);
    assert_int_equal(calls_of_a_wait(wg_attach(&storage)), 0);
    wg_destroy(wg);

    static const unsigned char zeroes[sizeof(wg_storage_t)];
    assert_memory_equal(&storage, zeroes, sizeof zeroes); /* zero-filled: a new group, which polls */
    assert_int_equal(calls_of_a_wait(wg_attach(&storage)), 1);
    wg_destroy(wg_attach(&storage));
    assert_memory_equal(&storage, zeroes, sizeof zeroes);

    assert_int_equal(calls_of_a_wait(make(&storage, WG_NO_SPIN | WG_PROCESS_SHARED)), 0);
    wg_destroy(wg_attach(&storage));
    assert_int_equal(calls_of_a_wait(make(&storage, WG_PROCESS_SHARED)), 1);
    wg_destroy(wg_attach(&storage));

    wg_config_t config = WG_CONFIG_INIT;
    config.flags = WG_NO_SPIN;
    wg_t *const heap = wg_create_with(&config);
    assert_non_null(heap);
    assert_int_equal(calls_of_a_wait(heap), 0);
    wg_destroy(heap);
}

/* The program's own table: a copy of the built-in one. */
static void a_semaphore_of_ones_own_never_polls(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const builtin[] = { wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    for (size_t i = 0; i < COUNT_OF(builtin); i++) {
        if (builtin[i] == NULL)
            continue;
        wg_config_t config = WG_CONFIG_INIT;
        config.sem = builtin[i];
        wg_t *wg = wg_create_with(&config);
        assert_non_null(wg);
        assert_int_equal(calls_of_a_wait(wg), 1);
        wg_destroy(wg);

        const wg_sem_ops_t own = *builtin[i];
        config.sem = &own;
        wg = wg_create_with(&config);
        assert_non_null(wg);
        assert_int_equal(calls_of_a_wait(wg), 0);
        wg_destroy(wg);
    }
}

#define OF_A_WAIT(test) cmocka_unit_test_setup(test, start)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        OF_A_WAIT(a_wait_that_would_block_asks_once),        OF_A_WAIT(a_wait_that_saw_zero_by_polling_never_sleeps),
        OF_A_WAIT(a_wait_that_would_not_block_does_not_ask), OF_A_WAIT(no_spin_is_obeyed_until_the_group_ends),
        OF_A_WAIT(a_semaphore_of_ones_own_never_polls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
