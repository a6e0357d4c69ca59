/* SPDX-License-Identifier: 0BSD */
/*
 * test_stranded.c: waiters that are left behind: by a misuse, and in the parent of a fork.
 * Usage: test_stranded futex|posix|dispatch|cond.
 */
#include "backends.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static const wg_sem_ops_t *ops;
static wg_t *wg;
static jmp_buf out;
static atomic_int reports;

static void leave(const wg_t *group, wg_misuse_t misuse, const char *message)
{
    (void)group, (void)message;
    if (misuse != WG_MISUSE_ADD_DURING_WAIT)
        _exit(2);
    atomic_fetch_add(&reports, 1);
    longjmp(out, 1);
}

static void sleep_for_ever(void *unused)
{
    (void)unused;
    wg_wait(wg);
}

/*
 * What is left if an add comes between the last done and its reset: the add has
 * reported, the reset has taken the waiter out of the word and reported, and the waiter
 * still sleeps.  The test writes this state into the word.
 */
static _Noreturn void strand_and_destroy(bool heap)
{
    static wg_storage_t storage;
    wg_set_panic_handler(leave);
    wg = heap ? make_over(ops) : init_over(&storage, ops);
    wg_add(wg, 1);
    thread_t sleeper;
    thread_start(&sleeper, sleep_for_ever, NULL);
    UNTIL(wg_waiters(wg) == 1);
    until_asleep(&sleeper);

    _Atomic uint64_t *const word = (_Atomic uint64_t *)(void *)wg;
    atomic_fetch_sub(word, (uint64_t)1 << 32);
    if (setjmp(out) == 0)
        wg_add(wg, 1);
    atomic_fetch_sub(word, 1);
    if (atomic_load(&reports) != 1 || wg_waiters(wg) != 0 || wg_count(wg) != 1)
        _exit(3);

    wg_destroy(wg); /* must neither report nor end the semaphore that the waiter sleeps in */
    _exit(0);
}

static void strand(bool heap)
{
    if (SUITE_TSAN)
        skip(); /* ThreadSanitizer reports the misuse as a race, rightly */
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        strand_and_destroy(heap);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_misused_group_on_the_heap_may_be_destroyed_under_a_sleeper(void **unused)
{
    (void)unused;
    strand(true);
}

static void a_misused_group_in_storage_may_be_destroyed_under_a_sleeper(void **unused)
{
    (void)unused;
    strand(false);
}

/*
 * Forked while a thread waits: the child has the count and the waiter, but neither
 * thread.  The child may make a new group.
 */
static wg_storage_t in_use;

static void wait_in_the_parent(void *unused)
{
    (void)unused;
    wg_wait(wg_attach(&in_use));
}

/* With one thread: under ThreadSanitizer such a child cannot start threads. */
static void start_over(void)
{
    wg_t *const group = init_over(&in_use, ops);
    for (int round = 0; round < 3; round++) {
        REQUIRE(wg_count(group) == 0 && wg_waiters(group) == 0);
        wg_add(group, 1);
        REQUIRE(wg_wait_for(group, 1000000) == ETIMEDOUT);
        wg_done(group);
        wg_wait(group);
    }
    wg_destroy(group);
}

static void a_child_makes_a_new_group_where_the_copy_was_in_use(void **unused)
{
    (void)unused;
    if (ops == wg_sem_dispatch() || ops == &cond_sem_ops)
        skip(); /* the copy's memory on the heap is leaked, which memcheck would report */
    thread_t waiter;
    wg_t *const group = init_over(&in_use, ops);
    wg_add(group, 1);
    thread_start(&waiter, wait_in_the_parent, NULL);
    UNTIL(wg_waiters(group) == 1);
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        start_over();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(wg_waiters(group), 1);
    wg_done(group);
    thread_join(&waiter);
    wg_destroy(group);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_misused_group_on_the_heap_may_be_destroyed_under_a_sleeper),
        cmocka_unit_test(a_misused_group_in_storage_may_be_destroyed_under_a_sleeper),
        cmocka_unit_test(a_child_makes_a_new_group_where_the_copy_was_in_use),
    };
    return cmocka_run_group_tests_name("stranded", tests, NULL, NULL);
}
