/* SPDX-License-Identifier: 0BSD */
/*
 * notices.c: scene "notices": notices are called, withdrawn and waited for while tasks
 * end.
 *
 * Two owners and two workers have three groups.  An owner registers notices, withdraws
 * some at random, and waits for any of the groups.  The workers count off.  A notice
 * that is not withdrawn is called once, and finds what the tasks wrote without atomics.
 */
#include "scene.h"
#include "tally.h"
#include "weather.h"

#include <pthread.h>
#include <string.h>

#define SETS 3
#define WORKERS 2
#define BELLS 4

typedef struct set {
    wg_t *wg;
    uint64_t stamp;
    uint64_t work[WORKERS]; /* the group must order it */
} set_t;

typedef struct bell {
    wg_notice_t notice;
    const set_t *set;
    atomic_uint rung;
} bell_t;

typedef struct table {
    set_t sets[SETS];
} table_t;

typedef struct hand {
    table_t *table;
    unsigned number;
    uint64_t seed;
    pthread_t thread;
} hand_t;

static void check_all_done(const set_t *set)
{
    for (unsigned i = 0; i < WORKERS; i++)
        CHECK(set->work[i] == set->stamp + i);
}

static void ring(void *arg)
{
    bell_t *const bell = arg;
    check_all_done(bell->set);
    tally(NOTICES, 1);
    atomic_fetch_add_explicit(&bell->rung, 1, memory_order_release);
}

static void until_rung(bell_t *bell)
{
    while (atomic_load_explicit(&bell->rung, memory_order_acquire) == 0)
        nap(1);
}

static void *count_off(void *arg)
{
    hand_t *const self = arg;
    for (unsigned i = 0; i < SETS; i++) {
        set_t *const set = &self->table->sets[i];
        linger(&self->seed);
        set->work[self->number] = set->stamp + self->number;
        if (pick(&self->seed, 2) == 0) { /* adds a subtask */
            wg_add(set->wg, 1);
            wg_done(set->wg);
        }
        wg_done(set->wg);
    }
    return NULL;
}

static void ring_and_withdraw(set_t *set, uint64_t *seed)
{
    bell_t bells[BELLS];
    bool registered[BELLS];
    for (unsigned i = 0; i < BELLS; i++) {
        memset(&bells[i], 0, sizeof bells[i]);
        bells[i].set = set;
        registered[i] = wg_notify(set->wg, &bells[i].notice, ring, &bells[i]);
        if (!registered[i])
            check_all_done(set);
    }
    linger(seed);
    for (unsigned i = 0; i < BELLS; i++) {
        if (!registered[i])
            continue;
        if (pick(seed, 2) == 0 && wg_notify_cancel(set->wg, &bells[i].notice)) {
            CHECK(atomic_load(&bells[i].rung) == 0);
            tally(WITHDRAWN, 1);
        } else {
            until_rung(&bells[i]);
        }
        CHECK(atomic_load(&bells[i].rung) <= 1);
    }
}

/* Waits until each group has been found.  A group that was found is left out from then on. */
static void find_all(table_t *table, uint64_t *seed)
{
    wg_choice_t choices[SETS];
    set_t *sets[SETS];
    unsigned left = SETS;
    for (unsigned i = 0; i < SETS; i++)
        sets[i] = &table->sets[i];
    while (left > 0) {
        struct timespec deadline;
        size_t which;
        for (unsigned i = 0; i < left; i++)
            choices[i].wg = sets[i]->wg;
        const int64_t end_ns = now_ns() + (int64_t)pick(seed, TIMEOUT_MAX_US) * 1000;
        deadline.tv_sec = (time_t)(end_ns / 1000000000);
        deadline.tv_nsec = (long)(end_ns % 1000000000);
        const int result = wg_wait_any(choices, left, pick(seed, 2) == 0 ? &deadline : NULL, &which);
        if (result == ETIMEDOUT) {
            CHECK(now_ns() >= end_ns);
            continue;
        }
        CHECK(result == 0 && which < left);
        check_all_done(sets[which]);
        sets[which] = sets[--left];
        tally(FOUND, 1);
    }
}

static void *own(void *arg)
{
    hand_t *const self = arg;
    if (pick(&self->seed, 2) == 0)
        for (unsigned i = 0; i < SETS; i++)
            ring_and_withdraw(&self->table->sets[i], &self->seed);
    find_all(self->table, &self->seed);
    return NULL;
}

static void play_table(table_t *table, uint64_t *seed)
{
    hand_t hands[WORKERS + 1];
    for (unsigned i = 0; i < SETS; i++) {
        table->sets[i].stamp = sow(seed);
        wg_add(table->sets[i].wg, WORKERS);
    }
    for (unsigned i = 0; i <= WORKERS; i++) {
        hands[i] = (hand_t){ .table = table, .number = i, .seed = sow(seed) };
        CHECK(pthread_create(&hands[i].thread, NULL, i < WORKERS ? count_off : own, &hands[i]) == 0);
    }
    hand_t self = { .table = table, .seed = sow(seed) };
    own(&self);
    for (unsigned i = 0; i <= WORKERS; i++)
        pthread_join(hands[i].thread, NULL);
}

void play_notices(scene_t *scene)
{
    while (scene_goes_on(scene)) {
        wg_config_t config = WG_CONFIG_INIT;
        table_t table;
        config.sem = draw_backend(&scene->seed, false);
        memset(&table, 0, sizeof table);
        for (unsigned i = 0; i < SETS; i++) {
            table.sets[i].wg = wg_create_with(&config);
            CHECK(table.sets[i].wg != NULL);
        }
        for (unsigned generations = 1 + pick(&scene->seed, GENERATIONS_MAX); generations > 0; generations--) {
            hear_signals(pick(&scene->seed, 2) == 0);
            play_table(&table, &scene->seed);
        }
        for (unsigned i = 0; i < SETS; i++)
            wg_destroy(table.sets[i].wg);
    }
}
