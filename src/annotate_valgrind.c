/* SPDX-License-Identifier: 0BSD */
/*
 * annotate_valgrind.c: the words of Helgrind and DRD.
 *
 * They are told by client requests: a few instructions that do nothing where Valgrind
 * does not run.  A request of one tool means nothing to the other.
 */
#include "annotate.h"

/* Each header redefines what the other named. */
#include <valgrind/helgrind.h>

#include <valgrind/drd.h>

static bool is_here(void)
{
    return RUNNING_ON_VALGRIND != 0;
}

static void release(void *place)
{
    ANNOTATE_HAPPENS_BEFORE(place);
}

static void acquire(void *place)
{
    ANNOTATE_HAPPENS_AFTER(place);
}

static void add_from_zero(unsigned char *shadow, void *caller)
{
    (void)caller; /* the tools see the stack themselves */
    (void)*(volatile unsigned char *)shadow;
}

/* The tools know no atomic store.  So a waiter's plain write is ordered after those of the waiters before it. */
static void wait_begins(unsigned char *shadow, void *caller)
{
    (void)caller;
    ANNOTATE_HAPPENS_AFTER(shadow);
    *(volatile unsigned char *)shadow = 0;
    ANNOTATE_HAPPENS_BEFORE(shadow);
}

/* DRD takes a system call on a futex for a store, also the call that wakes.  By then the bytes may be another's. */
static void see_stores(bool on)
{
    (void)on; /* the macros drop their arguments on a processor that Valgrind does not know */
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_RECORD_STORES, on, 0, 0, 0, 0);
}

static void hide(void *bytes, size_t size)
{
    VALGRIND_HG_DISABLE_CHECKING(bytes, size);
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_START_SUPPRESSION, bytes, size, 0, 0, 0);
}

/* Also forgets what was released on an address among these bytes. */
static void show(void *bytes, size_t size)
{
    for (unsigned char *place = bytes; place < (unsigned char *)bytes + size; place++)
        ANNOTATE_HAPPENS_BEFORE_FORGET_ALL(place);
    VALGRIND_HG_CLEAN_MEMORY(bytes, size);
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_FINISH_SUPPRESSION, bytes, size, 0, 0, 0);
}

const wgi_detector_t wgi_detector_valgrind = {
    .is_here = is_here,
    .release = release,
    .acquire = acquire,
    .add_from_zero = add_from_zero,
    .wait_begins = wait_begins,
    .see_stores = see_stores,
    .hide = hide,
    .show = show,
};
