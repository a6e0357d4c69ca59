/* SPDX-License-Identifier: 0BSD */
/*
 * search.c: which execution is next.
 *
 * Depth first; each execution runs from the start.  Source sets and sleep sets
 * (Abdulla, Aronis, Jonsson, Sagonas: Optimal dynamic partial order reduction,
 * POPL 2014) keep one execution per class of equivalent ones.  Some executions turn
 * out to be known only after they have begun.  They are cut.
 */
#include "runtime.h"

static bool dependent(const footprint_t *a, const footprint_t *b)
{
    if (a->word != 0 && b->word != 0 && (a->write || b->write) && a->word < b->word + b->size &&
        b->word < a->word + a->size)
        return true;
    return a->queue != 0 && a->queue == b->queue && !(a->role == b->role && a->role != WAKE_SOME);
}

node_t rt_node[MAX_STEPS];
unsigned rt_depth, rt_step_now, rt_steps;

search_t rt_search;
unsigned rt_bound, rt_length_limit;

unsigned rt_choose(unsigned n)
{
    if (rt_running == MAIN || n <= 1)
        return 0;
    rt_node[rt_step_now].choices = n;
    if (rt_node[rt_step_now].choice >= n)
        rt_give_up("this schedule has a choice that does not exist");
    return rt_node[rt_step_now].choice;
}

event_t *rt_event_now(void)
{
    static event_t of_main;
    return rt_running == MAIN ? &of_main : &rt_node[rt_step_now].event;
}

bool wgx_step(const void *word, unsigned number, wgx_step_t *step)
{
    for (unsigned i = 0; i < rt_steps; i++) {
        const event_t *const event = &rt_node[i].event;
        if (event->print.word != (uintptr_t)word || event->op.kind == YIELD || event->op.kind == FUTEX_WAIT)
            continue;
        if (number-- == 0) {
            *step = (wgx_step_t){ .thread = rt_node[i].thread,
                                  .load = event->op.kind == LOAD,
                                  .write = event->print.write,
                                  .before = event->before,
                                  .after = event->after };
            return true;
        }
    }
    return false;
}

static bool blocking(kind_t kind)
{
    return kind == AWAIT || kind == TAKE || kind == YIELD;
}

/* Step j and a later step i are in a race: let some execution do i first. */
static void reverse(unsigned j, unsigned i)
{
    unsigned initials = 0, members = 0;
    unsigned member[MAX_STEPS];
    for (unsigned k = j + 1; k <= i; k++) {
        const vclock_t *const past = &rt_node[k].event.past;
        if (k != i && past->at[rt_node[j].thread] > j)
            continue; /* after j */
        const unsigned t = rt_node[k].thread;
        bool first = true;
        for (unsigned m = 0; m < members && first; m++)
            first = past->at[rt_node[member[m]].thread] <= member[m];
        if (first)
            initials |= 1u << t;
        member[members++] = k;
    }
    initials &= rt_node[j].enabled;
    if (initials == 0 || (initials & (rt_node[j].backtrack | rt_node[j].done | rt_node[j].sleep)) != 0)
        return;
    rt_node[j].backtrack |= initials & -initials;
}

/* Step i has run.  Finds the steps before it, and those with which it is in a race. */
static void note_past(unsigned i, int previous, int woken_by)
{
    event_t *const event = &rt_node[i].event;
    const unsigned t = rt_node[i].thread;
    vclock_t past = { { 0 } };
    if (previous >= 0)
        past = rt_node[previous].event.past;
    if (woken_by >= 0)
        rt_join(&past, &rt_node[woken_by].event.past);
    const vclock_t own = past;
    unsigned races[MAX_STEPS], count = 0;
    for (unsigned j = i; j-- > 0;) {
        if (rt_node[j].thread == t || !dependent(&rt_node[j].event.print, &event->print))
            continue;
        const bool direct = past.at[rt_node[j].thread] <= j;
        if (direct || (blocking(event->op.kind) && own.at[rt_node[j].thread] <= j))
            races[count++] = j;
        rt_join(&past, &rt_node[j].event.past);
    }
    event->past = past;
    event->past.at[t] = (uint16_t)(i + 1);
    if (rt_search == EXHAUSTIVE)
        for (unsigned r = 0; r < count; r++) {
            /*
             * The past of i also holds steps that come before i only through j.
             * reverse() needs the past without these steps.
             */
            const vclock_t full = event->past;
            vclock_t without = own;
            for (unsigned k = i; k-- > 0;)
                if (rt_node[k].thread != t && without.at[rt_node[k].thread] <= k && k > races[r] &&
                    rt_node[k].event.past.at[rt_node[races[r]].thread] <= races[r] &&
                    dependent(&rt_node[k].event.print, &event->print))
                    rt_join(&without, &rt_node[k].event.past);
            event->past = without;
            reverse(races[r], i);
            event->past = full;
        }
}

