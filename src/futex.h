/* SPDX-License-Identifier: 0BSD */
/*
 * futex.h: sleep while a word has a value, wake by the word's address.
 *
 * Each system has a file of its own behind these three calls: futex_SYSTEM.c.  A
 * test may put another one in its place.  All three leave errno alone.
 */
#ifndef WGI_FUTEX_H
#define WGI_FUTEX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* 0, or why this system cannot do so: ENOTSUP if processes cannot share a word, ENOSYS if it has no such calls. */
int wgi_futex_check(bool shared);

/*
 * Sleeps if the word still is 'expected', until a wake, a signal, for no reason,
 * or until CLOCK_MONOTONIC reaches the deadline (NULL: never).  False only in the
 * last case.
 */
bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline);

/* Wakes n >= 1 sleepers or more.  The word may be gone: its address is all that is used. */
void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared);

#endif
