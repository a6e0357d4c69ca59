/* SPDX-License-Identifier: 0BSD */
/* idealcall.c: the calls of 'idealcall'. */
#include "idealcall.h"

#include "ideal.h"

#include <stdlib.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT idealcall_t *idealcall_create(void)
{
    return calloc(1, sizeof(ideal_t));
}

EXPORT void idealcall_destroy(idealcall_t *g)
{
    free(g);
}

EXPORT void idealcall_add(idealcall_t *g, int n)
{
    ideal_add(g, n);
}

EXPORT void idealcall_done(idealcall_t *g)
{
    ideal_done(g);
}

EXPORT void idealcall_wait(idealcall_t *g)
{
    ideal_wait(g);
}

EXPORT int idealcall_wait_until(idealcall_t *g, const struct timespec *deadline)
{
    return ideal_wait_until(g, deadline);
}
