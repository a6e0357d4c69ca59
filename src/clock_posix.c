/* SPDX-License-Identifier: 0BSD */
/* clock_posix.c: the clock of clock_gettime(3). */
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
