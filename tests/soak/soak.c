/* SPDX-License-Identifier: 0BSD */
/*
 * soak.c: puts load and faults on the library for a given time, and checks invariants all the while:
 * wg_soak [SECONDS [SEED]].
 *
 * Scenes run at once, each on groups of its own (groups.c, drain.c, notices.c,
 * shared.c, starved.c).  Meanwhile signals come, waiters and tasks are cancelled,
 * processes are stopped, threads move from processor to processor, pages are taken from
 * groups, and memory is denied.  A round that does not end is a hang, and stops the
 * run.  At the end the program prints what happened, each with its rate, and fails if
 * a fault never happened.
 */
#include "pages.h"
#include "scene.h"
#include "suite.h"
#include "tally.h"
#include "weather.h"

#include <stdio.h>
#include <stdlib.h>

static void start_processes(uint64_t *seed, void *commons[2])
{
    const wg_sem_ops_t *const shareable[2] = { wg_sem_futex(), SUITE_TSAN ? NULL : wg_sem_posix() };
    for (unsigned i = 0; i < 2; i++)
        commons[i] = shareable[i] != NULL ? shared_make(shareable[i]) : NULL;
    if (commons[0] == NULL && commons[1] == NULL) {
        tally_excuse(PROCESS_ROUNDS);
        tally_excuse(STOPS);
    }
    for (unsigned i = 0; i < SCENES_EACH && can_starve(); i++)
        scene_fork("starved", play_starved, sow(seed));
    if (!can_starve()) {
        puts("under a sanitizer, memory is not denied: the sanitizer would stop the program");
        tally_excuse(GROUPS_DENIED);
        tally_excuse(TASKS_DENIED);
    }
}

static void start_threads(uint64_t *seed, void *commons[2])
{
    for (unsigned i = 0; i < 2; i++)
        if (commons[i] != NULL)
            scene_start("shared", play_shared, commons[i], sow(seed));
    for (unsigned i = 0; i < SCENES_EACH; i++) {
        scene_start("groups", play_groups, NULL, sow(seed));
        scene_start("drain", play_drain, NULL, sow(seed));
        scene_start("notices", play_notices, NULL, sow(seed));
    }
}

int main(int argc, char **argv)
{
    const double seconds = argc > 1 ? atof(argv[1]) : SECONDS_DEFAULT;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)now_ns();
    printf("soak for %.0f s, seed %llu\n", seconds, (unsigned long long)(seed |= 1));
    fflush(stdout);

    tally_make();
    pages_make();
    scenes_make();
    weather_prepare();
    hear_signals(false);
    void *commons[2];
    start_processes(&seed, commons);
    fflush(stdout);

    const int64_t began = now_ns();
    pthread_t clouds;
    uint64_t weather_seed = sow(&seed);
    start_threads(&seed, commons);
    if (!weather_has_signals()) {
        puts("under ThreadSanitizer there are no signals: one that meets the end of a thread stops the program");
        tally_excuse(SIGNALS);
        tally_excuse(SIGNALS_IN_WAITS);
    }
    CHECK(pthread_create(&clouds, NULL, weather, &weather_seed) == 0);
    scenes_watch(seconds);
    pthread_join(clouds, NULL);

    tally_print((double)(now_ns() - began) / 1e9);
    if (seconds >= SURE_S)
        tally_demand_all();
    puts("no hang, no lost wake, no early return");
    return EXIT_SUCCESS;
}
