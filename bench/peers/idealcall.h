/* SPDX-License-Identifier: 0BSD */
/* idealcall.h: 'ideal' behind an opaque handle in a shared library: the limit of this kind of interface. */
#ifndef BENCH_IDEALCALL_H
#define BENCH_IDEALCALL_H

#include <time.h>

typedef struct ideal idealcall_t;

idealcall_t *idealcall_create(void);
void idealcall_destroy(idealcall_t *g);
void idealcall_add(idealcall_t *g, int n);
void idealcall_done(idealcall_t *g);
void idealcall_wait(idealcall_t *g);
int idealcall_wait_until(idealcall_t *g, const struct timespec *deadline);

#endif
