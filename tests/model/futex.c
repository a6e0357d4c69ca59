/* SPDX-License-Identifier: 0BSD */
/* futex.c: the word of the futex semaphore: tokens, and the duty that is handed on. */
#define MODEL_FUTEX 1
#include "model.h"

static _Alignas(8) unsigned char sem[WG_SEM_SIZE];
static int data;

static void setup(void)
{
    data = 0;
    memset(sem, 0, sizeof sem);
    const int error = wgi_sem_futex.init(sem, false);
    assert(error == 0);
    (void)error;
}

static void take(void)
{
    const int error = wgi_sem_futex.acquire(sem, NULL);
    assert(error == 0 && data == 1);
    (void)error;
}

static void give(void)
{
    data = 1;
    wgi_sem_futex.release(sem, 2);
}

static void finish(void)
{
    assert(atomic_load_explicit((_Atomic uint32_t *)(void *)sem, memory_order_relaxed) == 0);
}

SCENE(setup, finish, { take }, { take }, { give })
