/* SPDX-License-Identifier: 0BSD */
/* stress.h: how long a stress test goes on. */
#ifndef STRESS_H
#define STRESS_H

#include <stdbool.h>

/*
 * Rounds, bounded by time.  True until 'wanted' rounds are done, or until two seconds
 * are over and the least number that means something is done.  WG_STRESS=N in the
 * environment multiplies rounds and seconds.
 */
bool stress_goes_on(unsigned wanted, unsigned least);

#endif
