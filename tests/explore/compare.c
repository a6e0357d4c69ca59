/* SPDX-License-Identifier: 0BSD */
/* compare.c: checks that the reduced search sees the same classes of executions as the unreduced one. */
#include "runtime.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { CLASSES = 1 << 20 };
static uint64_t class_of[2][CLASSES];
static unsigned long class_count[2];

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

/* Executions that differ only in the order of independent steps have the same value. */
static uint64_t class_now(void)
{
    uint64_t sum = 1;
    unsigned ordinal[MAX_STEPS], count[WGX_THREADS] = { 0 };
    for (unsigned i = 0; i < rt_steps; i++) {
        const event_t *const event = &rt_node[i].event;
        ordinal[i] = ++count[rt_node[i].thread];
        uint64_t hash = mix(rt_node[i].thread, ordinal[i]);
        for (unsigned t = 0; t < rt_thread_count; t++)
            hash = mix(hash, event->past.at[t] == 0 ? 0 : ordinal[event->past.at[t] - 1]);
        hash = mix(mix(mix(hash, event->before), event->after), (uint64_t)event->stale);
        hash = mix(mix(hash, event->op.kind), event->note == NULL ? 0 : (uintptr_t)event->note);
        sum += mix(hash, 1);
    }
    return sum | 1;
}

static void note_class(unsigned which)
{
    const uint64_t hash = class_now();
    size_t at = hash % CLASSES;
    while (class_of[which][at] != 0) {
        if (class_of[which][at] == hash)
            return;
        at = (at + 1) % CLASSES;
    }
    class_of[which][at] = hash;
    if (++class_count[which] > CLASSES / 2)
        rt_give_up("too many classes");
}

static bool has_class(unsigned which, uint64_t hash)
{
    for (size_t at = hash % CLASSES; class_of[which][at] != 0; at = (at + 1) % CLASSES)
        if (class_of[which][at] == hash)
            return true;
    return false;
}

typedef struct comparison {
    unsigned long full, reduced, classes, missed, too_large;
    bool by_sleep_sets, failed;
} comparison_t;

/* Adds one comparison.  Where the unreduced search is too long, a search with sleep sets alone replaces it. */
static void compare(unsigned long max, comparison_t *sum)
{
    static const search_t with[2] = { BOUNDED, EXHAUSTIVE };
    unsigned long executions[2] = { 0, 0 };
    memset(class_of, 0, sizeof class_of);
    class_count[0] = class_count[1] = 0;
    rt_bound = UINT_MAX;
    rt_length_limit = MAX_STEPS;
    rt_search = with[0];
    for (unsigned which = 0; which < 2; which++) {
        rt_depth = 0;
        do {
            if (which == 0 && executions[0] == max) {
                if (rt_search == SLEEP_ONLY) {
                    sum->too_large++;
                    return;
                }
                rt_search = SLEEP_ONLY;
                sum->by_sleep_sets = true;
                memset(class_of, 0, sizeof class_of);
                class_count[0] = executions[0] = 0;
                rt_depth = 0;
                continue;
            }
            const outcome_t outcome = rt_execute();
            if (outcome == FAILED) {
                sum->failed = true;
                return;
            }
            if (outcome == COMPLETE) {
                executions[which]++;
                note_class(which);
            }
        } while (rt_depth == 0 || rt_next());
        rt_search = with[1];
    }
    for (size_t i = 0; i < CLASSES; i++) {
        sum->missed += class_of[0][i] != 0 && !has_class(1, class_of[0][i]);
        sum->missed += class_of[1][i] != 0 && !has_class(0, class_of[1][i]);
    }
    sum->full += executions[0];
    sum->reduced += executions[1];
    sum->classes += class_count[0];
}

bool rt_compare_searches(unsigned long max, bool stops)
{
    comparison_t sum = { 0 };
    unsigned long searches = 0;
    rt_forget_places();
    do {
        compare(max, &sum);
        searches++;
    } while (!sum.failed && stops && rt_next_stop());
    if (sum.failed) {
        (void)printf("%-24s FAILED: %s\n", rt_client->name, rt_failure);
        return false;
    }
    if (searches > sum.too_large)
        (void)printf("%-24s %8lu executions %s, %6lu reduced, %6lu classes, %lu missed", rt_client->name, sum.full,
                     sum.by_sleep_sets ? "by sleep sets" : "unreduced", sum.reduced, sum.classes, sum.missed);
    else
        (void)printf("%-24s", rt_client->name);
    if (sum.too_large > 0)
        (void)printf(" (%lu of %lu searches too large to compare)", sum.too_large, searches);
    (void)printf("\n");
    (void)fflush(stdout);
    return sum.missed == 0;
}
