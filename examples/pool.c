/* SPDX-License-Identifier: 0BSD */
/*
 * pool.c: a thread pool whose tasks are joined by a group.
 *
 * The pool has a few threads and one queue, and serves any number of users.  Each
 * user joins its own tasks by its own group, and never waits for another's.
 *
 * Two rules keep it right:
 * - Count a task before it is in the queue.  pool_submit() does: a task that were
 *   counted when it starts might start after the wait has found zero.
 * - A task does not wait for tasks of its own pool: if all threads do, none is left
 *   to do the work.  It submits them to its own group, and is done.  The counter
 *   cannot touch zero meanwhile, since the task itself is still counted.
 */
#define _POSIX_C_SOURCE 200809L
#include <wg/wg.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "pool: %s: %s\n", what, strerror(error));
    _Exit(EXIT_FAILURE);
}

/*
 * The pool.
 */

typedef struct task {
    struct task *next;
    wg_t *group;
    void (*run)(void *arg);
    void *arg;
} task_t;

typedef struct pool {
    pthread_mutex_t mutex;
    pthread_cond_t more;
    task_t *first, **end;
    bool stopping;
    wg_t *threads;
} pool_t;

static void pool_thread(void *arg)
{
    pool_t *const pool = arg;
    for (;;) {
        pthread_mutex_lock(&pool->mutex);
        while (pool->first == NULL && !pool->stopping)
            pthread_cond_wait(&pool->more, &pool->mutex);
        task_t *const task = pool->first;
        if (task != NULL && (pool->first = task->next) == NULL)
            pool->end = &pool->first;
        pthread_mutex_unlock(&pool->mutex);
        if (task == NULL)
            return;

        const task_t copy = *task;
        free(task);
        copy.run(copy.arg);
        wg_done(copy.group); /* the user may destroy the group now */
    }
}

/* Runs run(arg) on a thread of the pool, counted in 'group'. */
static void pool_submit(pool_t *pool, wg_t *group, void (*run)(void *arg), void *arg)
{
    task_t *const task = malloc(sizeof *task);
    if (task == NULL)
        die("memory", ENOMEM);
    *task = (task_t){ .group = group, .run = run, .arg = arg };
    wg_add(group, 1);

    pthread_mutex_lock(&pool->mutex);
    *pool->end = task;
    pool->end = &task->next;
    pthread_cond_signal(&pool->more);
    pthread_mutex_unlock(&pool->mutex);
}

static void pool_start(pool_t *pool, int threads)
{
    *pool = (pool_t){ .mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .threads = wg_create() };
    pool->end = &pool->first;
    if (pool->threads == NULL)
        die("wg_create", errno);
    for (int i = 0; i < threads; i++) {
        const int error = wg_go(pool->threads, pool_thread, pool);
        if (error != 0 && i == 0)
            die("wg_go", error);
        if (error != 0)
            break; /* those that run will do */
    }
}

/* Does what is in the queue, then ends the threads. */
static void pool_stop(pool_t *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->mutex);
    wg_wait(pool->threads);
    wg_destroy(pool->threads);
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->mutex);
}

/*
 * A user: sorts numbers.  A task cuts its range in two, submits one half, and goes
 * on with the other.
 */

enum { NUMBERS = 300000, SMALL = 2000, SQUARES = 1000, THREADS = 4 };

static pool_t pool;
static wg_t *sorting, *squaring;

typedef struct range {
    uint32_t *numbers;
    size_t n;
} range_t;

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Moves the numbers below the one in the middle to the front; returns where that one is now. */
static size_t partition(uint32_t *numbers, size_t n)
{
    size_t border = 0;
    const uint32_t pivot = numbers[n / 2];
    numbers[n / 2] = numbers[n - 1];
    for (size_t i = 0; i < n - 1; i++)
        if (numbers[i] < pivot) {
            const uint32_t x = numbers[i];
            numbers[i] = numbers[border];
            numbers[border++] = x;
        }
    numbers[n - 1] = numbers[border];
    numbers[border] = pivot;
    return border;
}

static void sort(void *arg);

static void submit_sort(uint32_t *numbers, size_t n)
{
    range_t *const range = malloc(sizeof *range);
    if (range == NULL)
        die("memory", ENOMEM);
    *range = (range_t){ numbers, n };
    pool_submit(&pool, sorting, sort, range);
}

static void sort(void *arg)
{
    range_t range = *(range_t *)arg;
    free(arg);
    while (range.n > SMALL) {
        const size_t middle = partition(range.numbers, range.n);
        submit_sort(range.numbers, middle);
        range = (range_t){ range.numbers + middle + 1, range.n - middle - 1 };
    }
    qsort(range.numbers, range.n, sizeof *range.numbers, compare);
}

/* Another user. */
static void square(void *arg)
{
    uint64_t *const number = arg;
    *number *= *number;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "pool: it takes no argument: '%s'\n", argv[1]);
        return 2;
    }
    static uint32_t numbers[NUMBERS];
    static uint64_t squares[SQUARES];
    uint32_t random = 1;
    uint64_t before = 0, after = 0, sum = 0;

    for (size_t i = 0; i < NUMBERS; i++) {
        random = random * 1664525 + 1013904223;
        before += numbers[i] = random;
    }
    for (size_t i = 0; i < SQUARES; i++)
        squares[i] = i + 1;

    sorting = wg_create();
    squaring = wg_create();
    if (sorting == NULL || squaring == NULL)
        die("wg_create", errno);
    pool_start(&pool, THREADS);
    submit_sort(numbers, NUMBERS);
    for (size_t i = 0; i < SQUARES; i++)
        pool_submit(&pool, squaring, square, &squares[i]);

    /* Either may be over first.  What its tasks wrote is visible here; no lock is needed to read it. */
    wg_wait(squaring);
    for (size_t i = 0; i < SQUARES; i++)
        sum += squares[i];
    printf("the sum of the squares up to %d is %llu\n", SQUARES, (unsigned long long)sum);

    wg_wait(sorting);
    bool sorted = true;
    for (size_t i = 0; i < NUMBERS; i++) {
        after += numbers[i];
        sorted = sorted && (i == 0 || numbers[i - 1] <= numbers[i]);
    }
    printf("%d numbers are %s\n", NUMBERS, sorted && after == before ? "sorted" : "NOT sorted");

    pool_stop(&pool);
    wg_destroy(squaring);
    wg_destroy(sorting);
    return sorted && after == before ? EXIT_SUCCESS : EXIT_FAILURE;
}
