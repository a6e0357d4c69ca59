/* SPDX-License-Identifier: 0BSD */
/*
 * spin.h: whether a wait polls the state before it registers and sleeps.
 *
 * To sleep and to be woken takes about as long as a short task.  So a wait polls if
 * it may hope to see the counter reach zero while it does, and harms nobody:
 * - nobody has registered: a waiter that registered gave up polling before;
 * - a deadline is far enough away;
 * - polling helped the waits before: each time that it was in vain, twice as many
 *   waits of this group go without.
 *
 * It does not ask how many processors there are.  The number of a process says
 * nothing about two threads that are pinned, and to know it takes system calls.
 */
#ifndef WGI_SPIN_H
#define WGI_SPIN_H

#include "state.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

/*
 * docs/performance.md has the figures behind these numbers.  Polling ends after
 * this time, which is about what it costs to sleep and to be woken.  So a wait that
 * polls in vain costs at most twice what it had to...
 */
#define WGI_SPIN_NS 5000

/* ...by a clock that is read after so many polls... */
#ifndef WGI_SPIN_POLLS /* a model checker takes fewer */
#define WGI_SPIN_POLLS 16
#endif

/* ...or after this number of looks at the clock, in case the clock does not move. */
#ifndef WGI_SPIN_LOOKS
#define WGI_SPIN_LOOKS 64
#endif

/* After n vain polls in a row, 2^n - 1 waits go without one: at most 255. */
#define WGI_SPIN_VAIN_MAX 8

/*
 * What a group remembers: in the upper byte how often polling was in vain, in the
 * lower one how many waits are still to go without.  Zero is a new group.  Lost
 * updates do no harm.
 */
typedef atomic_ushort wgi_spin_memory_t;

/* 1: spin.c is in this build.  A check of the state alone may leave them out. */
#ifndef WGI_HAVE_SPIN
#define WGI_HAVE_SPIN 0
#endif

#if WGI_HAVE_SPIN
/* Polls, if it may be worth it.  True: the counter is zero, and the caller has acquired. */
bool wgi_spin(const wgi_state_t *state, wgi_spin_memory_t *memory, const struct timespec *deadline);
#else
static inline bool wgi_spin(const wgi_state_t *state, wgi_spin_memory_t *memory, const struct timespec *deadline)
{
    (void)state, (void)memory, (void)deadline;
    return false;
}
#endif

#endif
