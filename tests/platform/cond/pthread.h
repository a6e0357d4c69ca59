/* SPDX-License-Identifier: 0BSD */
/*
 * pthread.h: condition variables on CLOCK_MONOTONIC for the tests' own semaphore,
 * where they know only CLOCK_REALTIME: winpthreads and macOS.
 */
#ifndef WG_TEST_PTHREAD_H
#define WG_TEST_PTHREAD_H

#include_next <pthread.h>

#include <stdint.h>
#include <time.h>

static inline int wg_test_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *deadline)
{
    const int64_t second = 1000000000;
    struct timespec wall, now;
    clock_gettime(CLOCK_REALTIME, &wall);
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t left_ns = 0;
    if (deadline->tv_sec >= now.tv_sec) {
        const int64_t seconds = deadline->tv_sec - now.tv_sec;
        left_ns = (seconds < 86400 ? seconds : 86400) * second + (deadline->tv_nsec - now.tv_nsec);
    }
    const int64_t end_ns = wall.tv_nsec + (left_ns > 0 ? left_ns : 0);
    wall.tv_sec += (time_t)(end_ns / second);
    wall.tv_nsec = (long)(end_ns % second);
    return pthread_cond_timedwait(cond, mutex, &wall);
}

#define pthread_condattr_setclock(attributes, clock) ((void)(attributes), (void)(clock), 0)
#define pthread_cond_timedwait wg_test_cond_timedwait

#endif
