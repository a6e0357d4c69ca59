/* SPDX-License-Identifier: 0BSD */
/*
 * annotate.h: what race detectors are told.  Each is nothing but one predictable
 * branch where no detector runs.
 *
 * The model is Go's: a negative add releases on the group, a wait that saw zero
 * acquires it.  An add that lifts the counter from zero reads a shadow byte of the
 * group and each waiter writes it atomically, so that an add which is not ordered
 * against a wait is reported as the race that it is.
 */
#ifndef WGI_ANNOTATE_H
#define WGI_ANNOTATE_H

#include <stdbool.h>
#include <stddef.h>

extern bool wgi_annotate_on; /* a detector watches this process; set before main, never after */

void wgi_annotate_release_(void *group);
void wgi_annotate_acquire_(void *group);
void wgi_annotate_lift_(unsigned char *shadow);
void wgi_annotate_enlist_(unsigned char *shadow);
void wgi_annotate_new_(void *group, size_t size);
void wgi_annotate_gone_(void *group, size_t size);

#define WGI_ANNOTATE(call) \
    do \
        if (__builtin_expect(wgi_annotate_on, 0)) \
            call; \
    while (0)

/* Before every negative add. */
static inline void wgi_annotate_release(void *group)
{
    WGI_ANNOTATE(wgi_annotate_release_(group));
}

/* On every return of a wait that saw zero. */
static inline void wgi_annotate_acquire(void *group)
{
    WGI_ANNOTATE(wgi_annotate_acquire_(group));
}

/* After wg_add() has lifted the counter from zero. */
static inline void wgi_annotate_lift(unsigned char *shadow)
{
    WGI_ANNOTATE(wgi_annotate_lift_(shadow));
}

/* After a waiter has registered. */
static inline void wgi_annotate_enlist(unsigned char *shadow)
{
    WGI_ANNOTATE(wgi_annotate_enlist_(shadow));
}

/* The bytes of a group, which are meant to be read and written without order. */
static inline void wgi_annotate_new(void *group, size_t size)
{
    WGI_ANNOTATE(wgi_annotate_new_(group, size));
}

/* The bytes are the caller's again. */
static inline void wgi_annotate_gone(void *group, size_t size)
{
    WGI_ANNOTATE(wgi_annotate_gone_(group, size));
}

#endif
