/* SPDX-License-Identifier: 0BSD */
/* sys/futex.h: what futex_openbsd.c needs of OpenBSD.  The numbers are not those of OpenBSD. */
#ifndef PORT_FUTEX_H
#define PORT_FUTEX_H

#include <stdint.h>
#include <time.h>

#define FUTEX_WAIT 101
#define FUTEX_WAKE 102
#define FUTEX_WAIT_PRIVATE 103
#define FUTEX_WAKE_PRIVATE 104

int futex(volatile uint32_t *word, int op, int value, const struct timespec *time, volatile uint32_t *second);

#endif
