/* SPDX-License-Identifier: 0BSD */
/*
 * sem.h: the seam.  A group's semaphore: which table it uses, and its bytes.
 *
 * A backend is a wg_sem_ops_t; what each must keep stands in <wg/wg.h>.  In one
 * place once more, since everything rests on it:
 * (a) release synchronises-with the acquire that takes its token;
 * (b) last touch: once the final token can be taken, release neither reads nor
 *     writes the semaphore.  Only its address may still go to a wake, whose error
 *     is ignored;
 * (c) acquire absorbs signals and spurious wakes, is never early, and is no
 *     cancellation point;
 * (d) an impossible error of the system stops the program, and never goes upward
 *     as success.
 */
#ifndef WGI_SEM_H
#define WGI_SEM_H

#include "wg/wg.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * 'kind' names the table by number, since a pointer means nothing in another
 * process: 0, not set up (zero-filled storage); 1, being set up; CUSTOM, the
 * table is '*custom'; else a built-in one.
 */
typedef struct wgi_sem {
    _Alignas(8) unsigned char bytes[WG_SEM_SIZE];
    const wg_sem_ops_t *custom;
    _Atomic uint32_t kind;
} wgi_sem_t;

/* The built-in tables that this build has. */
extern const wg_sem_ops_t wgi_sem_futex, wgi_sem_posix, wgi_sem_dispatch, wgi_sem_win32;

/* Sets up; 'sem' may hold anything.  0 | errno.  ops NULL: the default. */
int wgi_sem_init(wgi_sem_t *sem, const wg_sem_ops_t *ops, bool process_shared);

/* Sets a zero-filled one up; returns when that is done, by whatever thread. */
void wgi_sem_prepare(wgi_sem_t *sem);

/* Ends it, if it is set up; it is zero-filled then.  'in_use': somebody sleeps there for ever, so it must stay. */
void wgi_sem_destroy(wgi_sem_t *sem, bool in_use);

/* As the table's functions; for prepared ones only.  errno is left alone. */
bool wgi_sem_acquire(wgi_sem_t *sem, const struct timespec *deadline); /* false: timed out */
void wgi_sem_release(wgi_sem_t *sem, uint32_t n);

#endif
