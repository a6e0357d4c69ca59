/* SPDX-License-Identifier: 0BSD */
/*
 * race.h: what the programs for race detectors share: threads, groups on the
 * backend under test, and batons, which order threads behind the detector's back.
 *
 * A baton is a pipe used by plain system calls: no detector takes it for
 * synchronisation.  So a case always runs in the order that it is about, and the
 * only order that the detector knows is that of the group.
 */
#ifndef RACE_H
#define RACE_H

#include <wg/scope.h>
#include <wg/wg.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* With RACE_DLOPEN the library is loaded by name and nothing else in the program sees it. */
#ifdef RACE_DLOPEN
#include <dlfcn.h>
#define FOR_EACH_FUNCTION(do_) \
    do_(add) do_(done) do_(try_add) do_(go) do_(wait) do_(try_wait) do_(wait_for) do_(wait_until) do_(close) \
        do_(count) do_(waiters) do_(create_with) do_(init) do_(attach) do_(destroy) do_(sem_default) do_(sem_futex) \
            do_(sem_posix) do_(sem_dispatch) do_(notify) do_(notify_cancel) do_(wait_any) do_(scope_init) \
                do_(scope_go) do_(scope_go_task) do_(scope_stop) do_(scope_stopped) do_(scope_wait) do_(scope_destroy)
#define DECLARE(name) static __typeof__(wg_##name) *dl_##name __attribute__((unused));
FOR_EACH_FUNCTION(DECLARE)
#define wg_add dl_add
#define wg_done dl_done
#define wg_try_add dl_try_add
#define wg_go dl_go
#define wg_wait dl_wait
#define wg_try_wait dl_try_wait
#define wg_wait_for dl_wait_for
#define wg_wait_until dl_wait_until
#define wg_close dl_close
#define wg_count dl_count
#define wg_waiters dl_waiters
#define wg_create_with dl_create_with
#define wg_init dl_init
#define wg_attach dl_attach
#define wg_destroy dl_destroy
#define wg_sem_default dl_sem_default
#define wg_sem_futex dl_sem_futex
#define wg_sem_posix dl_sem_posix
#define wg_sem_dispatch dl_sem_dispatch
#define wg_notify dl_notify
#define wg_notify_cancel dl_notify_cancel
#define wg_wait_any dl_wait_any
#define wg_scope_init dl_scope_init
#define wg_scope_go dl_scope_go
#define wg_scope_go_task dl_scope_go_task
#define wg_scope_stop dl_scope_stop
#define wg_scope_stopped dl_scope_stopped
#define wg_scope_wait dl_scope_wait
#define wg_scope_destroy dl_scope_destroy
#endif

#define NOINLINE __attribute__((noinline))
#define HOUR_NS ((int64_t)3600 * 1000000000)

static void die(const char *what)
{
    fprintf(stderr, "race: %s\n", what);
    exit(3);
}

static void check(bool holds, const char *what)
{
    if (!holds)
        die(what);
}

static inline void load_library(void)
{
#ifdef RACE_DLOPEN
    void *const library = dlopen(RACE_DLOPEN, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        die(dlerror());
#define LOAD(name) \
    *(void **)&dl_##name = dlsym(library, "wg_" #name); \
    check(dl_##name != NULL, "wg_" #name " is missing");
    FOR_EACH_FUNCTION(LOAD)
#endif
}

typedef struct baton {
    int ends[2];
} baton_t;

static inline void baton_make(baton_t *baton)
{
    check(pipe(baton->ends) == 0, "pipe");
}

static inline void baton_pass(baton_t *baton)
{
    char byte = 0;
    check(syscall(SYS_write, baton->ends[1], &byte, 1) == 1, "write");
}

static inline void baton_take(baton_t *baton)
{
    char byte;
    long got;
    do
        got = syscall(SYS_read, baton->ends[0], &byte, 1);
    while (got < 0 && errno == EINTR);
    check(got == 1, "read");
}

static inline pthread_t start(void *(*fn)(void *), void *arg)
{
    pthread_t thread;
    check(pthread_create(&thread, NULL, fn, arg) == 0, "pthread_create");
    return thread;
}

static inline void join(pthread_t thread)
{
    check(pthread_join(thread, NULL) == 0, "pthread_join");
}

static const wg_sem_ops_t *backend;

static inline void choose_backend(const char *name)
{
    load_library();
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] != NULL && strcmp(all[i]->name, name) == 0)
            backend = all[i];
    if (backend == NULL) {
        fprintf(stderr, "race: the library has no backend %s\n", name);
        exit(77);
    }
}

