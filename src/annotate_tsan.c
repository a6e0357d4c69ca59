/* SPDX-License-Identifier: 0BSD */
/*
 * annotate_tsan.c: the words of ThreadSanitizer.
 *
 * Its run time is reached by weak references, so that a library which was built
 * without it serves a program that was built with it.  Only ELF links weak references
 * so that a missing one is NULL.
 */
#include "annotate.h"

WGI_WEAK void __tsan_acquire(void *address);
WGI_WEAK void __tsan_release(void *address); /* joins: what others released stays */
WGI_WEAK void __tsan_read1(void *address);
WGI_WEAK void __tsan_atomic8_store(volatile void *address, unsigned char value, int order);
WGI_WEAK void __tsan_func_entry(void *caller);
WGI_WEAK void __tsan_func_exit(void);

static bool is_here(void)
{
    return __tsan_acquire != NULL && __tsan_release != NULL && __tsan_read1 != NULL && __tsan_atomic8_store != NULL &&
           __tsan_func_entry != NULL && __tsan_func_exit != NULL;
}

static void release(void *place)
{
    __tsan_release(place);
}

static void acquire(void *place)
{
    __tsan_acquire(place);
}

/*
 * A report shows the calls that ThreadSanitizer was told of: from 'caller' to here.  An
 * instrumented library tells them itself.
 */
static void enter(void *caller)
{
    if (!WGI_INSTRUMENTED)
        __tsan_func_entry(caller);
}

static void leave(void)
{
    if (!WGI_INSTRUMENTED)
        __tsan_func_exit();
}

static void add_from_zero(unsigned char *shadow, void *caller)
{
    enter(caller);
    __tsan_read1(shadow);
    leave();
}

/* An atomic store: waiters do not race with each other. */
static void wait_begins(unsigned char *shadow, void *caller)
{
    enter(caller);
    __tsan_atomic8_store(shadow, 0, __ATOMIC_RELAXED);
    leave();
}

/* ThreadSanitizer takes no system call for a store. */
static void see_stores(bool on)
{
    (void)on;
}

/* It sees the accesses of an instrumented library alone, and how they are ordered. */
static void nothing_to_hide(void *bytes, size_t size)
{
    (void)bytes, (void)size;
}

const wgi_detector_t wgi_detector_tsan = {
    .is_here = is_here,
    .release = release,
    .acquire = acquire,
    .add_from_zero = add_from_zero,
    .wait_begins = wait_begins,
    .see_stores = see_stores,
    .hide = nothing_to_hide,
    .show = nothing_to_hide,
};
