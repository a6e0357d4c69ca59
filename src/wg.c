/* SPDX-License-Identifier: 0BSD */
/*
 * wg.c: counting and waiting.  Each call asks the state, then acts; the only file
 * that uses both the state word and the semaphore.
 */
#include "group.h"

#include "annotate.h"
#include "clock.h"
#include "compiler.h"
#include "deadline.h"
#include "notice.h"

#include <errno.h>
#include <stddef.h>

#define INLINABLE WGI_UNSEEN_BY_LTO WGI_INLINABLE
#define COLD WGI_UNSEEN_BY_LTO WGI_COLD

/*
 * Counting.  From wg_done() to the wake: add to the word; if that brought the
 * counter to zero under waiters, take them out of the word; release their tokens.
 * Then call the notices.
 */

static COLD void let_go(wg_t *wg, uint64_t now, int delta)
{
    const uint32_t waiters = wgi_state_waiters(now);
    const uint64_t was = wgi_state_reset(&wg->state, waiters);
    if (((was ^ now) & ~WGI_STATE_CLOSED) != 0)
        wgi_group_misuse(wg, WG_MISUSE_ADD_DURING_WAIT, was, delta);
    if (waiters != 0) {
        wgi_annotate_wake_begins();
        wgi_sem_release(&wg->sem, waiters); /* the last touch without notices: the group may be gone */
        wgi_annotate_wake_ends();
    }
    if ((now & WGI_STATE_NOTICE) != 0)
        wgi_notice_due(wg); /* a notice that was not called keeps the group alive */
}

/* An add after which the group is not plain: there are waiters or notices, or it is closed, or this is misuse. */
static COLD void after_add(wg_t *wg, uint64_t now, int delta)
{
    switch (wgi_state_judge(now, delta)) {
    case WGI_KEEP:
    case WGI_REFUSED:
        return;
    case WGI_LET_GO:
        let_go(wg, now, delta);
        return;
    case WGI_NEGATIVE:
        wgi_group_misuse(wg, WG_MISUSE_NEGATIVE_COUNTER, now, delta);
    case WGI_OVERFLOW:
        wgi_group_misuse(wg, WG_MISUSE_COUNTER_OVERFLOW, now, delta);
    case WGI_DURING_WAIT:
        wgi_group_misuse(wg, WG_MISUSE_ADD_DURING_WAIT, now, delta);
    case WGI_AFTER_CLOSE:
        wgi_group_misuse(wg, WG_MISUSE_ADD_AFTER_CLOSE, now, delta);
    }
}

/* wg_add() where a race detector may watch. */
static COLD void add_watched(wg_t *wg, int delta, void *caller)
{
    uint64_t now;
    if (delta < 0) {
        wgi_annotate_release(wg);
        now = wgi_state_done(&wg->state, delta);
    } else {
        now = wgi_state_add(&wg->state, delta);
        wgi_annotate_add(&wg->shadow, (int32_t)wgi_state_counter(now), delta, caller);
    }
    if (!wgi_state_plain(now))
        after_add(wg, now, delta);
}

/* The fast paths: no call but as the last thing, so nothing to save.  docs/performance.md counts their instructions. */

INLINABLE void wg_done(wg_t *wg)
{
    if (wgi_annotate_watched()) {
        add_watched(wg, -1, NULL);
        return;
    }
    const uint64_t now = wgi_state_done(&wg->state, -1);
    if (WGI_UNLIKELY(!wgi_state_plain(now)))
        after_add(wg, now, -1);
}

INLINABLE void wg_add(wg_t *wg, int delta)
{
    if (wgi_annotate_watched()) {
        add_watched(wg, delta, WGI_CALLER);
        return;
    }
    const uint64_t now = delta < 0 ? wgi_state_done(&wg->state, delta) : wgi_state_add(&wg->state, delta);
    if (WGI_UNLIKELY(!wgi_state_plain(now)))
        after_add(wg, now, delta);
}

void wgi_add_from(wg_t *wg, int delta, void *caller)
{
    if (wgi_annotate_watched())
        add_watched(wg, delta, caller);
    else
        wg_add(wg, delta);
}

bool wg_try_add(wg_t *wg, uint32_t n)
{
    uint64_t seen;
    switch (wgi_state_try_add(&wg->state, n, &seen)) {
    case WGI_REFUSED:
        return false;
    case WGI_OVERFLOW:
        wgi_group_misuse(wg, WG_MISUSE_COUNTER_OVERFLOW, seen, n);
    case WGI_DURING_WAIT:
        wgi_group_misuse(wg, WG_MISUSE_ADD_DURING_WAIT, seen, n);
    default:
        return true;
    }
}

