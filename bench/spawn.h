/* SPDX-License-Identifier: 0BSD */
/*
 * spawn.h: the tasks of spawn.c, for the headers of its peers.
 *
 * A peer defines PEER_NAME, then includes this file, then defines
 *
 *     static inline void spawn_round(job_t *jobs, unsigned n);
 *
 * which starts n tasks from one thread, each of which calls job_run() for one job; calls spawned() when all are
 * started; and returns when all are done.  A peer that cannot start a task calls job_run_here() for its job.
 */
#ifndef BENCH_SPAWN_H
#define BENCH_SPAWN_H

#include "harness.h"

#define JOBS_MAX 10000

/* Each job has a cache line of its own: no task writes to the line of another one. */
typedef struct job {
    uint64_t sum;
} __attribute__((aligned(LINE))) job_t;

static uint64_t spawn_seed;   /* different in each round */
static unsigned spawn_steps;  /* the work of a task */
static uint32_t spawn_shut;   /* 1: the tasks wait at a gate, whose futex this is */
static unsigned spawn_failed; /* tasks that could not be started */
static void (*spawn_between)(void);

static inline void gate_open(void)
{
    __atomic_store_n(&spawn_shut, 0, __ATOMIC_RELEASE);
    futex_rouse(&spawn_shut);
}

static inline void job_run(job_t *job)
{
    while (__atomic_load_n(&spawn_shut, __ATOMIC_ACQUIRE) != 0)
        futex_sleep(&spawn_shut, 1);
    job->sum += work(spawn_seed, spawn_steps);
}

/* For the thread that starts the tasks.  It opens the gate first: else it would wait for itself. */
static inline void job_run_here(job_t *job)
{
    spawn_failed++;
    gate_open();
    job_run(job);
}

/* To be called when all tasks of the round are started. */
static inline void spawned(void)
{
    if (spawn_between != NULL)
        spawn_between();
}

#endif
