/* SPDX-License-Identifier: 0BSD */
/*
 * test_wakes.c: before a release returns, it has woken all threads that it lets go.
 * Usage: test_wakes futex|posix|dispatch|cond.
 *
 * All threads are on one processor.  The main thread has the policy SCHED_FIFO, so the
 * kernel runs no sleeper while the main thread runs.  (If the user may not set that
 * policy, the sleepers' SCHED_IDLE does the same, though not in each try.)  Directly
 * after the release, /proc tells whether each sleeper can run, and how often it has run.
 * If none has run, none has woken another one, so the release has woken them all.
 */
#include "backends.h"
#include "suite.h"
#include "threads.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLEEPERS = 5, ROUNDS = 5, TRIES = 2000 };

static const wg_sem_ops_t *ops;
static thread_t sleepers[SLEEPERS];
static atomic_uint outside; /* sleepers that have not begun to sleep */

/* Reads the file 'name' of the sleeper in /proc, as a string.  False: the sleeper has ended. */
static bool read_about(const thread_t *thread, const char *name, char text[256])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/%s", (int)atomic_load(&thread->tid), name);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t length = file >= 0 ? read(file, text, 255) : 0;
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* proc(5), schedstat: the time on a processor, the time waiting for one, and how often it was given one. */
static unsigned long long runs_of(const thread_t *thread)
{
    char text[256];
    unsigned long long runs = ULLONG_MAX;
    if (read_about(thread, "schedstat", text))
        assert_int_equal(sscanf(text, "%*u %*u %llu", &runs), 1);
    return runs;
}

/* proc(5), stat: the letter after the name in brackets. */
static bool can_run(const thread_t *thread)
{
    char text[256];
    const char *const end = read_about(thread, "stat", text) ? strrchr(text, ')') : NULL;
    return end != NULL && end[2] == 'R';
}

/* Makes the system call itself: musl's function only returns ENOSYS. */
static bool take_policy(int policy, int priority)
{
    const struct sched_param parameter = { .sched_priority = priority };
    return syscall(SYS_sched_setscheduler, 0, policy, &parameter) == 0;
}

static void be_idle(void)
{
    REQUIRE(take_policy(SCHED_IDLE, 0));
}

static void stay_on_this_processor(void)
{
    cpu_set_t one;
    const int here = sched_getcpu();
    CPU_ZERO(&one);
    CPU_SET(here >= 0 ? here : 0, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
}

/* Whether all sleep at one moment.  If one waits for a lock in acquire(), the holder of the lock can run. */
static bool all_asleep(void)
{
    unsigned long long runs = 0, runs_after = 0;
    bool asleep = true;
    for (unsigned i = 0; i < SLEEPERS; i++)
        runs += runs_of(&sleepers[i]);
    for (unsigned i = 0; i < SLEEPERS; i++)
        asleep = asleep && !can_run(&sleepers[i]);
    for (unsigned i = 0; i < SLEEPERS; i++)
        runs_after += runs_of(&sleepers[i]);
    return asleep && runs == runs_after;
}

/* Calls 'release', which lets all sleepers go.  False: one ran before /proc was read, so the round proves nothing. */
static bool all_can_run_after(void (*release)(void *arg), void *arg)
{
    unsigned long long runs[SLEEPERS];
    bool able[SLEEPERS], nobody_ran = true;
    const bool is_first = take_policy(SCHED_FIFO, 1);
    for (unsigned i = 0; i < SLEEPERS; i++)
        runs[i] = runs_of(&sleepers[i]);
    release(arg);
    for (unsigned i = 0; i < SLEEPERS; i++)
        able[i] = can_run(&sleepers[i]);
    for (unsigned i = 0; i < SLEEPERS; i++)
        nobody_ran = nobody_ran && runs_of(&sleepers[i]) == runs[i];
    if (is_first)
        assert_true(take_policy(SCHED_OTHER, 0));
    for (unsigned i = 0; nobody_ran && i < SLEEPERS; i++)
        if (!able[i])
            fail_msg("sleeper %u of %d still sleeps after the release", i, SLEEPERS);
    return nobody_ran;
}

#ifdef __GLIBC__
#define CONDITION_WAKES_ALL true
#else
#define CONDITION_WAKES_ALL false /* musl: each waiter of a condition variable wakes the next */
#endif

static void skip_where_it_cannot_be_seen(void)
{
    if (ops == &cond_sem_ops && !CONDITION_WAKES_ALL) {
        print_message("the condition variables of this C library hand wakes on\n");
        skip();
    }
    if (access("/proc/self/schedstat", R_OK) != 0) {
        print_message("this kernel has no schedstat\n");
        skip();
    }
}

/* Starts the sleepers and lets them go, in many rounds, until enough of them prove something. */
static void check(void (*begin)(void *arg), void (*sleep_there)(void *arg), void (*release)(void *arg), void *arg)
{
    unsigned told = 0;
    skip_where_it_cannot_be_seen();
    for (unsigned tries = 0; told < ROUNDS; tries++) {
        if (tries == TRIES) {
            print_message("a sleeper ran at once in each of %d tries, so nothing was seen\n", TRIES);
            skip();
        }
        begin(arg);
        atomic_store(&outside, SLEEPERS);
        for (unsigned i = 0; i < SLEEPERS; i++)
            thread_start(&sleepers[i], sleep_there, arg);
        UNTIL(atomic_load(&outside) == 0);
        UNTIL(all_asleep());
        told += all_can_run_after(release, arg);
        for (unsigned i = 0; i < SLEEPERS; i++)
            thread_join(&sleepers[i]);
    }
}

/* The semaphore alone. */

static void nothing(void *sem)
{
    (void)sem;
}

static void sleep_in_semaphore(void *sem)
{
    be_idle();
    atomic_fetch_sub(&outside, 1);
    REQUIRE(ops->acquire(sem, NULL) == 0);
}

static void release_semaphore(void *sem)
{
    ops->release(sem, SLEEPERS);
}

static void a_release_of_n_makes_n_sleepers_able_to_run(void **unused)
{
    (void)unused;
    union {
        unsigned char bytes[WG_SEM_SIZE];
        uint64_t alignment;
    } sem;
    memset(&sem, 0, sizeof sem);
    assert_int_equal(ops->init(&sem, false), 0);
    check(nothing, sleep_in_semaphore, release_semaphore, &sem);
    ops->destroy(&sem);
}

/* A whole group. */

static void sleep_in_group(void *wg)
{
    be_idle();
    atomic_fetch_sub(&outside, 1);
    wg_wait(wg);
}

static void last_done(void *wg)
{
    wg_done(wg);
}

static void start_task(void *wg)
{
    wg_add(wg, 1);
}

static void the_last_done_makes_all_waiters_able_to_run(void **unused)
{
    (void)unused;
    wg_t *const wg = make_over(ops);
    check(start_task, sleep_in_group, last_done, wg);
    wg_destroy(wg);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    stay_on_this_processor();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_release_of_n_makes_n_sleepers_able_to_run),
        cmocka_unit_test(the_last_done_makes_all_waiters_able_to_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
