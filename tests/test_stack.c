/* SPDX-License-Identifier: 0BSD */
/* test_stack.c: the first waits of a process on the smallest stack there is: test_stack futex|posix|dispatch|cond. */
#include "backends.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

static const wg_sem_ops_t *ops;
static wg_t *wg;
static atomic_int timed_out;

static void *wait_twice(void *unused)
{
    (void)unused;
    atomic_store(&timed_out, wg_wait_for(wg, 2000000));
    wg_wait(wg);
    return NULL;
}

/* A signal frame and thread-local data need room, too.  So it is at least 16384, the old minimum of Linux. */
static size_t smallest_stack(void)
{
    const long smallest = sysconf(_SC_THREAD_STACK_MIN);
    return smallest > 16384 ? (size_t)smallest : 16384;
}

static void the_first_waits_fit_on_the_smallest_stack(void **unused)
{
    (void)unused;
    if (SUITE_TSAN || SUITE_ASAN)
        skip(); /* sanitizers make frames larger, so they do not fit */
    wg = make_over(ops);
    wg_add(wg, 1);
    pthread_attr_t attributes;
    pthread_t thread;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstacksize(&attributes, smallest_stack()), 0);
    assert_int_equal(pthread_create(&thread, &attributes, wait_twice, NULL), 0);
    UNTIL(atomic_load(&timed_out) != 0);
    UNTIL(wg_waiters(wg) == 1);
    wg_done(wg);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(atomic_load(&timed_out), ETIMEDOUT);
    pthread_attr_destroy(&attributes);
    wg_destroy(wg);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_waits_fit_on_the_smallest_stack),
    };
    return cmocka_run_group_tests_name("stack", tests, NULL, NULL);
}
