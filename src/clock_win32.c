/* SPDX-License-Identifier: 0BSD */
/*
 * clock_win32.c: the clock of QueryPerformanceCounter(), from its own zero.
 *
 * So it is the CLOCK_MONOTONIC of mingw-w64's clock_gettime(): a program that uses
 * that one makes its deadlines for wg_wait_until() as on any other system.
 */
#include <windows.h>

#include "clock.h"
#include "deadline.h"

struct timespec wgi_clock_now(void)
{
    /* Both calls always succeed since Windows XP, and the frequency is fixed when the system starts. */
    LARGE_INTEGER frequency, count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);

    /* Seconds first: count * 10^9 would overflow after some minutes. */
    const int64_t rest = count.QuadPart % frequency.QuadPart;
    return (struct timespec){
        .tv_sec = (time_t)(count.QuadPart / frequency.QuadPart),
        .tv_nsec = (long)(rest * WGI_NS_PER_S / frequency.QuadPart),
    };
}

void wgi_clock_nap(void)
{
    Sleep(1);
}
