/* SPDX-License-Identifier: 0BSD */
/* soak.h: what the parts of the soak share: sizes, checks, random numbers, and a wait that checks itself. */
#ifndef SOAK_H
#define SOAK_H

#include <wg/wg.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The run. */
#define SECONDS_DEFAULT 60
#define SURE_S 5      /* a run of this length meets each fault for sure */
#define PATIENCE_S 30 /* a round takes milliseconds; one that has not ended after this time hangs */
#define SCENES_EACH 2

/* A group: a tree of tasks, and the threads that wait for it. */
#define TASKS_MAX 48
#define ADDERS_MAX 4
#define SUBTASKS_MAX 3
#define WAITERS_MAX 8
#define GENERATIONS_MAX 4
#define TIMEOUT_MAX_US 200

/* A gate. */
#define ADMITTERS_MAX 6
#define DRAINS 50
#define DRAIN_TIMEOUT_MAX_NS 30000
#define OPEN_MAX_NS 100000
#define BURST 64 /* admissions between two rests */

/* Processes with one group. */
#define PROCESSES 3
#define STOP_NS 200000

/* The weather: at each tick, a thing happens with a chance of one in this number. */
#define TICK_NS 1000000
#define SIGNAL_CHANCE 2
#define MOVE_CHANCE 50
#define PAGES 16
#define PAGE_CHANCE 4

/* The memory that a starved process may have beyond what it has at its start. */
#define ROOM_BYTES ((size_t)2 << 20)
#define POOR_STACK_BYTES ((size_t)256 << 10)

_Noreturn void give_up(const char *format, ...);
#define CHECK(condition) ((condition) ? (void)0 : give_up("%s:%d: does not hold: %s", __FILE__, __LINE__, #condition))

int64_t now_ns(void);
void nap(int64_t ns);

/* Zero-filled memory that this process shares with those that it forks. */
void *map_shared(size_t bytes);

/* Each thread has a generator of its own.  pick() draws from 0..n-1; sow() makes the seed of another generator. */
unsigned pick(uint64_t *seed, unsigned n);
uint64_t sow(uint64_t *seed);

/* At random, gives the other threads time. */
void linger(uint64_t *seed);

/* Any semaphore of this build, or that of a user.  poor: a semaphore that allocates nothing. */
const wg_sem_ops_t *draw_backend(uint64_t *seed, bool poor);

/*
 * Waits.  Checks that the result fits the time, and that errno is left alone.
 * timeout_ns < 0: no deadline.  0 | ETIMEDOUT.
 */
int await(wg_t *wg, int64_t timeout_ns);

/* Whether the calling thread is in await().  For a signal handler. */
bool is_awaiting(void);

#endif
