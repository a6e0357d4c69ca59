/* SPDX-License-Identifier: 0BSD */
/* deadline.h: all arithmetic on time.  Every result saturates; nothing else calculates with a timespec. */
#ifndef WGI_DEADLINE_H
#define WGI_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WGI_NS_PER_S 1000000000

/* time_t is a signed integer of 32 or 64 bits wherever this library builds. */
#define WGI_TIME_MAX ((time_t)(sizeof(time_t) == 4 ? INT32_MAX : INT64_MAX))
_Static_assert((time_t)-1 < 0 && (sizeof(time_t) == 4 || sizeof(time_t) == 8), "unknown time_t");

static inline bool wgi_deadline_valid(const struct timespec *deadline)
{
    return deadline->tv_nsec >= 0 && deadline->tv_nsec < WGI_NS_PER_S;
}

/* 'now' and timeout_ns >= 0 later; at most the largest time there is. */
static inline struct timespec wgi_deadline_after(struct timespec now, int64_t timeout_ns)
{
    int64_t seconds = timeout_ns / WGI_NS_PER_S;
    int64_t nanoseconds = now.tv_nsec + timeout_ns % WGI_NS_PER_S;
    if (nanoseconds >= WGI_NS_PER_S) {
        nanoseconds -= WGI_NS_PER_S;
        seconds++; /* at most 2^63 / 10^9 */
    }
    if (now.tv_sec > (int64_t)WGI_TIME_MAX - seconds)
        return (struct timespec){ .tv_sec = WGI_TIME_MAX, .tv_nsec = WGI_NS_PER_S - 1 };
    return (struct timespec){ .tv_sec = (time_t)(now.tv_sec + seconds), .tv_nsec = (long)nanoseconds };
}

/* Nanoseconds from 'now' to 'deadline', both valid: 0 if it has passed, INT64_MAX if they are more. */
static inline int64_t wgi_deadline_left_ns(const struct timespec *deadline, struct timespec now)
{
    if (deadline->tv_sec < now.tv_sec || (deadline->tv_sec == now.tv_sec && deadline->tv_nsec <= now.tv_nsec))
        return 0;
    const uint64_t seconds = (uint64_t)deadline->tv_sec - (uint64_t)now.tv_sec;
    if (seconds > INT64_MAX / WGI_NS_PER_S - 1)
        return INT64_MAX;
    return (int64_t)seconds * WGI_NS_PER_S + (deadline->tv_nsec - now.tv_nsec);
}

/*
 * How long a system that knows no deadlines may sleep for one: the nanoseconds that
 * are left, but at most 2^31 - 1 ms, since systems count sleeps in an int of
 * milliseconds or ticks.  A thread that has slept for so long asks again.
 */
static inline int64_t wgi_deadline_sleep_ns(const struct timespec *deadline, struct timespec now)
{
    const int64_t most = (int64_t)INT32_MAX * 1000000;
    const int64_t left = wgi_deadline_left_ns(deadline, now);
    return left < most ? left : most;
}

#endif
