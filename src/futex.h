/* SPDX-License-Identifier: 0BSD */
/* futex.h: the kernel as the futex semaphore sees it; a test may put another one in its place. */
#ifndef WGI_FUTEX_H
#define WGI_FUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * Sleeps if the word still is 'expected', until a wake, a signal, for no reason,
 * or until CLOCK_MONOTONIC reaches the deadline (NULL: never).  False only in the
 * last case.
 */
bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline);

/* Wakes at most n sleepers.  The word may be gone: its address is all that is used. */
void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared);

#endif
