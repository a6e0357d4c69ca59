/* SPDX-License-Identifier: 0BSD */
/*
 * notice.c: functions that are called when the counter is zero: wg_notify, wg_notify_cancel.
 *
 * The notices of a group are a doubly linked list.  One word of the group is its
 * head and its lock: 0 or the newest notice, while nobody holds the list; HELD,
 * while a thread registers or withdraws a notice; DUE, when the last done found the
 * list held.  The last done does not wait: it leaves DUE there and goes on, and the
 * holder, which finds DUE when it wants to put the list back, calls the notices.
 *
 * So a thread that stops inside wg_notify() or wg_notify_cancel() holds up notices
 * of this group and other calls of these two.  It holds up no wait, no add and no
 * done: the last done takes the waiters out and releases their tokens before it
 * looks at the list.
 *
 * While a notice is registered or a thread is in here, the group is alive.  The word
 * 'notices' is the last that a holder touches, 'state' the last that a caller of
 * notices touches: what is called may end the group.
 */
#include "notice.h"

#include "annotate.h"
#include "cancel.h"
#include "clock.h"
#include "compiler.h"
#include "group.h"
#include "pause.h"

#include <errno.h>
#include <stddef.h>

enum { HELD = 1, DUE = 2 }; /* no notice lies at such an address */

/* How often a thread looks for the list before it sleeps for a moment.  To register takes some 20 ns. */
#ifndef WGI_NOTICE_POLLS /* 1 for a model checker, which wants loops without effects */
#define WGI_NOTICE_POLLS 64
#endif

static wg_notice_t *hold(wg_t *wg)
{
    for (unsigned polls = 0;;) {
        uintptr_t list = atomic_load_explicit(&wg->notices, memory_order_relaxed);
        if (list == HELD || list == DUE) {
            if (WGI_NOTICE_POLLS == 1 || ++polls % WGI_NOTICE_POLLS == 0)
                wgi_clock_nap(); /* the holder may have a lower priority, and this processor */
            else
                wgi_pause();
            continue;
        }
        /* Acquire: pairs with the release of the holder before, and of the last done. */
        if (atomic_compare_exchange_weak_explicit(&wg->notices, &list, HELD, memory_order_acquire,
                                                  memory_order_relaxed))
            return (wg_notice_t *)list;
    }
}

/* Puts the list back.  False: the last done came meanwhile.  The list is the caller's then, and the caller calls it. */
static bool put_back(wg_t *wg, wg_notice_t *list)
{
    uintptr_t held = HELD;
    /* Release: pairs with hold() and with the exchange of the last done. */
    if (atomic_compare_exchange_strong_explicit(&wg->notices, &held, (uintptr_t)list, memory_order_release,
                                                memory_order_relaxed))
        return true; /* the last touch: the notice and the group may be gone */
    (void)atomic_load_explicit(&wg->notices, memory_order_acquire); /* pairs with the exchange of the last done */
    atomic_store_explicit(&wg->notices, 0, memory_order_release);   /* pairs with hold() */
    return false;
}

/*
 * What reads and writes the fields of a notice is out of ThreadSanitizer's sight: the
 * lock orders it up to the call of fn.  What comes after that is ordered by fn, which
 * may use a semaphore that ThreadSanitizer does not know.
 */
#ifndef WGI_NOT_SEEN /* a model checker sees them */
#define WGI_NOT_SEEN WGI_UNSEEN
#endif

WGI_NOT_SEEN static void link_in(wg_notice_t **list, wg_notice_t *notice)
{
    notice->next = *list;
    notice->previous = NULL;
    if (*list != NULL)
        (*list)->previous = notice;
    *list = notice;
}

WGI_NOT_SEEN static void take_out(wg_notice_t **list, wg_notice_t *notice)
{
    if (notice->previous != NULL)
        notice->previous->next = notice->next;
    else
        *list = notice->next;
    if (notice->next != NULL)
        notice->next->previous = notice->previous;
    notice->wg = NULL;
}

/* Turns the list, oldest first, and says in each notice that it is no longer registered. */
WGI_NOT_SEEN static wg_notice_t *claim(wg_notice_t *newest)
{
    wg_notice_t *oldest = NULL;
    while (newest != NULL) {
        wg_notice_t *const notice = newest;
        newest = notice->next;
        notice->wg = NULL;
        notice->next = oldest;
        oldest = notice;
    }
    return oldest;
}

