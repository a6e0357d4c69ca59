/* SPDX-License-Identifier: 0BSD */
/* report.c: schedules as text, and traces with source lines. */
#include "runtime.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const kind_names[] = {
    "load",
    "store",
    "exchange",
    "fetch_add",
    "fetch_sub",
    "fetch_or",
    "fetch_and",
    "fetch_xor",
    "cas",
    "cas",
    "await",
    "take a token",
    "yield until it changes",
    "futex_wait",
    "end of sleep",
    "woken",
    "futex_wake",
};

static void print_source(const char *pc)
{
    char command[256], line[512];
    (void)fflush(stdout);
    (void)snprintf(command, sizeof command, "addr2line -f -i -p -s -e /proc/%ld/exe %s", (long)getpid(), pc);
    FILE *const pipe = popen(command, "r");
    const char *between = "";
    while (pipe != NULL && fgets(line, sizeof line, pipe) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const char *const text = strncmp(line, " (inlined by) ", 14) == 0 ? line + 14 : line;
        (void)printf("%s%s", between, text);
        between = " < ";
    }
    if (pipe != NULL)
        (void)pclose(pipe);
}

static const char *order_name(int order)
{
    static const char *const text[] = { "relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst" };
    return text[order];
}

static void print_stop(void)
{
    const thread_t *const thread = &rt_threads[rt_stop.thread];
    char where[64], what[256], pc[32];
    (void)snprintf(what, sizeof what, "stops for ever before: %s %s", kind_names[thread->next.kind],
                   rt_describe(thread->next.address, where));
    (void)printf("       T%u  %-72s  ", rt_stop.thread, what);
    (void)snprintf(pc, sizeof pc, "0x%zx", (size_t)thread->next.pc);
    print_source(pc);
    (void)printf("\n");
}

static void print_trace(void)
{
    const bool stopped = rt_stopped(&rt_threads[rt_stop.thread]);
    unsigned taken = 0;
    if (stopped && rt_stop.after == 0)
        print_stop();
    for (unsigned i = 0; i < rt_steps; i++) {
        const event_t *const event = &rt_node[i].event;
        const operation_t *const op = &event->op;
        char where[64], what[256], pc[32];
        (void)rt_describe(op->address, where);
        switch (op->kind) {
        case LOAD:
        case AWAIT:
            (void)snprintf(what, sizeof what, "%s %s %s = %#llx%s", kind_names[op->kind], order_name(op->order), where,
                           (unsigned long long)event->before, event->stale ? " (stale)" : "");
            break;
        case YIELD:
        case FUTEX_WAIT:
        case FUTEX_SLEEP:
        case FUTEX_WOKEN:
            (void)snprintf(what, sizeof what, "%s %s%s", kind_names[op->kind], where, event->note);
            break;
        case FUTEX_WAKE:
            (void)snprintf(what, sizeof what, "%s %s, at most %llu, set of woken threads %#llx", kind_names[op->kind],
                           where, (unsigned long long)event->before, (unsigned long long)event->after);
            break;
        default:
            (void)snprintf(what, sizeof what, "%s %s %s: %#llx -> %#llx%s%s", kind_names[op->kind],
                           order_name(op->order), where, (unsigned long long)event->before,
                           (unsigned long long)event->after, event->note, event->stale ? " (stale)" : "");
        }
        (void)printf("  %3u  T%u  %-72s  ", i + 1, rt_node[i].thread, what);
        (void)snprintf(pc, sizeof pc, "0x%zx", (size_t)op->pc);
        print_source(pc);
        (void)printf("\n");
        if (stopped && rt_node[i].thread == rt_stop.thread && ++taken == rt_stop.after)
            print_stop();
    }
}

/*
 * A schedule as text: for each step the digit of its thread, then a letter if the step
 * did not take its first choice.  "T.N:" at the start says that thread T stops after N
 * of its steps.
 */
void rt_schedule_text(char text[SCHEDULE])
{
    if (rt_stop.thread != MAIN)
        text += snprintf(text, 16, "%u.%u:", rt_stop.thread, rt_stop.after);
    for (unsigned i = 0; i < rt_steps; i++) {
        *text++ = (char)('0' + rt_node[i].thread);
        if (rt_node[i].choice != 0)
            *text++ = (char)('a' + rt_node[i].choice - 1);
    }
    *text = '\0';
}

static bool read_schedule(const char *text)
{
    int prefix = 0;
    rt_depth = 0;
    if (sscanf(text, "%u.%u:%n", &rt_stop.thread, &rt_stop.after, &prefix) != 2 || prefix == 0)
        rt_stop.thread = MAIN;
    else if (rt_stop.thread >= rt_thread_count)
        return false;
    for (text += prefix; *text != '\0'; text++) {
        if (*text >= 'a' && *text <= 'z' && rt_depth > 0) {
            rt_node[rt_depth - 1].choice = (unsigned)(*text - 'a') + 1;
        } else if (*text >= '0' && *text < '0' + (char)WGX_THREADS && rt_depth < MAX_STEPS) {
            rt_node[rt_depth].thread = (unsigned)(*text - '0');
            rt_node[rt_depth].choice = 0;
            rt_depth++;
        } else {
            return false;
        }
    }
    return true;
}

double rt_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void rt_report(const char *schedule)
{
    rt_search = REPLAY;
    if (!read_schedule(schedule))
        rt_give_up("this text is not a schedule");
    const outcome_t outcome = rt_execute();
    print_trace();
    if (outcome == FAILED) {
        (void)printf("  %s\n", rt_failure);
        for (int i = 0; i < 2; i++)
            if (rt_failure_pcs[i][0] != '\0') {
                (void)printf("    %s at ", i == 0 ? "this" : "that");
                print_source(rt_failure_pcs[i]);
                (void)printf("\n");
            }
    } else {
        (void)printf("  %s\n", outcome == CUT ? "the schedule ends before the program" : "no failure");
    }
}