static inline wg_config_t config_on(const wg_sem_ops_t *sem)
{
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = sem;
    return config;
}

static inline wg_t *make_on(const wg_sem_ops_t *sem)
{
    const wg_config_t config = config_on(sem);
    wg_t *const wg = wg_create_with(&config);
    check(wg != NULL, "wg_create_with");
    return wg;
}

static inline wg_t *make(void)
{
    return make_on(backend);
}

/* A scope whose tasks run on 'threads' threads.  Where the default lender does not do, by 'lend'. */
static inline wg_scope_t *make_scope(wg_scope_storage_t *storage, unsigned threads,
                                     int (*lend)(void *self, void (*run)(void *arg), void *arg))
{
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.threads = threads;
    config.lend = lend;
    wg_scope_t *const scope = wg_scope_init(storage, &config);
    check(scope != NULL, "wg_scope_init");
    return scope;
}

/* By a system call: a program may have a clock_gettime() of its own. */
static inline struct timespec in_an_hour(void)
{
    struct timespec deadline;
    check(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &deadline) == 0, "clock_gettime");
    deadline.tv_sec += 3600;
    return deadline;
}

static inline struct timespec in_a_moment(void)
{
    struct timespec deadline = in_an_hour();
    deadline.tv_sec -= 3600;
    deadline.tv_nsec += 20000000; /* more than a detector takes until the library looks at it */
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    return deadline;
}

/* Looking at a group orders nothing. */
static inline void until_waiters(const wg_t *wg, unsigned n)
{
    while (wg_waiters(wg) != n)
        sched_yield();
}

static inline void until_count(const wg_t *wg, unsigned n)
{
    while (wg_count(wg) != n)
        sched_yield();
}

/*
 * Until the main thread sleeps, as the kernel sees it: by plain system calls, which
 * no detector takes for synchronisation.
 */
static inline void until_main_sleeps(void)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    do {
        sched_yield();
        const long file = syscall(SYS_openat, -100 /* AT_FDCWD */, path, 0 /* O_RDONLY */, 0);
        check(file >= 0, path);
        const long length = syscall(SYS_read, file, text, sizeof text - 1);
        check(length > 0 && syscall(SYS_close, file) == 0, path);
        text[length] = '\0';
    } while (strstr(text, ") S ") == NULL);
}

/* Nothing outside tells it: so the group's first word is read by the system, as for a debugger. */
static inline void until_notice(const wg_t *wg)
{
    uint64_t word = 0;
    const struct iovec to = { &word, sizeof word }, from = { (void *)wg, sizeof word };
    for (;;) {
        check(syscall(SYS_process_vm_readv, getpid(), &to, 1, &from, 1, 0ul) == (long)sizeof word, "process_vm_readv");
        if ((word >> 30 & 1) != 0)
            return;
        sched_yield();
    }
}

typedef struct race_case {
    const char *name;
    void (*run)(void);
} race_case_t;

static inline int run_case(const race_case_t *cases, size_t n, int argc, char **argv)
{
    if (argc < 2) {
        for (size_t i = 0; i < n; i++)
            puts(cases[i].name);
        return 0;
    }
    check(argc >= 3, "usage: <case> <backend> [rounds]");
    if (backend == NULL)
        choose_backend(argv[2]);
    int rounds = argc > 3 ? atoi(argv[3]) : 1;
    for (size_t i = 0; i < n; i++)
        if (strcmp(cases[i].name, argv[1]) == 0) {
            while (rounds-- > 0)
                cases[i].run();
            return 0;
        }
    die("no such case");
    return 3;
}

#endif
