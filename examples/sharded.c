/* SPDX-License-Identifier: 0BSD */
/*
 * sharded.c: many groups in place of one, for many cores and tiny tasks.
 *
 * Threads that count in one group share its cache line, and take turns at it.  Here
 * are SHARDS groups, each on a line of its own, and a task is counted in the group of
 * the core that it starts on.  Four rules keep that right:
 * - A task remembers its group, and is counted off there, whatever core it ends on.
 * - A subtask is counted in the group of its parent: that counter is above zero, so
 *   the add is in order whatever else happens.
 * - A drain closes all groups before it waits for the first one.  Else a request that
 *   one group refuses could still enter by another.
 * - Without a drain, only the thread that waits adds to an empty group.  So each add
 *   from zero is ordered against the waits.
 *
 * Both halves of main() hand their tasks to the same few workers, each with a queue of
 * its own.
 */
#define _GNU_SOURCE /* sched_getcpu() */
#include <wg/wg.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 64, LINE = 64, WORKERS = 4, CLIENTS = 4, GENERATIONS = 3, NUMBERS = 1000 };

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "sharded: %s: %s\n", what, strerror(error));
    _Exit(EXIT_FAILURE);
}

/*
 * The groups.  A wg_storage_t has 64 bytes, so in an aligned array each has a line of its own.
 */

static _Alignas(LINE) wg_storage_t storages[SHARDS]; /* zero-filled: empty, open groups */
static wg_t *shards[SHARDS];

static void find_shards(void)
{
    for (int i = 0; i < SHARDS; i++) {
        shards[i] = wg_attach(&storages[i]);
        if (shards[i] == NULL)
            die("wg_attach", errno);
    }
}

/* If the thread has just moved to another core, this is the wrong one's shard: that only costs time. */
static wg_t *shard_of_this_core(void)
{
    return shards[(unsigned)sched_getcpu() % SHARDS];
}

/* Counts a request in.  Returns the group that counts it, or NULL: refused. */
static wg_t *enter(void)
{
    wg_t *const group = shard_of_this_core();
    return wg_try_add(group, 1) ? group : NULL;
}

/* When this returns, every admitted request is done, and what it did is visible. */
static void drain(void)
{
    for (int i = 0; i < SHARDS; i++)
        wg_close(shards[i]);
    for (int i = 0; i < SHARDS; i++)
        wg_wait(shards[i]);
}

/* Only for the thread that drained, when its drain has returned. */
static void reopen(void)
{
    for (int i = 0; i < SHARDS; i++)
        wg_reopen(shards[i]);
}

/*
 * The workers.
 */

typedef struct task {
    wg_t *group; /* counts this task */
    void (*run)(const struct task *self);
    int *numbers; /* for split() */
    int n;
} task_t;

typedef struct worker {
    _Alignas(LINE) pthread_mutex_t mutex;
    pthread_cond_t more;
    bool stopping;
    int waiting;
    task_t queue[100];
} worker_t;

static worker_t workers[WORKERS];

static void run(const task_t *task)
{
    task->run(task);
    wg_done(task->group);
}

/* Runs a task that has been counted: on worker w or, if the queue of that worker is full, here. */
static void start(unsigned w, task_t task)
{
    worker_t *const worker = &workers[w % WORKERS];
    pthread_mutex_lock(&worker->mutex);
    const bool full = worker->waiting == sizeof worker->queue / sizeof worker->queue[0];
    if (!full)
        worker->queue[worker->waiting++] = task;
    pthread_cond_signal(&worker->more);
    pthread_mutex_unlock(&worker->mutex);
    if (full)
        run(&task);
}

static void work(void *arg)
{
    worker_t *const worker = arg;
    pthread_mutex_lock(&worker->mutex);
    for (;;) {
        while (worker->waiting == 0 && !worker->stopping)
            pthread_cond_wait(&worker->more, &worker->mutex);
        if (worker->waiting == 0)
            break;
        const task_t task = worker->queue[--worker->waiting];
        pthread_mutex_unlock(&worker->mutex);
        run(&task);
        pthread_mutex_lock(&worker->mutex);
    }
    pthread_mutex_unlock(&worker->mutex);
}

