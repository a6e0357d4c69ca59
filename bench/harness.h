/* SPDX-License-Identifier: 0BSD */
/*
 * harness.h: clock, threads, work and figures, the same for every peer.  C and C++
 * compilers read it, so it uses only what both know.
 */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))
#define LINE 64

#ifndef SHORT
#define SHORT 1 /* divides all times; a smoke run sets it higher */
#endif
#define ROUNDS_NS (80000000 / SHORT) /* how long a series of rounds lasts */

/* The compiler must not keep values in registers across this: a real program does more than count. */
#define FORGET() __asm__ __volatile__("" ::: "memory")

static inline void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: %s: errno %d\n", PEER_NAME, what, errno);
    abort();
}

static inline int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline double cpu_seconds(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

static inline unsigned cores(void)
{
    cpu_set_t set;
    must(sched_getaffinity(0, sizeof set, &set) == 0, "sched_getaffinity");
    return (unsigned)CPU_COUNT(&set);
}

/* How much memory the process uses. */
static inline double resident_bytes(void)
{
    long size = 0, pages = 0;
    FILE *const file = fopen("/proc/self/statm", "r");
    must(file != NULL && fscanf(file, "%ld %ld", &size, &pages) == 2, "/proc/self/statm");
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* A chain of multiplications: 'steps' of them take the same time for every peer. */
static inline uint64_t work(uint64_t seed, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        __asm__ __volatile__("" : "+r"(seed));
    }
    return seed;
}

/* Steps per microsecond: measured once by run.py and handed to every peer. */
static unsigned steps_per_us;

static inline unsigned calibrate(void)
{
    int64_t best = INT64_MAX;
    for (int i = 0; i < 20; i++) {
        const int64_t begun = now_ns();
        work((uint64_t)begun, 1000000);
        const int64_t took = now_ns() - begun;
        best = took < best ? took : best;
    }
    return (unsigned)(1e9 / (double)best);
}

/*
 * Figures.
 */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct sample {
    double *at;
    size_t n, room;
} sample_t;

static inline void sample_add(sample_t *sample, double value)
{
    if (sample->n == sample->room) {
        sample->room = sample->room != 0 ? 2 * sample->room : 1024;
        sample->at = (double *)realloc(sample->at, sample->room * sizeof *sample->at);
        must(sample->at != NULL, "realloc");
    }
    sample->at[sample->n++] = value;
}

static inline double sample_at(sample_t *sample, double share)
{
    must(sample->n > 0, "no sample");
    qsort(sample->at, sample->n, sizeof *sample->at, by_size);
    const size_t i = (size_t)(share * (double)sample->n);
    return sample->at[i < sample->n ? i : sample->n - 1];
}

static inline void sample_end(sample_t *sample)
{
    free(sample->at);
    memset(sample, 0, sizeof *sample);
}

/* One line for run.py. */
static inline void figure(const char *scenario, const char *metric, double value)
{
    printf("{\"scenario\": \"%s\", \"metric\": \"%s\", \"value\": %.6g}\n", scenario, metric, value);
    fflush(stdout);
}

/*
 * The scenarios that a program of the benchmark has, by name.  A name that the program does not have is passed over
 * and gives no figure.  Without arguments, the program prints the steps per microsecond.
 */

typedef struct scenario {
    const char *name;
    void (*run)(void);
} scenario_t;

static inline int run_scenarios(int argc, char **argv, const scenario_t *scenarios, size_t n)
{
    if (argc < 2) {
        printf("%u\n", calibrate());
        return 0;
    }
    steps_per_us = (unsigned)strtoul(argv[1], NULL, 10);
    for (int i = 2; i < argc; i++)
        for (size_t j = 0; j < n; j++)
            if (strcmp(argv[i], scenarios[j].name) == 0)
                scenarios[j].run();
    return 0;
}

/*
 * A crew: n threads that do fn(index) once in each round.  They poll for a round if
 * there is a core for each of them and for the caller, else they sleep; so the crew
 * itself never takes a core that a task needs.
 */

typedef struct crew {
    uint32_t round __attribute__((aligned(LINE))); /* rounds opened; the futex of the crew */
    uint32_t sleepers;
    uint32_t stop;
    uint32_t back __attribute__((aligned(LINE))); /* ends of fn, in all rounds; the futex of the caller */
    uint32_t gathering;
    unsigned n, polls;
    void (*fn)(unsigned index);
    pthread_t *threads;
    pid_t *tids;
} crew_t;

typedef struct crew_seat {
    crew_t *crew;
    unsigned index;
} crew_seat_t;

#define CREW_POLLS 100000

static inline void futex_sleep(uint32_t *word, uint32_t expected)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static inline void futex_rouse(uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

static inline void crew_await(crew_t *crew, uint32_t seen)
{
    for (unsigned i = 0; i < crew->polls; i++) {
        if (__atomic_load_n(&crew->round, __ATOMIC_ACQUIRE) != seen)
            return;
        FORGET();
    }
    while (__atomic_load_n(&crew->round, __ATOMIC_ACQUIRE) == seen) {
        __atomic_fetch_add(&crew->sleepers, 1, __ATOMIC_SEQ_CST);
        if (__atomic_load_n(&crew->round, __ATOMIC_SEQ_CST) == seen)
            futex_sleep(&crew->round, seen);
        __atomic_fetch_sub(&crew->sleepers, 1, __ATOMIC_SEQ_CST);
    }
}

static void *crew_run(void *given)
{
    const crew_seat_t seat = *(crew_seat_t *)given;
    free(given);
    crew_t *const crew = seat.crew;
    __atomic_store_n(&crew->tids[seat.index], (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
    for (uint32_t round = 0;; round++) {
        crew_await(crew, round);
        if (__atomic_load_n(&crew->stop, __ATOMIC_ACQUIRE) != 0)
            return NULL;
        crew->fn(seat.index);
        const uint32_t back = __atomic_add_fetch(&crew->back, 1, __ATOMIC_SEQ_CST);
        if (back == (round + 1) * crew->n && __atomic_load_n(&crew->gathering, __ATOMIC_SEQ_CST) != 0)
            futex_rouse(&crew->back);
    }
}

static inline crew_t *crew_make(unsigned n, void (*fn)(unsigned index))
{
    void *memory = NULL;
    must(posix_memalign(&memory, LINE, sizeof(crew_t)) == 0, "posix_memalign");
    crew_t *const crew = (crew_t *)memory;
    memset(crew, 0, sizeof *crew);
    crew->n = n;
    crew->fn = fn;
    crew->polls = n < cores() ? CREW_POLLS : 0;
    crew->threads = (pthread_t *)calloc(n, sizeof *crew->threads);
    crew->tids = (pid_t *)calloc(n, sizeof *crew->tids);
    must(crew->threads != NULL && crew->tids != NULL, "calloc");
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    for (unsigned i = 0; i < n; i++) {
        crew_seat_t *const seat = (crew_seat_t *)malloc(sizeof *seat);
        must(seat != NULL, "malloc");
        seat->crew = crew;
        seat->index = i;
        must(pthread_create(&crew->threads[i], &attributes, crew_run, seat) == 0, "pthread_create");
    }
    pthread_attr_destroy(&attributes);
    for (unsigned i = 0; i < n; i++)
        while (__atomic_load_n(&crew->tids[i], __ATOMIC_ACQUIRE) == 0)
            sched_yield();
    return crew;
}

/* Starts a round.  Every thread must be back from the round before. */
static inline void crew_open(crew_t *crew)
{
    __atomic_fetch_add(&crew->round, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&crew->sleepers, __ATOMIC_SEQ_CST) != 0)
        futex_rouse(&crew->round);
}

/* Waits until each thread is back from the round that is open. */
static inline void crew_gather(crew_t *crew)
{
    const uint32_t all = crew->round * crew->n;
    __atomic_store_n(&crew->gathering, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        const uint32_t back = __atomic_load_n(&crew->back, __ATOMIC_SEQ_CST);
        if (back == all)
            break;
        futex_sleep(&crew->back, back);
    }
    __atomic_store_n(&crew->gathering, 0, __ATOMIC_RELAXED);
}

static inline void crew_end(crew_t *crew)
{
    __atomic_store_n(&crew->stop, 1, __ATOMIC_RELEASE);
    crew_open(crew);
    for (unsigned i = 0; i < crew->n; i++)
        pthread_join(crew->threads[i], NULL);
    free(crew->threads);
    free(crew->tids);
    free(crew);
}

/* Whether the thread sleeps in the kernel. */
static inline int asleep(pid_t tid)
{
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)tid);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    must(file >= 0, path);
    const ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    must(length > 0, path);
    text[length] = '\0';
    const char *const name_end = strrchr(text, ')');
    return name_end != NULL && name_end[2] == 'S';
}

#endif
