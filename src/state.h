/* SPDX-License-Identifier: 0BSD */
/*
 * state.h: the 64-bit word that decides.  Pure transitions: they never block,
 * make no call, and know no semaphore.
 *
 *   63            32  31       30       29           0
 *  +----------------+--------+--------+---------------+
 *  | counter        | closed | notice | waiters       |
 *  +----------------+--------+--------+---------------+
 *
 * counter  Tasks not yet done, 0..2^31-1.  Legal to change at any time by an add
 *          that keeps it in that range; illegal to lift from zero while waiters
 *          or notice is not zero.  A value above 2^31-1 is a misuse that has been reported.
 * closed   Legal to set and to clear at any time, by any thread.  Illegal to lose:
 *          nothing may store the whole word.
 * notice   The group's list of notices is not empty.  Legal to set only while
 *          counter > 0, by the thread that holds the list; legal to clear while
 *          counter > 0 only by that thread, when it has just emptied the list; at
 *          counter 0 it belongs to the thread that will call the notices, which
 *          clears it before the first call.  Illegal to leave set with an empty
 *          list: a waiter may free the group while a done still looks for notices.
 * waiters  Threads to which one token each will be owed.  Legal to raise only
 *          while counter > 0, by the waiter itself; legal to lower by one only
 *          while counter > 0, by a waiter that timed out; at counter 0 it belongs
 *          to the thread that brought the counter there, which takes it to zero
 *          in one step and owes that many tokens.
 *
 * So (counter 0, waiters > 0) lasts from the last done to its reset, and no legal
 * program changes anything but 'closed' in between.  Likewise (counter 0, notice)
 * lasts until the notices are called.
 */
#ifndef WGI_STATE_H
#define WGI_STATE_H

#include "compiler.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef _Atomic uint64_t wgi_state_t;

/* Always, so that what wg.c asks of the compiler for its functions holds for these, too. */
#define WGI_STEP static WGI_ALWAYS_INLINE

#define WGI_STATE_ONE ((uint64_t)1 << 32)
#define WGI_STATE_CLOSED ((uint64_t)1 << 31)
#define WGI_STATE_NOTICE ((uint64_t)1 << 30)
#define WGI_STATE_WAITERS (((uint64_t)1 << 30) - 1)
#define WGI_STATE_PARTIES (WGI_STATE_NOTICE | WGI_STATE_WAITERS) /* whatever the last done has to let go */
#define WGI_STATE_COUNTER_MAX INT32_MAX

/*
 * The memory orders, each with what it pairs with.  They are the weakest that
 * are correct: in an instrumented build a stronger one would hide the user's races.
 */
#define WGI_ORDER_ADD memory_order_relaxed     /* nothing: a task is ordered by whatever starts it */
#define WGI_ORDER_DONE memory_order_release    /* RESET, LOOK: what the task did */
#define WGI_ORDER_RESET memory_order_acquire   /* DONE of the other tasks, ENLIST; handed on with the tokens */
#define WGI_ORDER_LOOK memory_order_acquire    /* DONE: the wait that finds zero */
#define WGI_ORDER_ENLIST memory_order_release  /* RESET: the semaphore that this waiter may have made */
#define WGI_ORDER_RETRACT memory_order_relaxed /* nothing: a wait that timed out has seen nothing */
#define WGI_ORDER_POST memory_order_relaxed    /* nothing: the holder of the list is ordered by its lock */
#define WGI_ORDER_CLAIM memory_order_release   /* LOOK of a cancel that sees the next generation; RESET came before */
#define WGI_ORDER_GATE memory_order_relaxed    /* nothing: close and try_add are ordered by this one word */
#define WGI_ORDER_PEEK memory_order_relaxed    /* nothing: snapshots, and first looks before an exchange */

/* What an add means for the thread that made it. */
typedef enum wgi_verdict {
    WGI_KEEP,     /* nothing to do */
    WGI_LET_GO,   /* the counter is zero and there are waiters or notices: reset, release, call */
    WGI_NEGATIVE, /* misuses, from here on */
    WGI_OVERFLOW,
    WGI_DURING_WAIT,
    WGI_AFTER_CLOSE,
    WGI_REFUSED /* try_add only: closed, nothing changed */
} wgi_verdict_t;

