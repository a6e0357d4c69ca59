/* SPDX-License-Identifier: 0BSD */
/*
 * runtime.c: one execution of the library's real code.
 *
 * The library and the clients are compiled with -fsanitize=thread and linked to
 * the __tsan_* functions of calls.c, so that every atomic and plain access comes
 * here.  Logical threads are coroutines.  A step is one atomic or futex operation
 * of one thread and all that it does up to its next one.
 */
#include "runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A fault of the explorer itself is no finding about the library. */
_Noreturn void rt_give_up(const char *why)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "explore: %s\n", why);
    exit(3);
}

thread_t rt_threads[SLOTS];
unsigned rt_running = MAIN;
unsigned rt_thread_count;
static jmp_buf scheduler;
bool rt_modelling;
const wgx_client_t *rt_client;

static unsigned panic_set, panic_count;
char rt_failure[512];
bool rt_failed;
char rt_failure_pcs[2][32];

static _Noreturn void leave(void)
{
    _longjmp(scheduler, 1);
}

_Noreturn void rt_end_execution(void)
{
    rt_failed = true;
    if (rt_running == MAIN)
        _longjmp(rt_threads[MAIN].base, 1);
    leave();
}

void wgx_fail(const char *what)
{
    rt_modelling = false;
    (void)snprintf(rt_failure, sizeof rt_failure, "%s", what);
    rt_end_execution();
}

/* Lets the scheduler run other threads; returns when it is this operation's turn. */
void rt_arrive(const operation_t *op)
{
    thread_t *const self = &rt_threads[rt_running];
    self->next = *op;
    if (rt_running == MAIN)
        return;
    rt_note_place();
    self->saved_errno = errno;
    if (_setjmp(self->here) == 0)
        leave();
    errno = self->saved_errno;
}

/*
 * Panics
 */
static void on_panic(const wg_t *wg, wg_misuse_t what, const char *message)
{
    (void)wg;
    panic_set |= WGX_MISUSE(what);
    panic_count++;
    if ((rt_client->panics & WGX_MISUSE(what)) == 0) {
        char text[400];
        (void)snprintf(text, sizeof text, "panic in T%u that this client does not expect: %s", rt_running, message);
        wgx_fail(text);
    }
    if (rt_running == MAIN)
        wgx_fail("panic in setup or finish");
    rt_threads[rt_running].finished = rt_threads[rt_running].panicked = true; /* as by longjmp out of the handler */
    leave();
}

unsigned wgx_panicked(void)
{
    return panic_set;
}

unsigned wgx_panics(void)
{
    return panic_count;
}

unsigned wgx_self(void)
{
    return rt_running;
}

bool wgx_finished(unsigned thread)
{
    return rt_threads[thread].finished && !rt_threads[thread].panicked;
}

/* A call through a null or wild pointer is a finding, too. */
static void on_crash(int number)
{
    if (!rt_modelling) {
        (void)signal(number, SIG_DFL);
        (void)raise(number);
    }
    wgx_fail(number == SIGSEGV ? "crash: segmentation fault" : "crash");
}

void rt_start(void)
{
    const struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_NODEFER };
    if (sigaction(SIGSEGV, &action, NULL) != 0 || sigaction(SIGBUS, &action, NULL) != 0)
        rt_give_up("sigaction");
    (void)wg_set_panic_handler(on_panic);
}

/*
 * The scheduler
 */
static void coroutine(void)
{
    /* swapcontext() enters here once.  Every execution starts again from here: nothing is left on the stack. */
    if (_setjmp(rt_threads[rt_running].base) == 0)
        (void)swapcontext(&rt_threads[rt_running].context, &rt_threads[MAIN].context);
    rt_modelling = true;
    rt_client->thread[rt_running]();
    rt_threads[rt_running].finished = true;
    leave();
}

static void resume(unsigned t, jmp_buf where)
{
    rt_running = t;
    rt_modelling = true;
    if (_setjmp(scheduler) == 0)
        _longjmp(where, 1);
    rt_modelling = false;
    rt_running = MAIN;
}

footprint_t rt_possible(const thread_t *t)
{
    const operation_t *const op = &t->next;
    footprint_t print = { .word = op->address, .size = (uint8_t)op->size };
    switch (op->kind) {
    case LOAD:
    case AWAIT:
    case YIELD:
        break;
    case FUTEX_WAIT:
        print.queue = op->address;
        break;
    case FUTEX_SLEEP:
        print = (footprint_t){ .queue = op->address };
        break;
    case FUTEX_WOKEN:
        print = (footprint_t){ 0 };
        break;
    case FUTEX_WAKE:
        print = (footprint_t){ .queue = op->address, .role = WAKE_SOME };
        break;
    default:
        print.write = true;
    }
    return print;
}

bool rt_enabled(const thread_t *t)
{
    const operation_t *const op = &t->next;
    if (t->finished || rt_stopped(t))
        return false;
    switch (op->kind) {
    case AWAIT:
        return rt_fetch(op->address, 4) == op->expected;
    case TAKE:
        return op->timed || rt_fetch(op->address, 4) != 0;
    case YIELD:
        return op->address != 0 && rt_stores(op->address, op->size) != t->loaded_store + 1;
    case FUTEX_SLEEP:
        return op->timed || t->spurious > 0;
    default:
        return true;
    }
}

static unsigned enabled_set(void)
{
    unsigned set = 0;
    for (unsigned t = 0; t < rt_thread_count; t++)
        if (rt_enabled(&rt_threads[t]))
            set |= 1u << t;
    return set;
}

