/* SPDX-License-Identifier: 0BSD */
/* clock.h: the one read of the one clock. */
#ifndef WGI_CLOCK_H
#define WGI_CLOCK_H

#include <time.h>

struct timespec wgi_clock_now(void);

/* Sleeps for a short time, so that threads of lower priority run, too.  No cancellation point; leaves errno alone. */
void wgi_clock_nap(void); /* CLOCK_MONOTONIC */

#endif
