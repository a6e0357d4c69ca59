/* SPDX-License-Identifier: 0BSD */
/*
 * any.c: wg_wait_any: waits for the first of several groups.
 *
 * Registers a notice in each group, all of which post to one semaphore on the stack;
 * sleeps in that; then withdraws the notices.  One that can no longer be withdrawn
 * posts, and its token must be taken before the semaphore goes.
 */
#include "group.h"

#include "annotate.h"
#include "clock.h"
#include "deadline.h"
#include "notice.h"

#include <errno.h>
#include <stddef.h>

static bool valid(const wg_choice_t *choices, size_t n, const struct timespec *deadline)
{
    if (n == 0 || (deadline != NULL && !wgi_deadline_valid(deadline)))
        return false;
    for (size_t i = 0; i < n; i++)
        if (wgi_group_has(choices[i].wg, WGI_SHARED) || !wgi_sem_is_like(&choices[i].wg->sem, &choices[0].wg->sem))
            return false;
    return true;
}

static void post(void *sem)
{
    wgi_sem_release(sem, 1);
}

/* Registers in each group up to the first that is at zero.  Returns its index, or n. */
static size_t register_all(wg_choice_t *choices, size_t n, wgi_sem_t *sem, void *caller)
{
    size_t i = 0;
    for (; i < n; i++) {
        choices[i].notice.wg = NULL; /* which says that it is not registered; the rest may be anything */
        if (!wgi_notify_from(choices[i].wg, &choices[i].notice, post, sem, caller))
            break;
    }
    return i;
}

/* Withdraws the first 'registered' ones.  Returns how many have posted or will; '*lowest' is the first of these. */
static size_t withdraw_all(wg_choice_t *choices, size_t registered, size_t *lowest)
{
    size_t owed = 0;
    for (size_t i = registered; i-- > 0;)
        if (!wg_notify_cancel(choices[i].wg, &choices[i].notice)) {
            owed++;
            *lowest = i;
        }
    return owed;
}

int wg_wait_any(wg_choice_t *choices, size_t n, const struct timespec *deadline, size_t *which)
{
    if (!valid(choices, n, deadline))
        return EINVAL;
    for (size_t i = 0; i < n; i++)
        if (wg_try_wait(choices[i].wg)) {
            *which = i;
            return 0;
        }
    if (deadline != NULL && wgi_deadline_left_ns(deadline, wgi_clock_now()) == 0)
        return ETIMEDOUT;

    wgi_sem_t sem;
    const int error = wgi_sem_init_like(&sem, &choices[0].wg->sem);
    if (error != 0)
        return error;
    wgi_annotate_hide(&sem, sizeof sem);
    const size_t registered = register_all(choices, n, &sem, WGI_CALLER);
    const bool woken = registered == n && wgi_sem_acquire(&sem, deadline);
    size_t found = registered;
    size_t owed = withdraw_all(choices, registered, &found);
    for (owed -= woken; owed > 0; owed--)
        (void)wgi_sem_acquire(&sem, NULL);
    wgi_sem_destroy(&sem, false);
    wgi_annotate_gone(&sem, sizeof sem);
    /* A token says that its poster has left the notice.  Only this thread knows. */
    for (size_t i = 0; i < registered; i++)
        wgi_annotate_gone(&choices[i].notice, sizeof choices[i].notice);

    if (found == n)
        return ETIMEDOUT;
    wgi_annotate_acquire(choices[found].wg);
    *which = found;
    return 0;
}