static void reset_world(void)
{
    rt_reset_memory();
    panic_set = panic_count = 0;
    rt_failed = false;
    rt_failure[0] = rt_failure_pcs[0][0] = rt_failure_pcs[1][0] = '\0';
    for (unsigned t = 0; t < SLOTS; t++) {
        thread_t *const self = &rt_threads[t];
        self->finished = self->panicked = self->asleep = self->owes = false;
        self->taken = 0;
        self->last_step = self->woken_by = -1;
        self->spurious = rt_client->spurious;
        self->weak_cas = rt_client->weak_cas;
        self->stale = rt_client->stale;
        self->loaded = 0;
        self->saved_errno = 0;
        memset(&self->hb, 0, sizeof self->hb);
        self->hb.at[t] = 1;
    }
}

static void prepare_coroutines(void)
{
    for (volatile unsigned i = 0; i < rt_thread_count; i++) {
        const unsigned t = i;
        if (rt_threads[t].started)
            continue;
        if (getcontext(&rt_threads[t].context) != 0)
            rt_give_up("getcontext");
        rt_threads[t].context.uc_stack.ss_sp = rt_threads[t].stack;
        rt_threads[t].context.uc_stack.ss_size = STACK;
        makecontext(&rt_threads[t].context, coroutine, 0);
        rt_running = t;
        (void)swapcontext(&rt_threads[MAIN].context, &rt_threads[t].context);
        rt_running = MAIN;
        rt_threads[t].started = true;
    }
}

void rt_take_client(const wgx_client_t *which)
{
    rt_client = which;
    for (rt_thread_count = 0; rt_thread_count < WGX_THREADS && rt_client->thread[rt_thread_count] != NULL;
         rt_thread_count++)
        continue;
    prepare_coroutines();
}

/* Runs a function of the client outside its threads.  False: it failed. */
static bool run_main(void (*function)(void))
{
    if (function == NULL)
        return true;
    rt_modelling = true;
    if (_setjmp(rt_threads[MAIN].base) == 0)
        function();
    rt_modelling = false;
    return !rt_failed;
}

/* The outcome of an execution in which no thread can go on. */
static outcome_t verdict(void)
{
    char stuck[128] = "", stopped[64] = "";
    if (rt_stopped(&rt_threads[rt_stop.thread])) {
        if (rt_threads[rt_stop.thread].owes)
            return COMPLETE;
        (void)snprintf(stopped, sizeof stopped, "T%u stops after %u of its steps, then ", rt_stop.thread,
                       rt_stop.after);
    }
    for (unsigned t = 0; t < rt_thread_count; t++)
        if (!rt_threads[t].finished && !rt_stopped(&rt_threads[t])) {
            char word[64];
            (void)snprintf(stuck + strlen(stuck), sizeof stuck - strlen(stuck), " T%u (%s %s)", t,
                           rt_threads[t].asleep ? "asleep on" : "waits for",
                           rt_describe(rt_threads[t].next.address, word));
        }
    if (stuck[0] != '\0' && panic_count == 0) {
        (void)snprintf(rt_failure, sizeof rt_failure, "%sfor ever:%s", stopped, stuck);
        return FAILED;
    }
    if (rt_client->must_panic && panic_count == 0) {
        (void)snprintf(rt_failure, sizeof rt_failure, "a misuse passed silently");
        return FAILED;
    }
    for (unsigned t = 0; t < rt_thread_count; t++)
        rt_join(&rt_threads[MAIN].hb, &rt_threads[t].hb);
    if (panic_count == 0 && stopped[0] == '\0' && !run_main(rt_client->finish))
        return FAILED;
    return run_main(rt_client->judge) ? COMPLETE : FAILED;
}

outcome_t rt_execute(void)
{
    reset_world();
    if (!run_main(rt_client->setup))
        return FAILED;
    for (unsigned t = 0; t < rt_thread_count && !rt_failed; t++) {
        rt_join(&rt_threads[t].hb, &rt_threads[MAIN].hb);
        resume(t, rt_threads[t].base);
    }

    unsigned i = 0;
    bool cut = false;
    for (; !rt_failed; i++) {
        const unsigned able = enabled_set();
        if (able == 0)
            break;
        if (i == MAX_STEPS || (rt_search == BOUNDED && i >= rt_length_limit)) {
            if (rt_search == BOUNDED) {
                cut = true;
                break;
            }
            (void)snprintf(rt_failure, sizeof rt_failure, "no end: a thread loops for ever");
            rt_failed = true;
            break;
        }
        node_t *const n = &rt_node[i];
        const bool given = i < rt_depth;
        const bool known = rt_search != REPLAY && i + 1 < rt_depth; /* an earlier execution ran this step */
        if (!given && !rt_plan(i, able)) {
            cut = true;
            break;
        }
        if (!known)
            n->choices = 1;
        n->enabled = able;
        n->cost = rt_cost(i, n->thread);
        thread_t *const self = &rt_threads[n->thread];
        if (!rt_enabled(self))
            rt_give_up("this schedule runs a thread that cannot run");
        const int woken_by = self->woken_by, previous = self->last_step;
        self->woken_by = -1;
        self->last_step = (int)i;
        self->taken++;
        n->event.op = self->next;
        rt_step_now = i;
        n->event.print = rt_possible(self);
        n->event.before = n->event.after = 0;
        n->event.note = "";
        n->event.stale = false;
        rt_steps = i + 1;
        resume(n->thread, self->here);
        if (!known)
            rt_learn(i, previous, woken_by);
    }
    rt_steps = i;
    if (rt_failed)
        return FAILED;
    rt_depth = i;
    if (cut)
        return CUT;

    return verdict();
}
