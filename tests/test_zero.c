/* SPDX-License-Identifier: 0BSD */
/*
 * test_zero.c: zero-filled groups in a build whose semaphores all need a set-up (zero_heap.c).
 * Usage: test_zero posix|dispatch, the default of the library that this program is linked with.
 */
#include "wg/wg.h"

#include "death.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Counts the calls that make and end a semaphore.  Those that make one can be held up or made to fail. */

static atomic_int blocks; /* blocks of calloc() that are not freed yet */
static atomic_int made, ended;
static void (*during_set_up)(void); /* runs once, in the middle of the next set-up */
static atomic_int set_up_error;
static atomic_bool no_memory;

void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
void __wrap_free(void *block);
void __real_free(void *block);
int __wrap_sem_init(sem_t *sem, int shared, unsigned value);
int __real_sem_init(sem_t *sem, int shared, unsigned value);
int __wrap_sem_destroy(sem_t *sem);
int __real_sem_destroy(sem_t *sem);
void *__wrap_dispatch_semaphore_create(intptr_t value);
__attribute__((weak)) void *__real_dispatch_semaphore_create(intptr_t value);

void *__wrap_calloc(size_t count, size_t size)
{
    if (atomic_load(&no_memory))
        return NULL;
    atomic_fetch_add(&blocks, 1);
    return __real_calloc(count, size);
}

void __wrap_free(void *block)
{
    if (block != NULL)
        atomic_fetch_sub(&blocks, 1);
    __real_free(block);
}

static int set_up_begins(void)
{
    void (*const hook)(void) = during_set_up;
    during_set_up = NULL;
    if (hook != NULL)
        hook();
    atomic_fetch_add(&made, 1);
    return atomic_load(&set_up_error);
}

int __wrap_sem_init(sem_t *sem, int shared, unsigned value)
{
    const int error = set_up_begins();
    if (error == 0)
        return __real_sem_init(sem, shared, value);
    errno = error;
    return -1;
}

int __wrap_sem_destroy(sem_t *sem)
{
    atomic_fetch_add(&ended, 1);
    return __real_sem_destroy(sem);
}

void *__wrap_dispatch_semaphore_create(intptr_t value)
{
    return set_up_begins() == 0 ? __real_dispatch_semaphore_create(value) : NULL;
}

static wg_storage_t storage;
static wg_t *wg;

static int make_zero_filled(void **unused)
{
    (void)unused;
    memset(&storage, 0, sizeof storage);
    wg = wg_attach(&storage);
    atomic_store(&blocks, 0);
    atomic_store(&made, 0);
    atomic_store(&ended, 0);
    return 0;
}

static void wait_there(void *unused)
{
    (void)unused;
    wg_wait(wg);
}

static thread_t second;

/* Asserts that no block is left, and that each semaphore that was made has been ended. */
static void end_and_count(int expected)
{
    wg_destroy(wg);
    assert_int_equal(atomic_load(&blocks), 0);
    assert_int_equal(atomic_load(&made), expected);
    if (wg_sem_default() == wg_sem_posix())
        assert_int_equal(atomic_load(&ended), expected);
}

static void the_first_waiter_makes_a_semaphore_and_destroy_ends_it(void **unused)
{
    (void)unused;
    errno = EILSEQ;
    wg_add(wg, 1);
    assert_int_equal(atomic_load(&made), 0);
    assert_int_equal(wg_wait_for(wg, 1000000), ETIMEDOUT);
    assert_int_equal(wg_wait_for(wg, 1000000), ETIMEDOUT);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(atomic_load(&made), 1);
    wg_done(wg);
    end_and_count(1);
}

static void a_group_that_nobody_waited_for_makes_none(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    wg_done(wg);
    wg_wait(wg);
    end_and_count(0);
}

/* The set-up of the first waiter lasts until this returns.  The second waiter must not wait for the set-up. */
static void the_second_waiter_falls_asleep(void)
{
    thread_start(&second, wait_there, NULL);
    UNTIL(wg_waiters(wg) == 1);
    until_asleep(&second);
}

static void a_waiter_does_not_wait_for_the_set_up_of_another(void **unused)
{
    (void)unused;
    thread_t first;
    wg_add(wg, 1);
    during_set_up = the_second_waiter_falls_asleep;
    thread_start(&first, wait_there, NULL);
    UNTIL(wg_waiters(wg) == 2);
    wg_done(wg);
    thread_join(&first);
    thread_join(&second);
    end_and_count(2); /* the first waiter has ended its own semaphore and slept in that of the second */
}

/* The group is used and ended while the first waiter is still in its set-up. */
static void the_second_waiter_comes_and_goes(void)
{
    the_second_waiter_falls_asleep();
    wg_done(wg);
    thread_join(&second);
}

static void a_waiter_whose_set_up_takes_longer_than_the_task_returns(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    during_set_up = the_second_waiter_comes_and_goes;
    wg_wait(wg);
    end_and_count(2);
}

/* A process forks while one of its threads is in the set-up.  The child has no such thread. */
static void the_child_waits_by_itself(void)
{
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(30);
        REQUIRE(wg_wait_for(wg, 1000000) == ETIMEDOUT);
        thread_start(&second, wait_there, NULL);
        UNTIL(wg_waiters(wg) == 1);
        wg_done(wg);
        thread_join(&second);
        _exit(0);
    }
    int status;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_child_forked_during_a_set_up_can_wait(void **unused)
{
    (void)unused;
    wg_add(wg, 1);
    during_set_up = the_child_waits_by_itself;
    assert_int_equal(wg_wait_for(wg, 1000000), ETIMEDOUT);
    wg_done(wg);
    end_and_count(1);
}

/* A wait cannot return an error if there is no semaphore to sleep in, so the program stops. */
static void wait_without_a_semaphore(void *error)
{
    atomic_store(&set_up_error, *(int *)error);
    wg_add(wg, 1);
    wg_wait(wg);
}

static void wait_without_memory(void *unused)
{
    (void)unused;
    atomic_store(&no_memory, true);
    wg_add(wg, 1);
    wg_wait(wg);
}

static void without_a_semaphore_the_program_stops(void **unused)
{
    (void)unused;
    char text[100];
    int error = ENOSPC;
    snprintf(text, sizeof text, "libwg: making the semaphore of a zero-filled group failed: errno %d; see libwg(7)\n",
             wg_sem_default() == wg_sem_posix() ? ENOSPC : ENOMEM);
    assert_aborts(wait_without_a_semaphore, &error, text);
    snprintf(text, sizeof text, "libwg: making the semaphore of a zero-filled group failed: errno %d; see libwg(7)\n",
             ENOMEM);
    assert_aborts(wait_without_memory, NULL, text);
}

#define ZERO_FILLED(test) cmocka_unit_test_setup(test, make_zero_filled)

int main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], wg_sem_default()->name) != 0 || wg_sem_futex() != NULL) {
        fprintf(stderr, "usage: %s posix|dispatch, as the library was built, without futex\n", argv[0]);
        return 2;
    }
    const struct CMUnitTest tests[] = {
        ZERO_FILLED(the_first_waiter_makes_a_semaphore_and_destroy_ends_it),
        ZERO_FILLED(a_group_that_nobody_waited_for_makes_none),
        ZERO_FILLED(a_waiter_does_not_wait_for_the_set_up_of_another),
        ZERO_FILLED(a_waiter_whose_set_up_takes_longer_than_the_task_returns),
        ZERO_FILLED(a_child_forked_during_a_set_up_can_wait),
        ZERO_FILLED(without_a_semaphore_the_program_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
