/* SPDX-License-Identifier: 0BSD */
/* threads.c: starts and joins the threads of tests, and reads the clock. */
#include "threads.h"

#include "suite.h"

static void *run(void *given)
{
    thread_t *const thread = given;
    atomic_store(&thread->tid, thread_id());
    thread->fn(thread->arg);
    return NULL;
}

void thread_start(thread_t *thread, void (*fn)(void *arg), void *arg)
{
    atomic_init(&thread->tid, 0);
    thread->fn = fn;
    thread->arg = arg;
    /* Small stacks: hundreds of threads must fit. */
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, (size_t)256 * 1024) == 0);
    REQUIRE(pthread_create(&thread->handle, &attributes, run, thread) == 0);
    REQUIRE(pthread_attr_destroy(&attributes) == 0);
}

void *thread_join(thread_t *thread)
{
    void *result;
    REQUIRE(pthread_join(thread->handle, &result) == 0);
    return result;
}

#define NS_PER_S 1000000000

struct timespec monotonic_now(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now;
}

struct timespec monotonic_in_ns(int64_t ns)
{
    struct timespec time = monotonic_now();
    ns += time.tv_nsec;
    time.tv_sec += (time_t)(ns / NS_PER_S);
    time.tv_nsec = (long)(ns % NS_PER_S);
    if (time.tv_nsec < 0) {
        time.tv_nsec += NS_PER_S;
        time.tv_sec--;
    }
    return time;
}

int64_t ns_since(struct timespec then)
{
    const struct timespec now = monotonic_now();
    return ((int64_t)now.tv_sec - then.tv_sec) * NS_PER_S + (now.tv_nsec - then.tv_nsec);
}
