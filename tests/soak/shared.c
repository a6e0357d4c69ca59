/* SPDX-License-Identifier: 0BSD */
/*
 * shared.c: scene "shared": a group of several processes, one of which is stopped and
 * continued at random.
 *
 * Two more groups start the rounds in turn.  A group is armed for the next round when
 * all processes have left its last wait.
 */
#include "pages.h"
#include "scene.h"
#include "tally.h"
#include "weather.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct common {
    wg_storage_t storage, starts[2];
    uint64_t work[PROCESSES]; /* without atomics */
    uint64_t round;           /* without atomics: a start orders it */
    bool end;                 /* without atomics */
    pid_t pids[PROCESSES];
} common_t;

static wg_t *start_of(common_t *common, uint64_t round)
{
    return wg_attach(&common->starts[round % 2]);
}

static _Noreturn void be_worker(common_t *common, unsigned index)
{
    wg_t *const wg = wg_attach(&common->storage);
    hear_signals(index != 0);
    for (uint64_t round = 1;; round++) {
        if (round % PAGE_CHANCE == 0)
            page_evict(common);
        await(start_of(common, round), -1);
        CHECK(common->round == round); /* else the worker began too soon */
        if (common->end)
            _exit(EXIT_SUCCESS);
        common->work[index] = round;
        wg_done(wg);
    }
}

void *shared_make(const wg_sem_ops_t *sem)
{
    common_t *const common = page_take();
    CHECK(common != NULL);
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = sem;
    config.flags = WG_PROCESS_SHARED;
    CHECK(wg_init(&common->storage, &config) != NULL);
    for (unsigned i = 0; i < 2; i++)
        CHECK(wg_init(&common->starts[i], &config) != NULL);
    wg_add(start_of(common, 1), 1);
    for (unsigned i = 0; i < PROCESSES; i++) {
        const pid_t pid = fork_child();
        if (pid == 0)
            be_worker(common, i);
        common->pids[i] = pid; /* by the parent: in the child, pid is 0 */
    }
    return common;
}

static void stop_one(common_t *common, uint64_t *seed)
{
    const pid_t victim = common->pids[pick(seed, PROCESSES)];
    kill(victim, SIGSTOP);
    tally(STOPS, 1);
    (void)await(wg_attach(&common->storage), STOP_NS); /* mostly times out: the victim is stopped */
    kill(victim, SIGCONT);
}

static void start_round(common_t *common, uint64_t round, bool end)
{
    wg_add(wg_attach(&common->storage), end ? 0 : PROCESSES);
    wg_add(start_of(common, round + 1), end ? 0 : 1);
    common->round = round;
    common->end = end;
    wg_done(start_of(common, round));
}

void play_shared(scene_t *scene)
{
    common_t *const common = scene->own;
    wg_t *const wg = wg_attach(&common->storage);
    uint64_t round = 1;
    for (; scene_goes_on(scene); round++) {
        hear_signals(pick(&scene->seed, 2) == 0);
        start_round(common, round, false);
        if (pick(&scene->seed, 4) == 0)
            stop_one(common, &scene->seed);
        await(wg, -1);
        for (unsigned i = 0; i < PROCESSES; i++)
            CHECK(common->work[i] == round);
        tally(PROCESS_ROUNDS, 1);
    }
    start_round(common, round, true);
}
