/* SPDX-License-Identifier: 0BSD */
/*
 * fake_sem.h: a semaphore that never sleeps.  It records each call, and a hook of the
 * test decides what happens "while the waiter sleeps".  For one thread only.
 */
#ifndef FAKE_SEM_H
#define FAKE_SEM_H

#include "wg/wg.h"

#include <time.h>

typedef enum fake_kind { FAKE_INIT, FAKE_DESTROY, FAKE_ACQUIRE, FAKE_RELEASE } fake_kind_t;

typedef struct fake_call {
    fake_kind_t kind;
    void *sem;
    bool process_shared;      /* init */
    bool timed;               /* acquire: there was a deadline */
    struct timespec deadline; /* acquire */
    uint32_t n;               /* release */
} fake_call_t;

typedef struct fake {
    fake_call_t calls[64];
    unsigned count;
    uint32_t tokens;
    int init_result;
    /* Acquire calls this before it looks for a token.  If the result is not 0, acquire returns it. */
    int (*asleep)(void *arg);
    /* Release calls this after it has added its tokens. */
    void (*released)(void *arg);
    void *arg;
} fake_t;

extern fake_t fake;
extern const wg_sem_ops_t fake_sem_ops;

void fake_reset(void);
unsigned fake_calls(fake_kind_t kind);                          /* how many of this kind */
const fake_call_t *fake_call(fake_kind_t kind, unsigned index); /* the index-th of this kind; NULL if there are fewer */

#endif
