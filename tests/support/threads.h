/* SPDX-License-Identifier: 0BSD */
/* threads.h: threads, and how a test sees that one sleeps. */
#ifndef THREADS_H
#define THREADS_H

#include "suite.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

typedef struct thread {
    pthread_t handle;
    _Atomic pid_t tid; /* 0: has not begun */
    void (*fn)(void *arg);
    void *arg;
} thread_t;

void thread_start(thread_t *thread, void (*fn)(void *arg), void *arg);
void *thread_join(thread_t *thread); /* NULL, or PTHREAD_CANCELED */

pid_t thread_id(void); /* of the caller */

/*
 * Returns when the kernel says that the thread sleeps.  The test must know what the
 * thread sleeps in.  So see first that it has registered as a waiter: after that it
 * sleeps in nothing else.
 */
void until_asleep(const thread_t *thread);
void until_process_asleep(pid_t process);

/*
 * Polls until the condition holds, and yields the processor meanwhile.  If it never
 * holds, ctest ends the test.
 */
#define UNTIL(condition) \
    do \
        sched_yield(); \
    while (!(condition))

/*
 * Signals the thread until the condition holds.  If a signal comes just before a system
 * call that ThreadSanitizer does not know, such as futex(2), ThreadSanitizer keeps the
 * signal until the call returns.  Then the next signal interrupts the sleep.
 */
#define SIGNAL_UNTIL(thread, number, condition) \
    do { \
        REQUIRE(pthread_kill((thread)->handle, number) == 0); \
        for (int looks = 0; !(condition) && (!SUITE_TSAN || looks < 1000); looks++) \
            sched_yield(); \
    } while (!(condition))

struct timespec monotonic_now(void);
struct timespec monotonic_in_ns(int64_t ns);
int64_t ns_since(struct timespec then); /* below 0: 'then' is in the future */

#endif
