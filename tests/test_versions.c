/* SPDX-License-Identifier: 0BSD */
/*
 * test_versions.c: the library of a later version reads the config of a program that was built with this one.
 *
 * The build makes the wg.h of that version, in which wg_config_t has one more member,
 * 'later'.  test_config.c tests the reverse: a later program and this library.
 */
#include "life.c"

#include "suite.h"

#include <sys/mman.h>

enum { PAGE = 65536 }; /* at least a page of any system */

/* The program's config, at the very end of its memory.  A library that reads past it dies. */
static wg_config_t *config_of_first_size(const wg_sem_ops_t *sem, unsigned flags)
{
    unsigned char *const pages =
        mmap(NULL, (size_t)2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    assert_int_equal(mprotect(pages + PAGE, PAGE, PROT_NONE), 0);
    first_config_t *const config = (first_config_t *)(void *)(pages + PAGE - sizeof *config);
    *config = (first_config_t){ sizeof *config, sem, flags };
    return (wg_config_t *)(void *)config;
}

static void what_an_older_program_does_not_know_counts_as_zero(void **unused)
{
    (void)unused;
    wg_config_t config;
    assert_true(sizeof config > sizeof(first_config_t));
    memset(&config, 0xff, sizeof config);
    assert_true(read_config(&config, config_of_first_size(wg_sem_posix(), WG_NO_SPIN)));
    assert_ptr_equal(config.sem, wg_sem_posix());
    assert_int_equal(config.flags, WG_NO_SPIN);
    assert_int_equal(config.later, 0);
}

static void an_older_program_makes_its_groups(void **unused)
{
    (void)unused;
    wg_storage_t storage;
    wg_t *wg = wg_init(&storage, config_of_first_size(NULL, WG_NO_SPIN));
    assert_non_null(wg);
    wg_destroy(wg);
    wg = wg_create_with(config_of_first_size(NULL, 0));
    assert_non_null(wg);
    wg_destroy(wg);
}

static void what_a_program_of_the_same_version_asks_for_is_read(void **unused)
{
    (void)unused;
    wg_config_t config;
    const wg_config_t given = { .size = sizeof given, .later = 4711 };
    assert_true(read_config(&config, &given));
    assert_int_equal(config.later, 4711);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_older_program_does_not_know_counts_as_zero),
        cmocka_unit_test(an_older_program_makes_its_groups),
        cmocka_unit_test(what_a_program_of_the_same_version_asks_for_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