void wg_close(wg_t *wg)
{
    wgi_state_close(&wg->state);
}

void wg_reopen(wg_t *wg)
{
    wgi_state_reopen(&wg->state);
}

bool wg_is_closed(const wg_t *wg)
{
    return (wgi_state_relaxed(&wg->state) & WGI_STATE_CLOSED) != 0;
}

uint32_t wg_count(const wg_t *wg)
{
    return wgi_state_counter(wgi_state_relaxed(&wg->state));
}

uint32_t wg_waiters(const wg_t *wg)
{
    return wgi_state_waiters(wgi_state_relaxed(&wg->state));
}

/*
 * Waiting.  A wait looks at the counter and polls it, if that may be worth it.
 * Else it registers in the word, takes one token of the semaphore, and looks again.
 */

INLINABLE bool wg_try_wait(wg_t *wg)
{
    const bool zero = wgi_state_counter(wgi_state_acquire(&wg->state)) == 0;
    if (zero && wgi_annotate_watched())
        wgi_annotate_acquire(wg);
    return zero;
}

/* False: the counter is zero, so there is nothing to wait for, and the caller has acquired. */
static COLD bool enlist(wg_t *wg, void *caller)
{
    wgi_sem_prepare(&wg->sem);
    switch (wgi_state_enlist(&wg->state)) {
    case WGI_ZERO:
        return false;
    case WGI_FULL:
        wgi_group_misuse(wg, WG_MISUSE_COUNTER_OVERFLOW, wgi_state_relaxed(&wg->state), 0);
    case WGI_ENLISTED:
        break;
    }
    wgi_annotate_wait(&wg->shadow, caller);
    return true;
}

/* False: timed out, and no longer registered. */
static COLD bool take_token(wg_t *wg, const struct timespec *deadline)
{
    if (wgi_sem_acquire(&wg->sem, deadline))
        return true;
    if (wgi_state_retract(&wg->state))
        return false;
    /* The last done has counted this waiter already.  Its token comes, or has come, and must not be left behind. */
    return wgi_sem_acquire(&wg->sem, NULL);
}

static COLD void check_not_reused(wg_t *wg)
{
    /* Acquire, as the token is: if generations overlap, the token may be that of another waiter. */
    const uint64_t word = wgi_state_acquire(&wg->state);
    if (WGI_UNLIKELY(!wgi_state_idle(word & ~WGI_STATE_NOTICE))) /* notices are called after the waiters are let go */
        wgi_group_misuse(wg, WG_MISUSE_REUSED_TOO_SOON, word, 0);
}

/* False: timed out. */
static COLD bool wait_blocking(wg_t *wg, const struct timespec *deadline, void *caller)
{
    /* Where a race detector watches, a wait never polls: a poll that succeeds would hide a race. */
    const bool may_poll = !wgi_group_has(wg, WGI_QUIET) && !wgi_annotate_watched();
    if (may_poll && wgi_spin(&wg->state, &wg->spins, deadline))
        return true;
    if (enlist(wg, caller)) {
        if (!take_token(wg, deadline))
            return false;
        check_not_reused(wg);
    }
    wgi_annotate_acquire(wg);
    return true;
}

static COLD void wait_slowly(wg_t *wg, void *caller)
{
    if (!wg_try_wait(wg))
        (void)wait_blocking(wg, NULL, caller);
}

INLINABLE void wg_wait(wg_t *wg)
{
    /* One branch for the two. */
    if (WGI_UNLIKELY((wgi_state_counter(wgi_state_acquire(&wg->state)) | wgi_annotate_watched()) != 0))
        wait_slowly(wg, WGI_CALLER);
}

int wg_wait_until(wg_t *wg, const struct timespec *deadline)
{
    if (deadline != NULL && !wgi_deadline_valid(deadline))
        return EINVAL;
    if (wg_try_wait(wg))
        return 0;
    if (deadline != NULL && wgi_deadline_left_ns(deadline, wgi_clock_now()) == 0)
        return ETIMEDOUT;
    return wait_blocking(wg, deadline, WGI_CALLER) ? 0 : ETIMEDOUT;
}

int wg_wait_for(wg_t *wg, int64_t timeout_ns)
{
    if (wg_try_wait(wg))
        return 0;
    if (timeout_ns <= 0)
        return ETIMEDOUT;
    const struct timespec deadline = wgi_deadline_after(wgi_clock_now(), timeout_ns);
    return wait_blocking(wg, &deadline, WGI_CALLER) ? 0 : ETIMEDOUT;
}
