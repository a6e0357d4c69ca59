/* SPDX-License-Identifier: 0BSD */
/* test_config.c: which configurations make a group, and with which errno the others do not. */
#include "wg/wg.h"

#include "backends.h"
#include "fake_sem.h"
#include "group.h"
#include "suite.h"

#include <errno.h>
#include <string.h>

/* Both wg_init() and wg_create_with() return NULL with this errno. */
static void assert_refused(const wg_config_t *config, int error)
{
    wg_storage_t storage;
    errno = 0;
    assert_null(wg_init(&storage, config));
    assert_int_equal(errno, error);
    errno = 0;
    assert_null(wg_create_with(config));
    assert_int_equal(errno, error);
}

static void assert_accepted(const wg_config_t *config)
{
    wg_storage_t storage;
    wg_t *group = wg_init(&storage, config);
    assert_ptr_equal(group, &storage);
    wg_destroy(group);
    group = wg_create_with(config);
    assert_non_null(group);
    wg_destroy(group);
}

static void the_defaults_make_a_group(void **unused)
{
    (void)unused;
    const wg_config_t config = WG_CONFIG_INIT;
    assert_int_equal(config.size, sizeof config);
    assert_null(config.sem);
    assert_int_equal(config.flags, 0);
    errno = EILSEQ;
    assert_accepted(&config);
    assert_accepted(NULL);
    wg_t *const group = wg_create();
    assert_non_null(group);
    assert_int_equal(wg_count(group), 0);
    assert_false(wg_is_closed(group));
    wg_destroy(group);
    wg_destroy(NULL);
}

static void a_size_below_ours_is_refused(void **unused)
{
    (void)unused;
    wg_config_t config = WG_CONFIG_INIT;
    for (config.size = 0; config.size < sizeof config; config.size++)
        assert_refused(&config, EINVAL);
    assert_accepted(&config);
}

typedef struct later_config {
    wg_config_t known;
    unsigned char unknown[24];
} later_config_t;

static void a_later_config_is_accepted_if_it_asks_for_nothing_new(void **unused)
{
    (void)unused;
    later_config_t later = { WG_CONFIG_INIT, { 0 } };
    for (size_t size = sizeof(wg_config_t); size <= sizeof later; size++) {
        later.known.size = size;
        assert_accepted(&later.known);
    }
    for (size_t i = 0; i < sizeof later.unknown; i++) {
        later.unknown[i] = 1;
        later.known.size = sizeof later;
        assert_refused(&later.known, EINVAL);
        later.known.size = sizeof(wg_config_t) + i; /* the config ends before the byte that is set */
        assert_accepted(&later.known);
        later.unknown[i] = 0;
    }
}

/* Otherwise a wrong 'size' would make the library read past the caller's memory. */
static void a_size_above_a_page_is_refused(void **unused)
{
    (void)unused;
    static union {
        wg_config_t config;
        unsigned char bytes[2 * 4096];
    } room; /* all zero: it asks for nothing, so only the size decides */
    room.config.size = 4096;
    assert_accepted(&room.config);
    static const size_t sizes[] = { 4097, 4104, sizeof room, SIZE_MAX / 2 + 1, SIZE_MAX };
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        room.config.size = sizes[i];
        assert_refused(&room.config, EINVAL);
    }
}

/* A later version must accept what programs of this version pass: three members, none of which may be left out. */
static void the_first_versions_size_is_the_least(void **unused)
{
    (void)unused;
    struct first {
        size_t size;
        const wg_sem_ops_t *sem;
        unsigned flags;
    };
    wg_config_t config = WG_CONFIG_INIT;
    config.size = sizeof(struct first);
    assert_accepted(&config);
    config.size = sizeof(struct first) - 1;
    assert_refused(&config, EINVAL);
    config.size = offsetof(struct first, flags);
    assert_refused(&config, EINVAL);
}

static void every_unknown_flag_is_refused(void **unused)
{
    (void)unused;
    wg_config_t config = WG_CONFIG_INIT;
    for (unsigned bit = 2; bit < 32; bit++) { /* after WG_PROCESS_SHARED and WG_NO_SPIN */
        config.flags = 1u << bit;
        assert_refused(&config, EINVAL);
        config.flags |= WG_PROCESS_SHARED;
        assert_refused(&config, EINVAL);
    }
}

