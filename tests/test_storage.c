/* SPDX-License-Identifier: 0BSD */
/* test_storage.c: groups in the caller's memory: zero-filled, static, shifted by a byte, used again after destroy. */
#include "wg/wg.h"

#include "backends.h"
#include "fake_sem.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

static wg_storage_t in_bss;
static wg_storage_t in_data = WG_STORAGE_INIT;

static void wait_there(void *arg)
{
    wg_wait(arg);
}

/* Two threads wait for one task.  The counts must be zero afterwards. */
static void use(wg_t *wg)
{
    thread_t threads[2];
    wg_add(wg, 1);
    for (int i = 0; i < 2; i++)
        thread_start(&threads[i], wait_there, wg);
    UNTIL(wg_waiters(wg) == 2);
    assert_false(wg_try_wait(wg));
    wg_done(wg);
    for (int i = 0; i < 2; i++)
        thread_join(&threads[i]);
    assert_true(wg_try_wait(wg));
}

static void zero_filled_storage_is_an_empty_open_group(void **unused)
{
    (void)unused;
    wg_storage_t on_stack = WG_STORAGE_INIT;
    wg_storage_t *const on_heap = calloc(1, sizeof *on_heap);
    wg_storage_t *const all[] = { &in_bss, &in_data, &on_stack, on_heap };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_t *const wg = wg_attach(all[i]);
        assert_ptr_equal(wg, all[i]);
        assert_int_equal(wg_count(wg), 0);
        assert_int_equal(wg_waiters(wg), 0);
        assert_false(wg_is_closed(wg));
        assert_true(wg_try_wait(wg));
        use(wg);
        assert_ptr_equal(wg_attach(all[i]), wg);
        wg_destroy(wg);
    }
    free(on_heap);
}

static void attach_changes_nothing(void **unused)
{
    (void)unused;
    static const wg_storage_t zeroes = WG_STORAGE_INIT;
    wg_storage_t storage = WG_STORAGE_INIT, before;
    assert_non_null(wg_attach(&storage));
    assert_memory_equal(&storage, &zeroes, sizeof storage);
    wg_t *const wg = wg_init(&storage, NULL);
    wg_add(wg, 3);
    wg_close(wg);
    memcpy(&before, &storage, sizeof before);
    wg_t *const again = wg_attach(&storage);
    assert_memory_equal(&storage, &before, sizeof storage);
    assert_int_equal(wg_count(again), 3);
    assert_true(wg_is_closed(again));
    wg_add(again, -3);
    wg_destroy(again);
}

static void destroy_leaves_a_new_group(void **unused)
{
    (void)unused;
    static const wg_storage_t zeroes = WG_STORAGE_INIT;
    const wg_sem_ops_t *const all[] = { NULL, wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch(), &cond_sem_ops };
    wg_storage_t storage;
    memset(&storage, 0, sizeof storage);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        for (int round = 0; round < 3; round++) {
            const wg_config_t config = { sizeof config, all[i], 0 };
            wg_t *const wg = wg_init(&storage, &config);
            assert_non_null(wg);
            use(wg);
            wg_close(wg);
            wg_destroy(wg);
            assert_memory_equal(&storage, &zeroes, sizeof storage);
            /* The storage is zero-filled, so the next group has the default semaphore. */
            use(wg_attach(&storage));
            wg_destroy(wg_attach(&storage));
            assert_memory_equal(&storage, &zeroes, sizeof storage);
        }
}

/* All first waiters meet in the set-up of the semaphore.  They seldom really meet, so there are many rounds. */

#define FIRST 4
static atomic_int gate;

static void wait_first(void *arg)
{
    atomic_fetch_sub(&gate, 1);
    UNTIL(atomic_load(&gate) == 0);
    wg_wait(arg);
}

static void first_waiters_may_come_all_at_once(void **unused)
{
    (void)unused;
    for (int round = 0; round < 300; round++) {
        wg_storage_t storage = WG_STORAGE_INIT;
        wg_t *const wg = wg_attach(&storage);
        thread_t threads[FIRST];
        atomic_store(&gate, FIRST);
        wg_add(wg, 1);
        for (int i = 0; i < FIRST; i++)
            thread_start(&threads[i], wait_first, wg);
        if (round % 2 == 0)
            UNTIL(wg_waiters(wg) == FIRST); /* in odd rounds the last done comes at the same time */
        else
            UNTIL(atomic_load(&gate) == 0);
        wg_done(wg);
        for (int i = 0; i < FIRST; i++)
            thread_join(&threads[i]);
        assert_int_equal(wg_waiters(wg), 0);
        wg_destroy(wg);
    }
}

static void a_zero_filled_group_that_nobody_waited_for_may_be_destroyed(void **unused)
{
    (void)unused;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = wg_attach(&storage);
    wg_add(wg, 2);
    wg_add(wg, -2);
    wg_wait(wg);
    wg_destroy(wg);
    wg_destroy(wg_attach(&storage));
    assert_int_equal(wg_count(wg_attach(&storage)), 0);
}

static void storage_works_at_every_8_aligned_place(void **unused)
{
    (void)unused;
    union {
        wg_storage_t alignment;
        unsigned char bytes[3 * sizeof(wg_storage_t)];
    } room;
    for (size_t at = 0; at <= sizeof room.bytes - sizeof(wg_storage_t); at += 8) {
        memset(&room, 0xa5, sizeof room);
        wg_t *const wg = wg_init((wg_storage_t *)(void *)(room.bytes + at), NULL);
        assert_non_null(wg);
        use(wg);
        wg_destroy(wg);
        for (size_t i = 0; i < sizeof room.bytes; i++)
            assert_true(i >= at && i < at + sizeof(wg_storage_t) ? true : room.bytes[i] == 0xa5);
    }
}

static void the_semaphore_is_ended_once_and_only_if_it_was_made(void **unused)
{
    (void)unused;
    wg_storage_t storage;
    const wg_config_t config = { sizeof config, &fake_sem_ops, 0 };
    fake_reset();
    wg_t *const wg = wg_init(&storage, &config);
    assert_non_null(wg);
    wg_destroy(wg);
    assert_int_equal(fake_calls(FAKE_DESTROY), 1);
    assert_ptr_equal(fake_call(FAKE_DESTROY, 0)->sem, fake_call(FAKE_INIT, 0)->sem);
    wg_destroy(wg_attach(&storage)); /* zero-filled by now */
    assert_int_equal(fake_calls(FAKE_DESTROY), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_filled_storage_is_an_empty_open_group),
        cmocka_unit_test(attach_changes_nothing),
        cmocka_unit_test(destroy_leaves_a_new_group),
        cmocka_unit_test(first_waiters_may_come_all_at_once),
        cmocka_unit_test(a_zero_filled_group_that_nobody_waited_for_may_be_destroyed),
        cmocka_unit_test(storage_works_at_every_8_aligned_place),
        cmocka_unit_test(the_semaphore_is_ended_once_and_only_if_it_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
