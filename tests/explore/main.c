/* SPDX-License-Identifier: 0BSD */
/* main.c: the options of the explorer, and one search for each client. */
#include "runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Looks for a failure with fewer preemptions and fewer steps than the one found. */
static void shorten(char best[SCHEDULE], unsigned best_steps, unsigned long limit)
{
    const double start = rt_seconds();
    bool found = false;
    rt_search = BOUNDED;
    rt_length_limit = MAX_STEPS;
    for (rt_bound = 0; rt_bound <= 4 && !found; rt_bound++) {
        unsigned long executions = 0;
        rt_depth = 0;
        do {
            if (rt_execute() == FAILED) {
                if (!found || rt_steps < best_steps) {
                    best_steps = rt_steps;
                    rt_schedule_text(best);
                }
                found = true;
                rt_length_limit = best_steps > 1 ? best_steps - 1 : 1;
                rt_depth = rt_steps;
            }
            executions++;
        } while (rt_next() && executions < limit && rt_seconds() - start < 20);
    }
}

typedef struct tally {
    unsigned long complete, cut;
} tally_t;

/* True: no execution failed. */
static bool search(unsigned long max, bool brief, tally_t *tally)
{
    tally_t mine = { 0, 0 };
    rt_search = EXHAUSTIVE;
    rt_depth = 0;
    do {
        const outcome_t outcome = rt_execute();
        if (outcome == CUT) {
            mine.cut++;
            continue;
        }
        mine.complete++;
        if (outcome == FAILED) {
            char schedule[SCHEDULE];
            rt_schedule_text(schedule);
            (void)printf("%-24s FAILED after %lu executions: %s\n", rt_client->name, tally->complete + mine.complete,
                         rt_failure);
            if (brief)
                return false;
            shorten(schedule, rt_steps, 300000);
            (void)printf("  shortest failing schedule found (%s):\n", rt_client->what);
            rt_report(schedule);
            (void)printf("  again: --client %s --replay %s\n", rt_client->name, schedule);
            return false;
        }
        if (mine.complete + mine.cut >= max) {
            (void)printf("%-24s STOPPED after %lu executions: not all were seen\n", rt_client->name, mine.complete);
            return false;
        }
    } while (rt_next());
    tally->complete += mine.complete;
    tally->cut += mine.cut;
    return true;
}

/* True: the client passed. */
static bool explore(unsigned long max, bool brief)
{
    const double start = rt_seconds();
    tally_t tally = { 0, 0 };
    rt_forget_places();
    if (!search(max, brief, &tally))
        return false;
    (void)printf("%-24s %9lu executions, %8lu cut, %6.1f s\n", rt_client->name, tally.complete, tally.cut,
                 rt_seconds() - start);
    (void)fflush(stdout);
    return true;
}

/* True: whichever thread stops, and wherever, all others finish. */
static bool explore_stops(unsigned long max, bool brief)
{
    const double start = rt_seconds();
    tally_t tally = { 0, 0 };
    unsigned places = 0;
    rt_forget_places();
    if (!search(max, brief, &tally))
        return false;
    for (tally = (tally_t){ 0, 0 }; rt_next_stop(); places++)
        if (!search(max, brief, &tally))
            return false;
    if (places == 0)
        (void)printf("%-24s has no thread that may stop\n", rt_client->name);
    else
        (void)printf("%-24s %9lu executions, %8lu cut, %3u places to stop, %6.1f s\n", rt_client->name, tally.complete,
                     tally.cut, places, rt_seconds() - start);
    (void)fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    const char *wanted[64], *replay = NULL;
    unsigned wants = 0;
    unsigned long max = 100000000ul;
    bool brief = false, large = false, compare = false, stops = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--list") == 0) {
            for (const wgx_client_t *const *c = wgx_clients; *c != NULL; c++)
                (void)printf("%s%s: %s\n", (*c)->name, (*c)->large ? " (large)" : "", (*c)->what);
            return 0;
        } else if (strcmp(argv[i], "--brief") == 0) {
            brief = true;
        } else if (strcmp(argv[i], "--compare") == 0) {
            compare = true;
        } else if (strcmp(argv[i], "--stop") == 0) {
            stops = true;
        } else if (strcmp(argv[i], "--large") == 0) {
            large = true;
        } else if (i + 1 < argc && strcmp(argv[i], "--client") == 0 && wants < 64) {
            wanted[wants++] = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--replay") == 0) {
            replay = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--max") == 0) {
            max = strtoul(argv[++i], NULL, 10);
        } else {
            (void)fprintf(stderr,
                          "usage: %s [--list] [--large] [--brief] [--compare] [--stop] [--max EXECUTIONS] "
                          "[--client NAME [--replay SCHEDULE]]...\n",
                          argv[0]);
            return 2;
        }
    }
    rt_start();

    unsigned ran = 0, bad = 0;
    for (const wgx_client_t *const *c = wgx_clients; *c != NULL; c++) {
        bool run = wants == 0 && (large || !(*c)->large);
        for (unsigned w = 0; w < wants; w++)
            run = run || strcmp(wanted[w], (*c)->name) == 0;
        if (!run)
            continue;
        ran++;
        rt_take_client(*c);
        if (compare) {
            bad += !rt_compare_searches(max, stops);
        } else if (replay != NULL) {
            rt_report(replay);
            bad += rt_failure[0] != '\0';
        } else if (stops) {
            bad += !explore_stops(max, brief);
        } else {
            bad += !explore(max, brief);
        }
    }
    if (ran == 0 || ran < wants)
        rt_give_up("no such client");
    return bad == 0 ? 0 : 1;
}
