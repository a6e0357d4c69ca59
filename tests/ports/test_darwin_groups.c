/* SPDX-License-Identifier: 0BSD */
/*
 * test_darwin_groups.c: which semaphore a group has on macOS 14.4 (TEST_HAS_CALLS=1)
 * and on an older one (0).
 *
 * The library is built as for Darwin, and its weak references find os_sync.c or
 * nothing.  The default semaphore is in this file.  It wraps the posix semaphore, and
 * like the one of libdispatch it serves only one process.
 */
#include "sem.h"

#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <string.h>

static atomic_int made, acquired, ended; /* counts of calls of the default semaphore */

static int init_error;

static int default_init(void *sem, bool process_shared)
{
    if (init_error != 0)
        return init_error;
    if (process_shared)
        return ENOTSUP;
    atomic_fetch_add(&made, 1);
    return wgi_sem_posix.init(sem, false);
}

static void default_destroy(void *sem)
{
    atomic_fetch_add(&ended, 1);
    wgi_sem_posix.destroy(sem);
}

static int default_acquire(void *sem, const struct timespec *deadline)
{
    atomic_fetch_add(&acquired, 1);
    return wgi_sem_posix.acquire(sem, deadline);
}

static void default_release(void *sem, uint32_t n)
{
    wgi_sem_posix.release(sem, n);
}

const wg_sem_ops_t wgi_sem_dispatch = {
    .name = "dispatch",
    .init = default_init,
    .destroy = default_destroy,
    .acquire = default_acquire,
    .release = default_release,
};

static wg_storage_t storage;
static wg_t *wg;

static int set_up(void **unused)
{
    (void)unused;
    memset(&storage, 0, sizeof storage);
    atomic_store(&made, 0);
    atomic_store(&acquired, 0);
    atomic_store(&ended, 0);
    init_error = 0;
    return 0;
}

static void wait_there(void *unused)
{
    (void)unused;
    wg_wait(wg);
}

/* One thread sleeps and is woken; one wait times out. */
static void use(void)
{
    thread_t waiter;
    wg_add(wg, 1);
    assert_int_equal(wg_wait_for(wg, 1000000), ETIMEDOUT);
    thread_start(&waiter, wait_there, NULL);
    UNTIL(wg_waiters(wg) == 1);
    until_asleep(&waiter);
    wg_done(wg);
    thread_join(&waiter);
}

static void the_futex_is_there_if_the_system_has_it(void **unused)
{
    (void)unused;
    assert_int_equal(wg_sem_futex() != NULL, TEST_HAS_CALLS);
    if (TEST_HAS_CALLS)
        assert_string_equal(wg_sem_futex()->name, "futex");
    assert_ptr_equal(wg_sem_default(), &wgi_sem_dispatch);
}

static void a_group_without_a_choice_has_the_default(void **unused)
{
    (void)unused;
    const wg_config_t config = { sizeof config, NULL, WG_NO_SPIN };
    wg = wg_init(&storage, &config);
    assert_non_null(wg);
    use();
    wg_destroy(wg);
    assert_int_equal(atomic_load(&made), 1);
    assert_int_equal(atomic_load(&acquired), 2);
    assert_int_equal(atomic_load(&ended), 1);
}

static void a_zero_filled_group_has_the_futex_or_makes_the_default(void **unused)
{
    (void)unused;
    wg = wg_attach(&storage);
    use();
    assert_int_equal(atomic_load(&made), !TEST_HAS_CALLS);
    assert_int_equal(atomic_load(&acquired), TEST_HAS_CALLS ? 0 : 2);
    wg_destroy(wg);
    assert_int_equal(atomic_load(&ended), !TEST_HAS_CALLS);
    static const wg_storage_t zero;
    assert_memory_equal(&storage, &zero, sizeof zero);
}

static void a_zero_filled_group_that_nobody_waited_for_may_be_destroyed(void **unused)
{
    (void)unused;
    wg = wg_attach(&storage);
    wg_add(wg, 1);
    wg_done(wg);
    wg_destroy(wg);
    assert_int_equal(atomic_load(&made), 0);
}

static void a_group_for_processes_has_the_futex_or_is_refused(void **unused)
{
    (void)unused;
    const wg_config_t config = { sizeof config, NULL, WG_PROCESS_SHARED };
    errno = 0;
    wg = wg_init(&storage, &config);
    assert_int_equal(wg != NULL, TEST_HAS_CALLS);
    assert_int_equal(errno, TEST_HAS_CALLS ? 0 : ENOTSUP);
    if (wg == NULL)
        return;
    use();
    wg_destroy(wg);
    assert_int_equal(atomic_load(&acquired), 0);
}

/* A program that names a semaphore gets that one or an error. */
static void a_choice_that_cannot_be_shared_is_refused(void **unused)
{
    (void)unused;
    const wg_config_t config = { sizeof config, &wgi_sem_dispatch, WG_PROCESS_SHARED };
    errno = 0;
    assert_null(wg_init(&storage, &config));
    assert_int_equal(errno, ENOTSUP);
}

static void a_default_that_fails_is_not_replaced(void **unused)
{
    (void)unused;
    const wg_config_t config = { sizeof config, NULL, WG_PROCESS_SHARED };
    init_error = ENOMEM;
    errno = 0;
    assert_null(wg_init(&storage, &config));
    assert_int_equal(errno, ENOMEM);
}

#define TEST(test) cmocka_unit_test_setup(test, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_futex_is_there_if_the_system_has_it),
        TEST(a_group_without_a_choice_has_the_default),
        TEST(a_zero_filled_group_has_the_futex_or_makes_the_default),
        TEST(a_zero_filled_group_that_nobody_waited_for_may_be_destroyed),
        TEST(a_group_for_processes_has_the_futex_or_is_refused),
        TEST(a_choice_that_cannot_be_shared_is_refused),
        TEST(a_default_that_fails_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
