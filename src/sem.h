/* SPDX-License-Identifier: 0BSD */
/*
 * sem.h: the seam.  A group's semaphore: which table it uses, and its bytes.
 *
 * A backend is a wg_sem_ops_t.  <wg/wg.h> says under SEMAPHORES what each must keep.
 * Everything rests on these:
 * (a) release synchronises-with the acquire that takes its token;
 * (b) release(n) has made n waiters able to run when it returns: no waiter has to
 *     run first so that another one is woken;
 * (c) last touch: once the final token can be taken, release neither reads nor
 *     writes the semaphore.  Only its address may still go to a wake, whose error
 *     is ignored;
 * (d) acquire absorbs signals and spurious wakes, is never early, and is no
 *     cancellation point;
 * (e) acquire and release leave errno alone.  After a user's acquire the caller may
 *     run on another thread, so nobody else may save errno around it;
 * (f) an impossible error of the system stops the program.  It never passes for
 *     success.
 */
#ifndef WGI_SEM_H
#define WGI_SEM_H

#include "wg/wg.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * 'table' says which table: 0 in zero-filled storage; a small number for one that is
 * built in, since a pointer means nothing in another process; else it is the address
 * of a user's table.  Only init and destroy write it.
 */
typedef struct wgi_sem {
    _Alignas(8) unsigned char bytes[WG_SEM_SIZE];
    _Atomic uintptr_t table;
} wgi_sem_t;

/* The built-in tables that this build has. */
extern const wg_sem_ops_t wgi_sem_futex, wgi_sem_posix, wgi_sem_dispatch;

/* That of zero-filled groups where it is not sure that one is ready at zero: see zero_heap.c. */
extern const wg_sem_ops_t wgi_sem_heap;

/* The one for which zero-filled memory is a semaphore; NULL if this build, or the system that runs, has none. */
const wg_sem_ops_t *wgi_sem_ready(void);

/*
 * Sets up; 'sem' may hold anything.  0 | errno; then it holds what it held.  ops NULL:
 * the default; or the futex, if processes are to share the group and the default cannot.
 */
int wgi_sem_init(wgi_sem_t *sem, const wg_sem_ops_t *ops, bool process_shared);

bool wgi_sem_is_builtin(const wgi_sem_t *sem);

/* Whether both sleep in the same kind of semaphore, and a new one of that kind: 0 | errno. */
bool wgi_sem_is_like(const wgi_sem_t *sem, const wgi_sem_t *model);
int wgi_sem_init_like(wgi_sem_t *sem, const wgi_sem_t *model);

/* A waiter calls this before it registers, so that a zero-filled group has a semaphore.  Waits for no other thread. */
void wgi_sem_prepare(wgi_sem_t *sem);

/* Ends it; it is zero-filled then.  'in_use': threads sleep in it for ever, so the semaphore itself must stay. */
void wgi_sem_destroy(wgi_sem_t *sem, bool in_use);

/* As the table's functions. */
bool wgi_sem_acquire(wgi_sem_t *sem, const struct timespec *deadline); /* false: timed out */
void wgi_sem_release(wgi_sem_t *sem, uint32_t n);

#endif
