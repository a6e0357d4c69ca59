/* SPDX-License-Identifier: 0BSD */
/* drain.c: scene "drain": requests come until the gate is closed.  When a drain has returned 0, none runs. */
#include "scene.h"
#include "tally.h"
#include "weather.h"

#include <pthread.h>

typedef struct gate {
    wg_t *wg;
    atomic_bool stop;
    atomic_int running;
} gate_t;

typedef struct admitter {
    gate_t *gate;
    uint64_t seed;
    pthread_t thread;
} admitter_t;

static void finish(void *arg)
{
    gate_t *const gate = arg;
    atomic_fetch_sub_explicit(&gate->running, 1, memory_order_relaxed);
}

/*
 * A request of n counts.  A counted task may add subtasks, also to a closed group, and
 * may hand its count to another thread.
 */
static void serve(gate_t *gate, uint64_t *seed, unsigned n)
{
    const int subtasks = 1 + (int)pick(seed, SUBTASKS_MAX);
    atomic_fetch_add_explicit(&gate->running, 1, memory_order_relaxed);
    wg_add(gate->wg, subtasks);
    wg_add(gate->wg, -subtasks);
    if (pick(seed, BURST) != 0 || wg_go(gate->wg, finish, gate) != 0)
        finish(gate);
    else
        tally(GONE, 1);
    wg_add(gate->wg, -(int)n);
}

static void *admit(void *arg)
{
    admitter_t *const self = arg;
    gate_t *const gate = self->gate;
    while (!atomic_load_explicit(&gate->stop, memory_order_relaxed)) {
        unsigned admitted = 0;
        for (unsigned n; admitted < BURST && wg_try_add(gate->wg, n = 1 + pick(&self->seed, SUBTASKS_MAX)); admitted++)
            serve(gate, &self->seed, n);
        tally(ADMITTED, admitted);
        if (admitted < BURST)
            tally(REFUSED, 1);
        nap(1); /* gives the processor to the others */
    }
    return NULL;
}

static void drain_once(gate_t *gate, uint64_t *seed)
{
    hear_signals(pick(seed, 2) == 0);
    nap(pick(seed, OPEN_MAX_NS));
    wg_close(gate->wg);
    if (pick(seed, 2) == 0 && await(gate->wg, pick(seed, DRAIN_TIMEOUT_MAX_NS)) == ETIMEDOUT) {
        wg_reopen(gate->wg); /* the drain is called off */
        return;
    }
    await(gate->wg, -1);
    CHECK(atomic_load_explicit(&gate->running, memory_order_relaxed) == 0);
    CHECK(wg_count(gate->wg) == 0 && wg_is_closed(gate->wg));
    wg_reopen(gate->wg);
    tally(DRAINS_DONE, 1);
}

void play_drain(scene_t *scene)
{
    while (scene_goes_on(scene)) {
        wg_config_t config = WG_CONFIG_INIT;
        config.sem = draw_backend(&scene->seed, false);
        gate_t gate = { wg_create_with(&config), false, 0 };
        admitter_t admitters[ADMITTERS_MAX];
        const unsigned count = 1 + pick(&scene->seed, ADMITTERS_MAX);
        CHECK(gate.wg != NULL);
        for (unsigned i = 0; i < count; i++) {
            admitters[i] = (admitter_t){ .gate = &gate, .seed = sow(&scene->seed) };
            CHECK(pthread_create(&admitters[i].thread, NULL, admit, &admitters[i]) == 0);
        }
        for (int drains = 0; drains < DRAINS; drains++)
            drain_once(&gate, &scene->seed);
        wg_close(gate.wg);
        atomic_store(&gate.stop, true);
        for (unsigned i = 0; i < count; i++)
            pthread_join(admitters[i].thread, NULL);
        wg_wait(gate.wg);
        wg_destroy(gate.wg);
    }
}
