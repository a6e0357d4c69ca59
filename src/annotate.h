/* SPDX-License-Identifier: 0BSD */
/*
 * annotate.h: what race detectors are told: ThreadSanitizer, Helgrind, DRD.
 *
 * The model is Go's.  A negative add releases on the group, and a wait that saw
 * zero acquires it.  An add that lifts the counter from zero reads a shadow byte of
 * the group and each waiter writes it in a way that is no race with other waiters,
 * so that an add which is not ordered against a wait is reported as the race that
 * it is.  Nothing else is said: what the group does inside orders nobody.
 *
 * No hook may touch the group after a token has been posted.
 *
 * Where no detector runs, each hook is one predictable branch on one hidden byte;
 * where none can, it is nothing.
 */
#ifndef WGI_ANNOTATE_H
#define WGI_ANNOTATE_H

#include "compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1: valgrind's headers are there. */
#ifndef WGI_HAVE_VALGRIND
#define WGI_HAVE_VALGRIND 0
#endif

/* ThreadSanitizer is found by weak references, which only ELF links as they are meant. */
#ifndef WGI_HAVE_TSAN_HOOKS
#ifdef __ELF__
#define WGI_HAVE_TSAN_HOOKS 1
#else
#define WGI_HAVE_TSAN_HOOKS 0
#endif
#endif

#if WGI_HAVE_VALGRIND || WGI_HAVE_TSAN_HOOKS

#ifdef __ELF__
#pragma GCC visibility push(hidden) /* so that the flag is read at a fixed offset, by one instruction */
#endif

/*
 * A detector may watch.  True from the start, so that calls before main are seen,
 * and cleared by the first hook that finds none; never written where one is there,
 * which would see the write.
 */
extern atomic_bool wgi_annotate_on;

void wgi_annotate_release_(void *group);
void wgi_annotate_acquire_(void *group);
void wgi_annotate_add_from_zero_(unsigned char *shadow, void *caller);
void wgi_annotate_wait_begins_(unsigned char *shadow, void *caller);
void wgi_annotate_wake_begins_(void);
void wgi_annotate_wake_ends_(void);
void wgi_annotate_new_(void *group, size_t size, unsigned char *shadow);
void wgi_annotate_hide_(void *bytes, size_t size);
void wgi_annotate_gone_(void *group, size_t size);

#ifdef __ELF__
#pragma GCC visibility pop
#endif

#define WGI_WATCHED WGI_UNLIKELY(atomic_load_explicit(&wgi_annotate_on, memory_order_relaxed))
#define WGI_ANNOTATE(call) \
    do \
        if (WGI_WATCHED) \
            call; \
    while (0)

/* Where the public function that uses it was called: the line that a report must name. */
#define WGI_CALLER WGI_RETURN_ADDRESS

#else
#define WGI_WATCHED false
#define WGI_ANNOTATE(call) ((void)0)
#define WGI_CALLER NULL
#endif

/* For a fast path, which then need not keep anything across a hook: whether to go another way, that has the hooks. */
static inline bool wgi_annotate_watched(void)
{
    return WGI_WATCHED;
}

/* Before every negative add: also one that is not the last. */
static inline void wgi_annotate_release(void *group)
{
    (void)group;
    WGI_ANNOTATE(wgi_annotate_release_(group));
}

/* On every return of a wait that saw zero, and on no other. */
static inline void wgi_annotate_acquire(void *group)
{
    (void)group;
    WGI_ANNOTATE(wgi_annotate_acquire_(group));
}

/*
 * After wg_add() has added delta, which made the counter what it is.  Not for
 * wg_try_add(): that is meant to have no order with the wait of a drain.
 */
static inline void wgi_annotate_add(unsigned char *shadow, int32_t counter, int delta, void *caller)
{
    (void)shadow, (void)counter, (void)delta, (void)caller;
    WGI_ANNOTATE(if (counter == delta && delta > 0) wgi_annotate_add_from_zero_(shadow, caller));
}

/* After a waiter has registered. */
static inline void wgi_annotate_wait(unsigned char *shadow, void *caller)
{
    (void)shadow, (void)caller;
    WGI_ANNOTATE(wgi_annotate_wait_begins_(shadow, caller));
}

/* Before the release of the tokens. */
static inline void wgi_annotate_wake_begins(void)
{
    WGI_ANNOTATE(wgi_annotate_wake_begins_());
}

/* After it: the group may be gone. */
static inline void wgi_annotate_wake_ends(void)
{
    WGI_ANNOTATE(wgi_annotate_wake_ends_());
}

/* The bytes of a group: all but the shadow are meant to be read and written without order.  As often as you like. */
static inline void wgi_annotate_new(void *group, size_t size, unsigned char *shadow)
{
    (void)group, (void)size, (void)shadow;
    WGI_ANNOTATE(wgi_annotate_new_(group, size, shadow));
}

/* Bytes of the caller that the library reads and writes for a time. */
static inline void wgi_annotate_hide(void *bytes, size_t size)
{
    (void)bytes, (void)size;
    WGI_ANNOTATE(wgi_annotate_hide_(bytes, size));
}

/* The bytes are the caller's again. */
static inline void wgi_annotate_gone(void *group, size_t size)
{
    (void)group, (void)size;
    WGI_ANNOTATE(wgi_annotate_gone_(group, size));
}

#endif
