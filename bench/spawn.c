/* SPDX-License-Identifier: 0BSD */
/*
 * spawn.c: one thread starts n tasks and waits for all of them, the same for each peer.  ADAPTER names the peer's
 * header; the file is compiled as C or as C++, as the peer needs.
 *
 * Run as: spawn STEPS_PER_US NAME...   Prints one JSON line a figure.
 *
 * Each task adds its result to a number of its own, in plain memory, and each round sums these up after the wait.  So
 * it is seen if a peer returns too early, leaves a task out or runs one twice.
 */
#include ADAPTER

#define ROUNDS_MIN 5 /* a series has at least these rounds: one with 10000 threads takes a second */

static job_t jobs[JOBS_MAX];

/* Returns how long the round took. */
static int64_t spawn_and_check(unsigned n)
{
    spawn_seed++;
    const int64_t begun = now_ns();
    spawn_round(jobs, n);
    const int64_t took = now_ns() - begun;
    uint64_t sum = 0;
    for (unsigned i = 0; i < n; i++) {
        sum += jobs[i].sum;
        jobs[i].sum = 0;
    }
    must(sum == n * work(spawn_seed, spawn_steps), "the sum of the tasks is wrong");
    return took;
}

static void spawn(const char *scenario, unsigned us, unsigned n)
{
    sample_t sample = { NULL, 0, 0 };
    spawn_failed = 0;
    spawn_steps = us * steps_per_us;
    int64_t begun = 0;
    for (const int64_t warm = now_ns() + ROUNDS_NS / 8;;) {
        sample_add(&sample, (double)spawn_and_check(n) / n);
        const int64_t now = now_ns();
        if (begun == 0 && now >= warm) {
            begun = now;
            sample.n = 0;
        }
        if (begun != 0 && sample.n >= ROUNDS_MIN && now - begun >= ROUNDS_NS)
            break;
    }
    if (spawn_failed == 0)
        figure(scenario, "ns", sample_at(&sample, 0.5));
    sample_end(&sample);
}

#define SPAWN(us, n) \
    static void spawn_##us##us_##n(void) \
    { \
        spawn("spawn_" #us "us_" #n, us, n); \
    }
SPAWN(0, 1)
SPAWN(0, 8)
SPAWN(0, 100)
SPAWN(0, 10000)
SPAWN(1, 1)
SPAWN(1, 8)
SPAWN(1, 100)
SPAWN(1, 10000)
SPAWN(20, 1)
SPAWN(20, 8)
SPAWN(20, 100)
SPAWN(20, 10000)

#ifndef SPAWN_BY_CALLER
/*
 * How much the process grows by when 10000 tasks are started and none can end.
 */
static double memory_before;

static void memory_look(void)
{
    usleep(300000); /* the tasks that run go to sleep at the gate */
    if (spawn_failed == 0)
        figure("spawn_memory", "bytes", resident_bytes() - memory_before);
    gate_open();
}

static void spawn_memory(void)
{
    spawn_failed = 0;
    spawn_steps = 0;
    memset(jobs, 0, sizeof jobs);
    spawn_and_check(1); /* if the peer keeps threads, it starts them now */
    memory_before = resident_bytes();
    spawn_between = memory_look;
    spawn_shut = 1;
    spawn_and_check(JOBS_MAX);
    spawn_between = NULL;
}
#endif

/* A peer must be correct before it is measured. */
static void check(void)
{
    static const unsigned sizes[] = { 1, 3, 8, 100 };
    spawn_steps = 20;
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (unsigned round = 0; round < 50; round++)
            spawn_and_check(sizes[i]);
    figure("check", "passed", 1);
}

static const scenario_t scenarios[] = {
    { "check", check },
    { "spawn_0us_1", spawn_0us_1 },
    { "spawn_0us_8", spawn_0us_8 },
    { "spawn_0us_100", spawn_0us_100 },
    { "spawn_0us_10000", spawn_0us_10000 },
    { "spawn_1us_1", spawn_1us_1 },
    { "spawn_1us_8", spawn_1us_8 },
    { "spawn_1us_100", spawn_1us_100 },
    { "spawn_1us_10000", spawn_1us_10000 },
    { "spawn_20us_1", spawn_20us_1 },
    { "spawn_20us_8", spawn_20us_8 },
    { "spawn_20us_100", spawn_20us_100 },
    { "spawn_20us_10000", spawn_20us_10000 },
#ifndef SPAWN_BY_CALLER
    { "spawn_memory", spawn_memory },
#endif
};

int main(int argc, char **argv)
{
    return run_scenarios(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