/* What must be read before fn begins, which may free the notice. */
typedef struct turn {
    wg_notice_t *next;
    void (*fn)(void *arg);
    void *arg;
} turn_t;

WGI_NOT_SEEN static turn_t turn_of(const wg_notice_t *notice)
{
    return (turn_t){ notice->next, notice->fn, notice->arg };
}

static void call(wg_t *wg, wg_notice_t *list)
{
    wg_notice_t *next = claim(list);
    const uint64_t was = wgi_state_claim(&wg->state);
    if ((was & ~WGI_STATE_CLOSED) != WGI_STATE_NOTICE)
        wgi_group_misuse(wg, WG_MISUSE_ADD_DURING_WAIT, was, 0);
    wgi_annotate_acquire(wg);

    const int saved = errno, cancelable = wgi_cancel_off();
    while (next != NULL) {
        wg_notice_t *const notice = next;
        const turn_t turn = turn_of(notice);
        next = turn.next;
        wgi_annotate_acquire(notice);
        wgi_annotate_gone(notice, sizeof *notice);
        turn.fn(turn.arg); /* the notice may be gone, and if it was the last one, so may the group */
    }
    wgi_cancel_restore(cancelable);
    errno = saved;
}

void wgi_notice_due(wg_t *wg)
{
    /* Acquire and release: the holder before wrote the list; a holder that finds DUE sees what this thread did. */
    const uintptr_t list = atomic_exchange_explicit(&wg->notices, DUE, memory_order_acq_rel);
    if (list == HELD)
        return; /* the holder calls the notices; it may have ended the group by now */
    atomic_store_explicit(&wg->notices, 0, memory_order_release); /* pairs with hold() */
    call(wg, (wg_notice_t *)list);
}

bool wgi_notify_from(wg_t *wg, wg_notice_t *notice, void (*fn)(void *arg), void *arg, void *caller)
{
    (void)caller; /* where no race detector can watch */
    if (notice->wg != NULL || wgi_group_has(wg, WGI_SHARED))
        wgi_group_misuse(wg, WG_MISUSE_NOTICE, wgi_state_relaxed(&wg->state), 0);
    if (wg_try_wait(wg))
        return false;

    wg_notice_t *list = hold(wg);
    const bool posted = wgi_state_post(&wg->state);
    if (posted) {
        notice->fn = fn;
        notice->arg = arg;
        notice->wg = wg;
        link_in(&list, notice);
        wgi_annotate_wait(&wg->shadow, caller);
        wgi_annotate_hide(notice, sizeof *notice);
        wgi_annotate_release(notice); /* after the write to the shadow: fn may free the group */
    }
    if (put_back(wg, list)) {
        if (!posted)
            wgi_annotate_acquire(wg);
        return posted;
    }
    /* The counter is zero by now.  The caller is told so by the result, not by its own fn inside this call. */
    if (posted) {
        take_out(&list, notice);
        wgi_annotate_gone(notice, sizeof *notice);
    }
    call(wg, list);
    return false;
}

bool wg_notify(wg_t *wg, wg_notice_t *notice, void (*fn)(void *arg), void *arg)
{
    return wgi_notify_from(wg, notice, fn, arg, WGI_CALLER);
}

bool wg_notify_cancel(wg_t *wg, wg_notice_t *notice)
{
    if (wgi_state_counter(wgi_state_acquire(&wg->state)) == 0)
        return false;

    wg_notice_t *list = hold(wg);
    /* At counter 0 the notice belongs to the thread that will call it.  Above, only a holder of the list writes it. */
    bool is_mine = wgi_state_counter(wgi_state_acquire(&wg->state)) != 0 && notice->wg == wg;
    if (is_mine) {
        take_out(&list, notice);
        if (list == NULL && !wgi_state_unpost(&wg->state)) {
            is_mine = false; /* the last done came between, and looks for the notice */
            notice->wg = wg;
            link_in(&list, notice);
        }
    }
    if (put_back(wg, list)) {
        if (is_mine)
            wgi_annotate_gone(notice, sizeof *notice);
        return is_mine;
    }
    /* This thread calls the notices.  So the notice can still be withdrawn, if it is registered here. */
    if (!is_mine && notice->wg == wg) {
        is_mine = true;
        take_out(&list, notice);
    }
    if (is_mine)
        wgi_annotate_gone(notice, sizeof *notice);
    call(wg, list);
    return is_mine;
}
