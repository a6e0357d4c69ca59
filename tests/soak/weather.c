/* SPDX-License-Identifier: 0BSD */
/* weather.c: signals to any thread, threads moved to other processors, pages taken away. */
#include "weather.h"

#include "pages.h"
#include "scene.h"
#include "suite.h"
#include "tally.h"

#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void on_signal(int number)
{
    (void)number;
    tally(SIGNALS, 1);
    if (is_awaiting())
        tally(SIGNALS_IN_WAITS, 1);
}

void weather_prepare(void)
{
    const struct sigaction action = { .sa_handler = on_signal }; /* without SA_RESTART: every sleep is interrupted */
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
}

bool weather_has_signals(void)
{
    return !SUITE_TSAN;
}

void hear_signals(bool hear)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(pthread_sigmask(hear ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL) == 0);
}

/* Calls fn for each thread of this process.  The thread may be gone by then. */
static void for_threads(void (*fn)(pid_t thread, void *arg), void *arg)
{
    DIR *const threads = opendir("/proc/self/task");
    CHECK(threads != NULL);
    for (const struct dirent *entry; (entry = readdir(threads)) != NULL;)
        if (entry->d_name[0] != '.')
            fn(atoi(entry->d_name), arg);
    closedir(threads);
}

/* Signals a thread, not the process: a signal to the process goes to its main thread, which hardly ever waits. */
static void signal_one(pid_t thread, void *arg)
{
    if (pick(arg, SIGNAL_CHANCE) == 0)
        syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
}

static void send_signals(uint64_t *seed)
{
    for_threads(signal_one, seed);
    for (unsigned i = 0; child(i) != 0; i++)
        kill(child(i), SIGUSR1);
}

typedef struct move {
    uint64_t *seed;
    cpu_set_t all, one;
} move_t;

static void move_one(pid_t thread, void *arg)
{
    const move_t *const move = arg;
    sched_setaffinity(thread, sizeof move->one, pick(move->seed, 2) ? &move->one : &move->all);
}

/* Binds some threads to one processor, and lets the others run on all. */
static void move_threads(move_t *move)
{
    unsigned skip = pick(move->seed, (unsigned)CPU_COUNT(&move->all));
    CPU_ZERO(&move->one);
    for (int cpu = 0; CPU_COUNT(&move->one) == 0; cpu++)
        if (CPU_ISSET(cpu, &move->all) && skip-- == 0)
            CPU_SET(cpu, &move->one);
    for_threads(move_one, move);
    for (unsigned i = 0; child(i) != 0; i++)
        move_one(child(i), move);
    tally(MOVES, 1);
}

void *weather(void *arg)
{
    uint64_t seed = *(uint64_t *)arg;
    move_t move = { .seed = &seed };
    CHECK(sched_getaffinity(0, sizeof move.all, &move.all) == 0);
    while (!is_ending()) {
        if (weather_has_signals())
            send_signals(&seed);
        if (pick(&seed, MOVE_CHANCE) == 0)
            move_threads(&move);
        pages_evict(&seed);
        nap(TICK_NS);
    }
    return NULL;
}
