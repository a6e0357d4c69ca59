/* SPDX-License-Identifier: 0BSD */
/*
 * annotate.h: what race detectors are told: ThreadSanitizer, Helgrind, DRD.
 *
 * The model is Go's.  A negative add releases on the group, and a wait that saw
 * zero acquires it.  An add that lifts the counter from zero reads a shadow byte of
 * the group.  Each waiter writes the shadow byte in a way that is no race with other
 * waiters.  So an add that is not ordered against a wait is reported as a race, which
 * it is.  Nothing else is said: what the group does inside orders no thread.
 *
 * No hook may touch the group after a token has been posted.
 *
 * Where no detector runs, a hook does nothing, and a fast path does not call it.
 */
#ifndef WGI_ANNOTATE_H
#define WGI_ANNOTATE_H

#include "compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How one detector is told.  To add one: its table in a file of its own, and its line in annotate.c. */
typedef struct {
    bool (*is_here)(void);
    void (*release)(void *place);
    void (*acquire)(void *place);
    void (*add_from_zero)(unsigned char *shadow, void *caller);
    void (*wait_begins)(unsigned char *shadow, void *caller);
    void (*see_stores)(bool on);
    void (*hide)(void *bytes, size_t size);
    void (*show)(void *bytes, size_t size);
} wgi_detector_t;

extern const wgi_detector_t wgi_detector_tsan, wgi_detector_valgrind;

/* Where the public function that says this was called.  ThreadSanitizer must name that line in its report. */
#define WGI_CALLER (WGI_HAVE_TSAN ? WGI_RETURN_ADDRESS : NULL)

/*
 * Whether a detector may watch.  True from the start, so that calls before main are
 * seen.  The first hook that finds no detector clears it.  Where there is a detector,
 * nobody writes it: the detector would see that write.
 */
extern atomic_bool wgi_annotate_on WGI_HIDDEN;

/* A fast path asks this, and calls a hook only if it is true. */
static inline bool wgi_annotate_watched(void)
{
    return (WGI_HAVE_TSAN || WGI_HAVE_VALGRIND) &&
           WGI_UNLIKELY(atomic_load_explicit(&wgi_annotate_on, memory_order_relaxed));
}

/* Before every negative add, also before one that is not the last. */
void wgi_annotate_release(void *place);

/* On every return of a wait that saw zero, and on no other. */
void wgi_annotate_acquire(void *place);

/*
 * After wg_add() has added delta, which made the counter what it is.  Not for
 * wg_try_add(): a drain gives it no order with the wait.
 */
void wgi_annotate_add(unsigned char *shadow, int32_t counter, int delta, void *caller);

/* After a waiter has registered. */
void wgi_annotate_wait(unsigned char *shadow, void *caller);

/* Before the release of the tokens. */
void wgi_annotate_wake_begins(void);

/* After the release of the tokens: the group may be gone. */
void wgi_annotate_wake_ends(void);

/* The bytes of a group: all but the shadow are hidden.  To say it again changes nothing. */
void wgi_annotate_new(void *group, size_t size, unsigned char *shadow);

/* Bytes of the caller that the library reads and writes, without order, from now on. */
void wgi_annotate_hide(void *bytes, size_t size);

/* The bytes are the caller's again. */
void wgi_annotate_gone(void *bytes, size_t size);

#endif
