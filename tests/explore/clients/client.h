/* SPDX-License-Identifier: 0BSD */
/* client.h: the few lines that most clients start and end with. */
#ifndef WGX_CLIENT_H
#define WGX_CLIENT_H

#include "explore.h"

#include <stdlib.h>
#include <string.h>

static wg_t *group;
static wg_storage_t *storage;

/* A group with 'count' tasks on the default semaphore, in memory that may be freed. */
static inline void make_group(int count)
{
    storage = malloc(sizeof *storage);
    wgx_name(storage, sizeof *storage, "group");
    group = wg_init(storage, NULL);
    WGX_CHECK(group != NULL);
    if (count > 0)
        wg_add(group, count);
}

/* Likewise in zero-filled memory: the first waiter sets the semaphore up. */
static inline void make_zeroed_group(int count)
{
    storage = malloc(sizeof *storage);
    memset(storage, 0, sizeof *storage);
    wgx_name(storage, sizeof *storage, "group");
    group = wg_attach(storage);
    WGX_CHECK(group != NULL);
    wg_add(group, count);
}

/* As new: nothing counted, nobody registered, no token left over. */
static inline void end_group(void)
{
    WGX_CHECK(wg_count(group) == 0);
    WGX_CHECK(wg_waiters(group) == 0);
    wg_destroy(group);
    free(storage);
}

#endif
