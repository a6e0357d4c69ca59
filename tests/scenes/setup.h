/* SPDX-License-Identifier: 0BSD */
/* setup.h: the few lines that most scenes start and end with. */
#ifndef SCENE_SETUP_H
#define SCENE_SETUP_H

static wg_t *group;
static wg_storage_t *storage;

/* A group with 'count' tasks on the default semaphore, in memory that may be freed. */
static inline void make_group(int count)
{
    storage = malloc(sizeof *storage);
    name_memory(storage, sizeof *storage, "group");
    group = wg_init(storage, NULL);
    CHECK(group != NULL);
    if (count > 0)
        wg_add(group, count);
}

/* The same in zero-filled memory: the first waiter sets the semaphore up. */
static inline void make_zeroed_group(int count)
{
    storage = malloc(sizeof *storage);
    zero_fill(storage);
    name_memory(storage, sizeof *storage, "group");
    group = wg_attach(storage);
    CHECK(group != NULL);
    wg_add(group, count);
}

/* Ends a group that is as new: nothing is counted, no thread is registered, no token is left. */
static inline void end_group(void)
{
    CHECK(wg_count(group) == 0);
    CHECK(wg_waiters(group) == 0);
    wg_destroy(group);
    free(storage);
}

#endif