static unsigned costs(unsigned i, unsigned t)
{
    /* A preemption: the thread of the step before could have gone on. */
    return i > 0 && rt_node[i - 1].thread != t && (rt_node[i].enabled >> rt_node[i - 1].thread & 1) != 0;
}

unsigned rt_cost(unsigned i, unsigned t)
{
    return i == 0 ? 0 : rt_node[i - 1].cost + (rt_node[i - 1].choice != 0) + costs(i, t);
}

static unsigned first_of(unsigned set, unsigned i)
{
    if (i > 0 && (set >> rt_node[i - 1].thread & 1) != 0)
        return rt_node[i - 1].thread;
    return (unsigned)__builtin_ctz(set);
}

/* The threads that need not run at step i: the search knows what would come of it. */
static unsigned asleep_at(unsigned i, unsigned able)
{
    unsigned set = 0;
    if (i == 0)
        return 0;
    const node_t *const before = &rt_node[i - 1];
    for (unsigned t = 0; t < rt_thread_count; t++)
        if (((before->sleep | before->done) & able) >> t & 1) {
            const footprint_t print = rt_possible(&rt_threads[t]);
            const bool woken = rt_threads[t].woken_by == (int)i - 1; /* then it can no longer do what it could before */
            if (t != before->thread && !woken && !dependent(&print, &before->event.print))
                set |= 1u << t;
        }
    return set;
}

bool rt_plan(unsigned i, unsigned able)
{
    node_t *const n = &rt_node[i];
    if (rt_search == REPLAY)
        return false;
    n->choice = 0;
    n->done = 0;
    n->enabled = able;
    n->sleep = rt_search == BOUNDED ? 0 : asleep_at(i, able);
    unsigned set = able & ~n->sleep;
    if (rt_search == BOUNDED)
        for (unsigned t = 0; t < rt_thread_count; t++)
            if ((set >> t & 1) != 0 && rt_cost(i, t) > rt_bound)
                set &= ~(1u << t);
    if (set == 0)
        return false;
    n->thread = first_of(set, i);
    switch (rt_search) {
    case BOUNDED:
        n->backtrack = set;
        break;
    case SLEEP_ONLY:
        n->backtrack = able;
        break;
    default:
        n->backtrack = 1u << n->thread;
    }
    return true;
}

void rt_learn(unsigned i, int previous, int woken_by)
{
    node_t *const n = &rt_node[i];
    note_past(i, previous, woken_by);
    if (rt_search == EXHAUSTIVE && !rt_failed)
        for (unsigned t = 0; t < rt_thread_count; t++)
            if (t != n->thread && (n->enabled >> t & 1) != 0 &&
                (!rt_enabled(&rt_threads[t]) || rt_threads[t].woken_by == (int)i) && (n->sleep >> t & 1) == 0)
                n->backtrack |= 1u << t; /* it can no longer do what it could before */
}

/* The next execution of the search.  False: there is none. */
bool rt_next(void)
{
    while (rt_depth > 0) {
        node_t *const n = &rt_node[rt_depth - 1];
        const unsigned i = rt_depth - 1;
        if (n->choice + 1 < n->choices && (rt_search != BOUNDED || n->cost + 1 <= rt_bound)) {
            n->choice++;
            return true;
        }
        n->done |= 1u << n->thread;
        const unsigned left = n->backtrack & ~n->done & ~n->sleep;
        if (left != 0) {
            n->thread = first_of(left, i);
            n->choice = 0;
            n->choices = 1;
            return true;
        }
        rt_depth--;
    }
    return false;
}
