/* SPDX-License-Identifier: 0BSD */
/*
 * posix_wait_wall.c: where the C library has sem_timedwait() alone, which knows only CLOCK_REALTIME.
 *
 * Each sleep gets a deadline of its own, at most a second ahead.  If the wall clock is
 * set back during a sleep, that sleep lasts longer by as much: the public header names
 * this limit.
 */
#include "posix_wait.h"

#include "clock.h"
#include "deadline.h"
#include "panic.h"

#include <errno.h>

int wgi_posix_wait(sem_t *sem, const struct timespec *deadline)
{
    const int64_t left_ns = wgi_deadline_left_ns(deadline, wgi_clock_now());
    struct timespec wall;
    if (clock_gettime(CLOCK_REALTIME, &wall) != 0)
        wgi_panic_system("reading CLOCK_REALTIME", errno);
    wall = wgi_deadline_after(wall, left_ns < WGI_NS_PER_S ? left_ns : WGI_NS_PER_S);
    if (sem_timedwait(sem, &wall) == 0)
        return 0;
    if (errno == ETIMEDOUT && wgi_deadline_left_ns(deadline, wgi_clock_now()) > 0)
        return EINTR; /* only this slice is over */
    return errno;
}
