/* SPDX-License-Identifier: 0BSD */
/*
 * sight.h: notes the last word of the group that a thread of the model has seen, and
 * checks what the thread reports against that word.
 *
 * When a call returns, the word must show that there was nothing to report.  When a
 * misuse is reported, the word must show that misuse.
 */
#ifndef WGM_SIGHT_H
#define WGM_SIGHT_H

#include "wg/wg.h"

#include "state.h"

#include <assert.h>
#include <limits.h>

static _Thread_local uint64_t saw;
static _Thread_local bool on_sight;
static _Thread_local unsigned reports; /* the misuses that calls of this thread may report */

static inline uint64_t note(uint64_t word)
{
    if (on_sight)
        saw = word;
    return word;
}

static inline wgi_enlisted_t note_enlist(wgi_state_t *state)
{
    const wgi_enlisted_t result = wgi_state_enlist(state);
    if (result == WGI_ZERO)
        (void)note(0);
    return result;
}

static inline wgi_verdict_t note_try_add(wgi_state_t *state, uint32_t n, uint64_t *seen)
{
    const wgi_verdict_t verdict = wgi_state_try_add(state, n, seen);
    (void)note(*seen);
    return verdict;
}

#define wgi_state_add(state, delta) note(wgi_state_add(state, delta))
#define wgi_state_acquire(state) note(wgi_state_acquire(state))
#define wgi_state_relaxed(state) note(wgi_state_relaxed(state))
#define wgi_state_enlist(state) note_enlist(state)
#define wgi_state_try_add(state, n, seen) note_try_add(state, n, seen)

/* From here on the calls of this thread may report these. */
static inline void may_report(unsigned misuses)
{
    reports = misuses;
    on_sight = false;
}

/* The same, but only if the word that the thread saw last shows the misuse. */
static inline void reports_on_sight(unsigned misuses)
{
    reports = misuses;
    on_sight = true;
}

#define CHECK_SAW(x) assert(x)

static inline int64_t saw_counter(void)
{
    return (int32_t)wgi_state_counter(saw);
}

static inline bool saw_waiters(void)
{
    return wgi_state_waiters(saw) != 0;
}

static inline bool saw_closed(void)
{
    return (saw & WGI_STATE_CLOSED) != 0;
}

static inline void check_report(wg_misuse_t misuse)
{
    assert((reports & 1u << misuse) != 0);
    if (!on_sight)
        return;
    switch (misuse) {
    case WG_MISUSE_ADD_DURING_WAIT:
        assert(saw_waiters() && saw_counter() <= 1);
        break;
    case WG_MISUSE_ADD_AFTER_CLOSE:
        assert(saw_closed() && !saw_waiters() && saw_counter() == 1);
        break;
    case WG_MISUSE_REUSED_TOO_SOON:
        assert(saw_counter() != 0 || saw_waiters());
        break;
    case WG_MISUSE_COUNTER_OVERFLOW:
        assert(saw_counter() < 0 || saw_counter() == INT_MAX);
        break;
    default:
        break;
    }
}

#endif
