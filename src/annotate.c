/* SPDX-License-Identifier: 0BSD */
/*
 * annotate.c: the words of each race detector.
 *
 * ThreadSanitizer is reached by weak references, so that a library built without it
 * serves a program built with it; valgrind's tools by client requests, a few
 * instructions that do nothing elsewhere.
 */
#include "annotate.h"

#if WGI_HAVE_VALGRIND || WGI_HAVE_TSAN_HOOKS

#if WGI_HAVE_TSAN_HOOKS
WGI_WEAK void __tsan_acquire(void *address);
WGI_WEAK void __tsan_release(void *address); /* joins: what others released stays */
WGI_WEAK void __tsan_read1(void *address);
WGI_WEAK void __tsan_atomic8_store(volatile void *address, unsigned char value, int order);
WGI_WEAK void __tsan_func_entry(void *caller);
WGI_WEAK void __tsan_func_exit(void);

static bool tsan(void)
{
    return __tsan_acquire != NULL && __tsan_release != NULL && __tsan_read1 != NULL && __tsan_atomic8_store != NULL &&
           __tsan_func_entry != NULL && __tsan_func_exit != NULL;
}

/* A report shows the calls that the detector was told of.  An instrumented library tells of itself. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#if defined(__SANITIZE_THREAD__) || defined(INSTRUMENTED)
#define AS_IF_CALLED_FROM(caller, access) ((void)(caller), access)
#else
#define AS_IF_CALLED_FROM(caller, access) (__tsan_func_entry(caller), access, __tsan_func_exit())
#endif
#else
static bool tsan(void)
{
    return false;
}
#define __tsan_acquire(address) ((void)(address))
#define __tsan_release(address) ((void)(address))
#define __tsan_read1(address) ((void)(address))
#define __tsan_atomic8_store(address, value, order) ((void)(address))
#define AS_IF_CALLED_FROM(caller, access) ((void)(caller), access)
#endif

#if WGI_HAVE_VALGRIND
/* Each header redefines what the other named.  Requests of one tool mean nothing to the other. */
#include <valgrind/helgrind.h>

#include <valgrind/drd.h>

static bool valgrind(void)
{
    return RUNNING_ON_VALGRIND != 0;
}

static void disable_checking(void *from, size_t size)
{
    VALGRIND_HG_DISABLE_CHECKING(from, size);
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_START_SUPPRESSION, from, size, 0, 0, 0);
}

static void record_stores(bool on)
{
    (void)on; /* valgrind's macros drop their arguments where there is no valgrind */
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_RECORD_STORES, on, 0, 0, 0, 0);
}

static void clean_memory(void *from, size_t size)
{
    VALGRIND_HG_CLEAN_MEMORY(from, size);
    VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_FINISH_SUPPRESSION, from, size, 0, 0, 0);
}
#else
static bool valgrind(void)
{
    return false;
}
#define ANNOTATE_HAPPENS_BEFORE(address) ((void)(address))
#define ANNOTATE_HAPPENS_AFTER(address) ((void)(address))
#define ANNOTATE_HAPPENS_BEFORE_FORGET_ALL(address) ((void)(address))
#define disable_checking(from, size) ((void)(from), (void)(size))
#define record_stores(on) ((void)(on))
#define clean_memory(from, size) ((void)(from), (void)(size))
#endif

atomic_bool wgi_annotate_on = true;

/* Each hook ends here if it found no detector: it is the last that asked. */
static void nobody_watches(void)
{
    atomic_store_explicit(&wgi_annotate_on, false, memory_order_relaxed);
}

void wgi_annotate_release_(void *group)
{
    if (tsan())
        __tsan_release(group);
    else if (valgrind())
        ANNOTATE_HAPPENS_BEFORE(group);
    else
        nobody_watches();
}

void wgi_annotate_acquire_(void *group)
{
    if (tsan())
        __tsan_acquire(group);
    else if (valgrind())
        ANNOTATE_HAPPENS_AFTER(group);
    else
        nobody_watches();
}

void wgi_annotate_add_from_zero_(unsigned char *shadow, void *caller)
{
    if (tsan())
        AS_IF_CALLED_FROM(caller, __tsan_read1(shadow));
    else if (valgrind())
        (void)*(volatile unsigned char *)shadow;
    else
        nobody_watches();
}

/* Valgrind's tools know no atomic store: there, a waiter's plain write is ordered after those of waiters before it. */
void wgi_annotate_wait_begins_(unsigned char *shadow, void *caller)
{
    if (tsan()) {
        AS_IF_CALLED_FROM(caller, __tsan_atomic8_store(shadow, 0, __ATOMIC_RELAXED));
    } else if (valgrind()) {
        ANNOTATE_HAPPENS_AFTER(shadow);
        *(volatile unsigned char *)shadow = 0;
        ANNOTATE_HAPPENS_BEFORE(shadow);
    } else {
        nobody_watches();
    }
}

/*
 * DRD takes a system call on a futex, also the one that wakes, for a store; by then the bytes may be another's.
 */
void wgi_annotate_wake_begins_(void)
{
    if (valgrind())
        record_stores(false);
}

void wgi_annotate_wake_ends_(void)
{
    if (valgrind())
        record_stores(true);
}

void wgi_annotate_new_(void *group, size_t size, unsigned char *shadow)
{
    unsigned char *const first = group;
    if (valgrind()) {
        disable_checking(first, (size_t)(shadow - first));
        disable_checking(shadow + 1, size - (size_t)(shadow - first) - 1);
    } else if (!tsan()) {
        nobody_watches();
    }
}

void wgi_annotate_hide_(void *bytes, size_t size)
{
    if (valgrind())
        disable_checking(bytes, size);
}

void wgi_annotate_gone_(void *group, size_t size)
{
    if (valgrind()) {
        for (unsigned char *name = group; name < (unsigned char *)group + size; name++)
            ANNOTATE_HAPPENS_BEFORE_FORGET_ALL(name);
        clean_memory(group, size);
    } else if (!tsan()) {
        nobody_watches();
    }
}

#endif