static void start_workers(wg_t *threads)
{
    for (int i = 0; i < WORKERS; i++) {
        pthread_mutex_init(&workers[i].mutex, NULL);
        pthread_cond_init(&workers[i].more, NULL);
        const int error = wg_go(threads, work, &workers[i]);
        if (error != 0)
            die("wg_go", error);
    }
}

static void stop_workers(wg_t *threads)
{
    for (int i = 0; i < WORKERS; i++) {
        pthread_mutex_lock(&workers[i].mutex);
        workers[i].stopping = true;
        pthread_cond_signal(&workers[i].more);
        pthread_mutex_unlock(&workers[i].mutex);
    }
    wg_wait(threads);
    for (int i = 0; i < WORKERS; i++) {
        pthread_cond_destroy(&workers[i].more);
        pthread_mutex_destroy(&workers[i].mutex);
    }
}

/*
 * First half: a server.  For each request, a worker writes a line of the log.
 */

static atomic_int admitted, served, logged;
static wg_t *first_ones; /* clients whose first request has not been served */

static void write_log(const task_t *self)
{
    (void)self;
    atomic_fetch_add(&logged, 1);
}

static void serve(const task_t *self)
{
    wg_add(self->group, 1); /* the group of the parent, even if it has been closed meanwhile */
    start((unsigned)atomic_fetch_add(&served, 1), (task_t){ .group = self->group, .run = write_log });
}

static void send_requests(void *arg)
{
    (void)arg;
    bool first = true;
    for (wg_t *group; (group = enter()) != NULL; first = false) {
        atomic_fetch_add(&admitted, 1);
        run(&(task_t){ .group = group, .run = serve });
        if (first)
            wg_done(first_ones);
    }
}

static bool serve_and_drain(void)
{
    wg_t *const clients = wg_create();
    first_ones = wg_create();
    if (clients == NULL || first_ones == NULL)
        die("wg_create", errno);
    wg_add(first_ones, CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
        const int error = wg_go(clients, send_requests, NULL);
        if (error != 0)
            die("wg_go", error);
    }
    wg_wait(first_ones); /* each client sends requests now, and goes on until one is refused */
    drain();
    const bool all = served > 0 && served == admitted && logged == admitted;
    wg_wait(clients);
    wg_destroy(clients);
    wg_destroy(first_ones);
    printf("drain: %s\n", all && served == admitted ? "each request was served and logged" : "requests were LOST");
    return all;
}

/*
 * Second half: generations.  A task splits its numbers in two until it has only one, and counts that one up.
 */

static int numbers[NUMBERS];

static void split(const task_t *self)
{
    if (self->n == 1) {
        self->numbers[0]++; /* plain memory: the group orders it before the wait */
        return;
    }
    const int left = self->n / 2;
    wg_add(self->group, 2);
    start((unsigned)left, (task_t){ self->group, split, self->numbers, left });
    start((unsigned)self->n, (task_t){ self->group, split, self->numbers + left, self->n - left });
}

/* Counts each number up by one.  Only this thread adds to empty groups, and it waits for all of them. */
static void generation(void)
{
    for (int i = 0; i < WORKERS; i++) {
        const int from = NUMBERS * i / WORKERS, to = NUMBERS * (i + 1) / WORKERS;
        wg_add(shards[i], 1);
        start((unsigned)i, (task_t){ shards[i], split, &numbers[from], to - from });
    }
    for (int i = 0; i < WORKERS; i++)
        wg_wait(shards[i]);
}

static bool count_up(void)
{
    bool all = true;
    for (int g = 1; g <= GENERATIONS; g++) {
        generation();
        for (int i = 0; i < NUMBERS; i++)
            all = all && numbers[i] == g;
    }
    printf("generations: %s\n", all ? "each number was counted up in each" : "tasks were LOST");
    return all;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "sharded: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    wg_t *const threads = wg_create();
    if (threads == NULL)
        die("wg_create", errno);
    find_shards();
    start_workers(threads);
    const bool drained = serve_and_drain();
    reopen();
    const bool counted = count_up();
    stop_workers(threads);
    wg_destroy(threads);
    for (int i = 0; i < SHARDS; i++)
        wg_destroy(shards[i]);
    return drained && counted ? EXIT_SUCCESS : EXIT_FAILURE;
}
