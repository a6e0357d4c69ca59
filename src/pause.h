/* SPDX-License-Identifier: 0BSD */
/* pause.h: wgi_pause(), what a processor wants to be told between two polls. */
#ifndef WGI_PAUSE_H
#define WGI_PAUSE_H

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#ifdef _M_ARM64
#define WGI_PAUSE __isb(_ARM64_BARRIER_SY)
#else
#define WGI_PAUSE _mm_pause()
#endif
#else
#define WGI_SAY(instruction) __asm__ __volatile__(instruction ::: "memory")
#if defined(__x86_64__) || defined(__i386__)
#define WGI_PAUSE WGI_SAY("pause")
#elif defined(__aarch64__)
#define WGI_PAUSE WGI_SAY("isb") /* "yield" is nothing on most of them */
#elif defined(__arm__) && __ARM_ARCH >= 7
#define WGI_PAUSE WGI_SAY("yield")
#elif defined(__powerpc__)
#define WGI_PAUSE WGI_SAY("or 27,27,27")
#elif defined(__riscv)
#define WGI_PAUSE WGI_SAY(".4byte 0x0100000f") /* "pause", by number: older assemblers do not know it */
#else
#define WGI_PAUSE WGI_SAY("")
#endif
#endif

static inline void wgi_pause(void)
{
    WGI_PAUSE;
}

#endif