WGI_STEP uint32_t wgi_state_counter(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

WGI_STEP uint32_t wgi_state_waiters(uint64_t word)
{
    return (uint32_t)(word & WGI_STATE_WAITERS);
}

/* Neither counted nor waited for, and without notices; closed or not. */
WGI_STEP bool wgi_state_idle(uint64_t word)
{
    return (word & ~WGI_STATE_CLOSED) == 0;
}

WGI_STEP uint64_t wgi_state_relaxed(const wgi_state_t *state)
{
    return atomic_load_explicit(state, WGI_ORDER_PEEK);
}

WGI_STEP uint64_t wgi_state_acquire(const wgi_state_t *state)
{
    return atomic_load_explicit(state, WGI_ORDER_LOOK);
}

/* One add; returns the word as it is now. */
WGI_STEP uint64_t wgi_state_add(wgi_state_t *state, int delta)
{
    const uint64_t step = (uint64_t)(int64_t)delta << 32;
    return atomic_fetch_add_explicit(state, step, WGI_ORDER_ADD) + step;
}

/* Likewise for a negative delta. */
WGI_STEP uint64_t wgi_state_done(wgi_state_t *state, int delta)
{
    const uint64_t step = (uint64_t)(int64_t)delta << 32;
    return atomic_fetch_add_explicit(state, step, WGI_ORDER_DONE) + step;
}

/* The common case of judge(), by one test: an open group, nobody waits, the counter is legal. */
WGI_STEP bool wgi_state_plain(uint64_t now)
{
    const uint64_t rare = (uint64_t)1 << 63 | (WGI_STATE_ONE - 1);
    return (now & rare) == 0;
}

/* What it means that an add of 'delta' left the word at 'now'. */
WGI_STEP wgi_verdict_t wgi_state_judge(uint64_t now, int delta)
{
    const int64_t counter = (int32_t)wgi_state_counter(now);
    const bool lifted = delta > 0 && counter == delta;

    if (counter < 0)
        return delta > 0 ? WGI_OVERFLOW : WGI_NEGATIVE;
    if (lifted && (now & WGI_STATE_PARTIES) != 0)
        return WGI_DURING_WAIT;
    if (lifted && (now & WGI_STATE_CLOSED) != 0)
        return WGI_AFTER_CLOSE;
    if (counter == 0 && delta < 0 && (now & WGI_STATE_PARTIES) != 0)
        return WGI_LET_GO;
    return WGI_KEEP;
}

/*
 * Takes the waiters out, all at once.  Returns the word as it was.  One step that
 * takes and shows: an add that came between is not overwritten but seen, and
 * 'closed' is left as others want it.
 */
WGI_STEP uint64_t wgi_state_reset(wgi_state_t *state, uint32_t waiters)
{
    return atomic_fetch_sub_explicit(state, waiters, WGI_ORDER_RESET);
}

typedef enum wgi_enlisted { WGI_ENLISTED, WGI_ZERO, WGI_FULL } wgi_enlisted_t;

/* Registers one waiter, unless the counter is zero; then the caller has acquired. */
WGI_STEP wgi_enlisted_t wgi_state_enlist(wgi_state_t *state)
{
    for (;;) {
        uint64_t word = wgi_state_acquire(state);
        if (wgi_state_counter(word) == 0)
            return WGI_ZERO;
        if (wgi_state_waiters(word) == WGI_STATE_WAITERS)
            return WGI_FULL;
        /* By exchange: an unconditional add could land between the last done and its reset. */
        if (atomic_compare_exchange_weak_explicit(state, &word, word + 1, WGI_ORDER_ENLIST, WGI_ORDER_PEEK))
            return WGI_ENLISTED;
    }
}

/*
 * Takes one waiter back that timed out.  False if it is too late: its token is
 * owed, and it must take it.
 */
WGI_STEP bool wgi_state_retract(wgi_state_t *state)
{
    for (;;) {
        uint64_t word = wgi_state_relaxed(state);
        if (wgi_state_counter(word) == 0 || wgi_state_waiters(word) == 0)
            return false;
        if (atomic_compare_exchange_weak_explicit(state, &word, word - 1, WGI_ORDER_RETRACT, WGI_ORDER_PEEK))
            return true;
    }
}

/* Says that the list is not empty.  False: the counter is zero, nothing changed, and the caller has acquired. */
WGI_STEP bool wgi_state_post(wgi_state_t *state)
{
    for (;;) {
        uint64_t word = wgi_state_acquire(state);
        if (wgi_state_counter(word) == 0)
            return false;
        if ((word & WGI_STATE_NOTICE) != 0 ||
            atomic_compare_exchange_weak_explicit(state, &word, word | WGI_STATE_NOTICE, WGI_ORDER_POST,
                                                  WGI_ORDER_PEEK))
            return true;
    }
}

/* Says that the list is empty.  False: the counter is zero, so that it is too late, and nothing changed. */
WGI_STEP bool wgi_state_unpost(wgi_state_t *state)
{
    for (;;) {
        uint64_t word = wgi_state_relaxed(state);
        if (wgi_state_counter(word) == 0)
            return false;
        if (atomic_compare_exchange_weak_explicit(state, &word, word & ~WGI_STATE_NOTICE, WGI_ORDER_POST,
                                                  WGI_ORDER_PEEK))
            return true;
    }
}

/* Takes 'notice' out at counter 0, before the notices are called.  Returns the word as it was. */
WGI_STEP uint64_t wgi_state_claim(wgi_state_t *state)
{
    return atomic_fetch_sub_explicit(state, WGI_STATE_NOTICE, WGI_ORDER_CLAIM);
}

/* Adds n unless closed; '*seen' is the word that decided. */
WGI_STEP wgi_verdict_t wgi_state_try_add(wgi_state_t *state, uint32_t n, uint64_t *seen)
{
    for (;;) {
        uint64_t word = wgi_state_relaxed(state);
        *seen = word;
        if ((word & WGI_STATE_CLOSED) != 0)
            return WGI_REFUSED;
        if (n == 0)
            return WGI_KEEP;
        if ((uint64_t)wgi_state_counter(word) + n > WGI_STATE_COUNTER_MAX)
            return WGI_OVERFLOW;
        if (wgi_state_counter(word) == 0 && (word & WGI_STATE_PARTIES) != 0)
            return WGI_DURING_WAIT;
        if (atomic_compare_exchange_weak_explicit(state, &word, word + n * WGI_STATE_ONE, WGI_ORDER_GATE,
                                                  WGI_ORDER_PEEK))
            return WGI_KEEP;
    }
}

WGI_STEP void wgi_state_close(wgi_state_t *state)
{
    atomic_fetch_or_explicit(state, WGI_STATE_CLOSED, WGI_ORDER_GATE);
}

WGI_STEP void wgi_state_reopen(wgi_state_t *state)
{
    atomic_fetch_and_explicit(state, ~WGI_STATE_CLOSED, WGI_ORDER_GATE);
}

#endif
