/* SPDX-License-Identifier: 0BSD */
/* annotate.c: ThreadSanitizer, by weak references: a library built without it serves a program built with it. */
#include "annotate.h"

#if defined(__ELF__)
#define WEAK __attribute__((weak))
WEAK void __tsan_acquire(void *address);
WEAK void __tsan_release(void *address);
WEAK void __tsan_read1(void *address);
WEAK void __tsan_atomic8_store(volatile unsigned char *address, unsigned char value, int order);

bool wgi_annotate_on;

__attribute__((constructor(101))) static void find_tool(void)
{
    wgi_annotate_on =
        __tsan_acquire != NULL && __tsan_release != NULL && __tsan_read1 != NULL && __tsan_atomic8_store != NULL;
}

void wgi_annotate_release_(void *group)
{
    __tsan_release(group);
}

void wgi_annotate_acquire_(void *group)
{
    __tsan_acquire(group);
}

void wgi_annotate_lift_(unsigned char *shadow)
{
    __tsan_read1(shadow);
}

void wgi_annotate_enlist_(unsigned char *shadow)
{
    __tsan_atomic8_store(shadow, 0, __ATOMIC_RELAXED);
}

void wgi_annotate_new_(void *group, size_t size)
{
    (void)group, (void)size;
}

void wgi_annotate_gone_(void *group, size_t size)
{
    (void)group, (void)size;
}
#endif