static void a_group_on_the_heap_cannot_be_shared_by_processes(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { NULL, wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch(), &cond_sem_ops };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const wg_config_t config = { sizeof config, all[i], WG_PROCESS_SHARED };
        errno = 0;
        assert_null(wg_create_with(&config));
        assert_int_equal(errno, EINVAL);
    }
}

/* It depends on the system whether processes can share the futex. */
static void semaphores_of_one_process_are_refused_for_many(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { TEST_FUTEX_IS_SHARED ? NULL : wg_sem_futex(), wg_sem_dispatch(), &cond_sem_ops,
                                        &fake_sem_ops };
    fake_reset();
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_storage_t storage;
        const wg_config_t config = { sizeof config, all[i], WG_PROCESS_SHARED };
        if (all[i] == NULL)
            continue;
        errno = 0;
        assert_null(wg_init(&storage, &config));
        assert_int_equal(errno, ENOTSUP);
    }
    assert_int_equal(fake.count, 0);
}

static void semaphores_that_can_be_shared_are(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { TEST_FUTEX_IS_SHARED ? wg_sem_futex() : NULL, wg_sem_posix() };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_storage_t storage;
        const wg_config_t config = { sizeof config, all[i], WG_PROCESS_SHARED };
        if (all[i] == NULL)
            continue;
        wg_t *const group = wg_init(&storage, &config);
        assert_non_null(group);
        wg_destroy(group);
    }
}

static void a_table_without_one_of_its_functions_is_refused(void **unused)
{
    (void)unused;
    wg_sem_ops_t tables[4];
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        tables[i] = fake_sem_ops;
    tables[0].init = NULL;
    tables[1].destroy = NULL;
    tables[2].acquire = NULL;
    tables[3].release = NULL;
    fake_reset();
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        const wg_config_t config = { sizeof config, &tables[i], 0 };
        assert_refused(&config, EINVAL);
    }
    assert_int_equal(fake.count, 0);
}

static void storage_must_be_8_aligned(void **unused)
{
    (void)unused;
    union {
        wg_storage_t storage[2];
        unsigned char bytes[sizeof(wg_storage_t[2])];
    } room = { .bytes = { 0 } };
    for (size_t at = 1; at < 8; at++) {
        wg_storage_t *const storage = (wg_storage_t *)(void *)(room.bytes + at);
        errno = 0;
        assert_null(wg_init(storage, NULL));
        assert_int_equal(errno, EINVAL);
        errno = 0;
        assert_null(wg_attach(storage));
        assert_int_equal(errno, EINVAL);
    }
    for (size_t i = 0; i < sizeof room; i++)
        assert_int_equal(room.bytes[i], 0);
    assert_non_null(wg_attach((wg_storage_t *)(void *)(room.bytes + 8)));
}

/* The fake itself checks that its bytes are zero-filled and aligned. */
static void init_gets_clean_bytes_whatever_the_storage_held(void **unused)
{
    (void)unused;
    wg_storage_t storage;
    const wg_config_t config = { sizeof config, &fake_sem_ops, 0 };
    fake_reset();
    memset(&storage, 0xff, sizeof storage);
    wg_t *const group = wg_init(&storage, &config);
    assert_non_null(group);
    assert_int_equal(wg_count(group), 0);
    assert_int_equal(wg_waiters(group), 0);
    assert_false(wg_is_closed(group));
    assert_int_equal(fake_calls(FAKE_INIT), 1);
    assert_false(fake_call(FAKE_INIT, 0)->process_shared);
    /* WG_SEM_SIZE bytes, all inside the storage. */
    const uintptr_t begin = (uintptr_t)fake_call(FAKE_INIT, 0)->sem;
    assert_true(begin >= (uintptr_t)&storage && begin + WG_SEM_SIZE <= (uintptr_t)(&storage + 1));
    wg_destroy(group);
    assert_int_equal(fake_calls(FAKE_DESTROY), 1);
}

static void what_init_returns_is_handed_on(void **unused)
{
    (void)unused;
    static const int errors[] = { ENOMEM, ENOSPC, EPERM, 12345 };
    const wg_config_t config = { sizeof config, &fake_sem_ops, 0 };
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        fake_reset();
        fake.init_result = errors[i];
        assert_refused(&config, errors[i]);
        assert_int_equal(fake_calls(FAKE_DESTROY), 0);
    }
}

