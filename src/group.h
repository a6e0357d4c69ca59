/* SPDX-License-Identifier: 0BSD */
/* group.h: what a wait group is made of. */
#ifndef WGI_GROUP_H
#define WGI_GROUP_H

#include "wg/wg.h"

#include "sem.h"
#include "spin.h"
#include "state.h"

#include <stdatomic.h>
#include <stdint.h>

struct wg_group {
    _Alignas(8) wgi_state_t state; /* decides */
    wgi_sem_t sem;                 /* sleeps and wakes */
    _Atomic uintptr_t notices;     /* the list of notices, which is its own lock: see notice.c */
    wgi_spin_memory_t spins;       /* what polling was good for */
    atomic_uchar flags;            /* of the enum below */
    unsigned char shadow;          /* race detectors see this byte as the group; it holds nothing */
};

/* The flags of a group.  Zero-filled storage has none of them. */
enum {
    WGI_ON_HEAP = 1,  /* wg_destroy() frees the memory */
    WGI_QUIET = 2,    /* a wait never polls before it sleeps */
    WGI_MISUSED = 4,  /* a misuse was reported: from now on only wg_destroy() may be called */
    WGI_SHARED = 16,  /* by processes */
    WGI_STRANDED = 8, /* after that misuse, threads may sleep in the semaphore for ever */
};

static inline bool wgi_group_has(const wg_t *wg, unsigned flags)
{
    /* Relaxed: a flag orders nothing. */
    return (atomic_load_explicit(&wg->flags, memory_order_relaxed) & flags) != 0;
}

/* wg_add() for a public function that was called from 'caller': the line that a race detector's report must name. */
void wgi_add_from(wg_t *wg, int delta, void *caller);

/* Marks the group and reports: 'word' is the state that shows the misuse. */
_Noreturn void wgi_group_misuse(wg_t *wg, wg_misuse_t what, uint64_t word, int64_t delta);

#endif
