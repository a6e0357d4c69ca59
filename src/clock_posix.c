/* SPDX-License-Identifier: 0BSD */
/* clock_posix.c: the clock of clock_gettime(3). */
#include "cancel.h"
#include "clock.h"
#include "panic.h"

#include <errno.h>

struct timespec wgi_clock_now(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        wgi_panic_system("reading CLOCK_MONOTONIC", errno);
    return now;
}

void wgi_clock_nap(void)
{
    const struct timespec time = { .tv_nsec = 20000 };
    const int saved = errno, cancelable = wgi_cancel_off();
    (void)nanosleep(&time, NULL); /* a signal may end it early */
    wgi_cancel_restore(cancelable);
    errno = saved;
}
