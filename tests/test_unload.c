/* SPDX-License-Identifier: 0BSD */
/*
 * test_unload.c: libwg.so stays in memory when its last user closes it.
 *
 * When a wait has returned, the thread that counted the last task off may still have
 * some instructions of the library to run.  If dlclose() unmapped them, that thread
 * would crash.
 */
#include "suite.h"

#include "wg/wg.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int ran;

static void task(void *unused)
{
    (void)unused;
    atomic_fetch_add(&ran, 1);
}

/* Stores the address of the function 'name' in a pointer to a function. */
static void find(void *library, const char *name, void *function)
{
    void *const found = dlsym(library, name);
    assert_non_null(found);
    memcpy(function, &found, sizeof found);
}

static void closing_the_library_leaves_its_code_where_it_is(void **unused)
{
    (void)unused;
    assert_null(dlopen(WG_SHARED, RTLD_NOW | RTLD_NOLOAD)); /* not loaded yet: else dlclose() would unload nothing */
    void *const library = dlopen(WG_SHARED, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    wg_t *(*create)(void);
    int (*go)(wg_t *, void (*)(void *), void *);
    void (*wait)(wg_t *), (*destroy)(wg_t *);
    find(library, "wg_create", &create);
    find(library, "wg_go", &go);
    find(library, "wg_wait", &wait);
    find(library, "wg_destroy", &destroy);
    wg_t *const wg = create();
    assert_non_null(wg);
    assert_int_equal(go(wg, task, NULL), 0);
    wait(wg);
    destroy(wg);
    assert_int_equal(atomic_load(&ran), 1);
    assert_int_equal(dlclose(library), 0);
    assert_non_null(dlopen(WG_SHARED, RTLD_NOW | RTLD_NOLOAD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closing_the_library_leaves_its_code_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
