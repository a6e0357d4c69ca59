/* SPDX-License-Identifier: 0BSD */
/* reuse.c: a second generation as soon as the wait of the first has returned. */
#include "model.h"

static int data;
static _Atomic int again;

static void setup(void)
{
    data = 0;
    atomic_store_explicit(&again, 0, memory_order_relaxed);
    make_group(1);
}

static void owner(void)
{
    wg_wait(group);
    assert(data == 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wg_wait(group);
    assert(data == 2);
}

static void worker(void)
{
    data = 1;
    wg_done(group);
}

static void next_worker(void)
{
    ASSUME_LATER(atomic_load_explicit(&again, memory_order_acquire) == 1);
    data = 2;
    wg_done(group);
}

SCENE(setup, end_group, { owner }, { worker }, { next_worker })