static void a_refused_init_leaves_the_storage_as_it_was(void **unused)
{
    (void)unused;
    static const int fillings[] = { 0, 0xa5, 0xff };
    const wg_config_t configs[] = {
        { sizeof *configs, &fake_sem_ops, 0 },                 /* whose init fails */
        { sizeof *configs, &fake_sem_ops, WG_PROCESS_SHARED }, /* which cannot be shared */
        { sizeof *configs, NULL, 1u << 31 },                   /* an unknown flag */
        { 1, NULL, 0 },                                        /* no config */
    };
    for (size_t i = 0; i < COUNT_OF(configs); i++)
        for (size_t filling = 0; filling < COUNT_OF(fillings); filling++) {
            wg_storage_t storage, before;
            memset(&storage, fillings[filling], sizeof storage);
            before = storage;
            fake_reset();
            fake.init_result = ENOMEM;
            assert_null(wg_init(&storage, &configs[i]));
            assert_memory_equal(&storage, &before, sizeof storage);
        }
}

static void storage_is_small_and_aligned_everywhere(void **unused)
{
    (void)unused;
    struct odd {
        char byte;
        wg_storage_t storage;
    };
    assert_int_equal(sizeof(wg_storage_t), 64);
    assert_int_equal(offsetof(struct odd, storage) % 8, 0);
}

static void the_default_is_one_of_the_built_in_ones(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const chosen = wg_sem_default();
    assert_non_null(chosen);
    assert_true(chosen == wg_sem_futex() || chosen == wg_sem_posix() || chosen == wg_sem_dispatch());
    assert_string_equal(chosen->name, TEST_DEFAULT_BACKEND);
}

static void a_group_for_which_none_is_named_has_the_default(void **unused)
{
    (void)unused;
    wg_storage_t named, unnamed;
    const wg_config_t config = { sizeof config, wg_sem_default(), 0 };
    wg_t *const model = wg_init(&named, &config), *const plain = wg_init(&unnamed, NULL), *const heap = wg_create();
    assert_true(model != NULL && plain != NULL && heap != NULL);
    assert_true(wgi_sem_is_like(&plain->sem, &model->sem));
    assert_true(wgi_sem_is_like(&heap->sem, &model->sem));
    wg_destroy(heap);
    wg_destroy(plain);
    wg_destroy(model);
}

static void each_built_in_one_has_its_own_name(void **unused)
{
    (void)unused;
    if (wg_sem_futex() != NULL)
        assert_string_equal(wg_sem_futex()->name, "futex");
    if (wg_sem_posix() != NULL)
        assert_string_equal(wg_sem_posix()->name, "posix");
    if (wg_sem_dispatch() != NULL)
        assert_string_equal(wg_sem_dispatch()->name, "dispatch");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_make_a_group),
        cmocka_unit_test(a_size_below_ours_is_refused),
        cmocka_unit_test(a_later_config_is_accepted_if_it_asks_for_nothing_new),
        cmocka_unit_test(a_size_above_a_page_is_refused),
        cmocka_unit_test(the_first_versions_size_is_the_least),
        cmocka_unit_test(every_unknown_flag_is_refused),
        cmocka_unit_test(a_group_on_the_heap_cannot_be_shared_by_processes),
        cmocka_unit_test(semaphores_of_one_process_are_refused_for_many),
        cmocka_unit_test(semaphores_that_can_be_shared_are),
        cmocka_unit_test(a_table_without_one_of_its_functions_is_refused),
        cmocka_unit_test(storage_must_be_8_aligned),
        cmocka_unit_test(init_gets_clean_bytes_whatever_the_storage_held),
        cmocka_unit_test(what_init_returns_is_handed_on),
        cmocka_unit_test(a_refused_init_leaves_the_storage_as_it_was),
        cmocka_unit_test(storage_is_small_and_aligned_everywhere),
        cmocka_unit_test(the_default_is_one_of_the_built_in_ones),
        cmocka_unit_test(a_group_for_which_none_is_named_has_the_default),
        cmocka_unit_test(each_built_in_one_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
