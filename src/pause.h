/* SPDX-License-Identifier: 0BSD */
/* pause.h: what a processor wants to be told between two polls. */
#ifndef WGI_PAUSE_H
#define WGI_PAUSE_H

#if defined(__x86_64__) || defined(__i386__)
#define WGI_PAUSE "pause"
#elif defined(__aarch64__)
#define WGI_PAUSE "isb" /* "yield" is nothing on most of them */
#elif defined(__arm__) && __ARM_ARCH >= 7
#define WGI_PAUSE "yield"
#elif defined(__powerpc__)
#define WGI_PAUSE "or 27,27,27"
#elif defined(__riscv)
#define WGI_PAUSE ".4byte 0x0100000f" /* "pause", by number: older assemblers do not know it */
#else
#define WGI_PAUSE ""
#endif

static inline void wgi_pause(void)
{
    __asm__ __volatile__(WGI_PAUSE ::: "memory");
}

#endif
