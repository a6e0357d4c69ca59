/* SPDX-License-Identifier: 0BSD */
/* rename.h: sends the calls that the explorer models to calls.c and memory.c.  Must be included first. */
#ifndef WGX_RENAME_H
#define WGX_RENAME_H

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern __typeof(malloc) malloc __asm__("wgx_malloc");
extern __typeof(calloc) calloc __asm__("wgx_calloc");
extern __typeof(free) free __asm__("wgx_free");
extern __typeof(memset) memset __asm__("wgx_memset");
extern __typeof(memcpy) memcpy __asm__("wgx_memcpy");
extern __typeof(abort) abort __asm__("wgx_abort");
extern __typeof(write) write __asm__("wgx_write");
extern __typeof(sched_yield) sched_yield __asm__("wgx_sched_yield");

#endif
