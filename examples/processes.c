/* SPDX-License-Identifier: 0BSD */
/*
 * processes.c: worker processes that are joined through shared memory.
 *
 * The group lives in the shared memory, beside the jobs and their results.  It was
 * made with WG_PROCESS_SHARED, so each process may map it where it likes: a worker
 * here maps it a second time, at another address, and enters by wg_attach().
 *
 * A process that dies in a job never counts that job off.  So the parent waits in
 * slices, and between them it looks whether a child has died.
 *
 *     processes        counts the primes below 320000, in 4 processes
 *     processes crash  one worker dies in its first job; exit status 1
 */
#define _POSIX_C_SOURCE 200809L
#include <wg/wg.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 4, JOBS = 64, NUMBERS_OF_A_JOB = 5000, SLICE_NS = 50 * 1000 * 1000 };

/* What the processes share.  No pointers: each process may have the memory at another address. */
typedef struct shared {
    wg_storage_t jobs_left;
    atomic_int next_job;
    atomic_int elsewhere; /* workers that saw this at another address than the parent */
    int primes[JOBS];     /* written by the worker that has the job; the group orders it before the parent's reading */
} shared_t;

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "processes: %s: %s\n", what, strerror(error));
    _exit(EXIT_FAILURE);
}

static shared_t *map(int fd)
{
    shared_t *const shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        die("mmap", errno);
    return shared;
}

/* A nameless file: gone when the last process has closed it. */
static int new_shared_file(void)
{
    char name[] = "/tmp/wg-processes-XXXXXX";
    const int fd = mkstemp(name);
    if (fd < 0 || unlink(name) != 0 || ftruncate(fd, sizeof(shared_t)) != 0)
        die("shared file", errno);
    return fd;
}

static int count_primes(int from, int to)
{
    int primes = 0;
    for (int n = from < 2 ? 2 : from; n < to; n++) {
        int d = 2;
        while (d * d <= n && n % d != 0)
            d++;
        primes += d * d > n;
    }
    return primes;
}

/* Does job i, then takes the next free job until none is left. */
static _Noreturn void worker(int fd, shared_t *parents_view, int i, bool crash)
{
    shared_t *const shared = map(fd); /* the parent's view is still there, so this is another address */
    if (shared != parents_view)
        atomic_fetch_add(&shared->elsewhere, 1);
    munmap(parents_view, sizeof *parents_view);

    wg_t *const jobs_left = wg_attach(&shared->jobs_left);
    if (jobs_left == NULL)
        die("wg_attach", errno);
    for (int job = i; job < JOBS; job = atomic_fetch_add(&shared->next_job, 1)) {
        if (crash)
            _exit(3);
        shared->primes[job] = count_primes(job * NUMBERS_OF_A_JOB, (job + 1) * NUMBERS_OF_A_JOB);
        wg_done(jobs_left);
    }
    _exit(EXIT_SUCCESS);
}

/* Reaps the children that have ended; returns how many of them failed. */
static int reap(int options)
{
    int failed = 0, status;
    for (pid_t pid; (pid = waitpid(-1, &status, options)) != 0;) {
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            break;
        failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    return failed;
}

int main(int argc, char **argv)
{
    const bool crash = argc > 1 && strcmp(argv[1], "crash") == 0;
    if (argc > 1 + crash) {
        fprintf(stderr, "processes: it takes no argument but crash: '%s'\n", argv[1 + crash]);
        return 2;
    }
    const int fd = new_shared_file();
    shared_t *const shared = map(fd);

    wg_config_t config = WG_CONFIG_INIT;
    config.flags = WG_PROCESS_SHARED;
    wg_t *jobs_left = wg_init(&shared->jobs_left, &config);
    if (jobs_left == NULL && errno == ENOTSUP) { /* not every semaphore can be shared */
        config.sem = wg_sem_posix();
        jobs_left = wg_init(&shared->jobs_left, &config);
    }
    if (jobs_left == NULL)
        die("wg_init", errno);

    atomic_init(&shared->next_job, WORKERS);
    wg_add(jobs_left, JOBS); /* before any worker can call wg_done() */
    for (int i = 0; i < WORKERS; i++) {
        const pid_t pid = fork();
        if (pid < 0)
            die("fork", errno); /* the workers that run do all the jobs and end */
        if (pid == 0)
            worker(fd, shared, i, crash && i == 0);
    }

    while (wg_wait_for(jobs_left, SLICE_NS) != 0)
        if (reap(WNOHANG) > 0) {
            fprintf(stderr, "processes: a worker has died in its job\n");
            reap(0); /* waits until the others have done the rest */
            fprintf(stderr, "processes: %u job is not done\n", (unsigned)wg_count(jobs_left));
            return EXIT_FAILURE;
        }

    int primes = 0;
    for (int i = 0; i < JOBS; i++)
        primes += shared->primes[i];
    printf("%d primes below %d\n", primes, JOBS * NUMBERS_OF_A_JOB);
    if (reap(0) > 0) /* a worker may still be in its last wg_done(): the memory is its own, too */
        return EXIT_FAILURE;
    printf("%d of %d workers were at another address\n", atomic_load(&shared->elsewhere), WORKERS);
    wg_destroy(jobs_left);
    munmap(shared, sizeof *shared);
    close(fd);
    return EXIT_SUCCESS;
}
