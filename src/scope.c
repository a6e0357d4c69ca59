/* SPDX-License-Identifier: 0BSD */
/*
 * scope.c: scopes: a queue of tasks, and the threads that are lent to it.
 *
 * A wait group counts the threads, not the tasks: one wg_add() and one wg_done() for
 * each thread that is lent.  A lent thread runs tasks until none is queued, then
 * leaves.  The wait does the same, then waits for the group.
 *
 * Why no task is left behind.  The owner adds tasks before its wait, and others add
 * them inside a task.  A thread that has run a task looks at the queue again before it
 * leaves.  So after each add, a thread that is inside will look at the queue.
 *
 * A thread that was asked for may never come.  So no thread may wait for it: whoever
 * finds the queue empty during the wait calls it off.  The ticket that it was given
 * decides, by one exchange, whether it came before that.
 */
#include "wg/scope.h"

#include "annotate.h"
#include "cancel.h"
#include "config.h"
#include "lock.h"
#include "panic.h"
#include "processors.h"
#include "thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct ticket ticket_t;

struct wg_scope {
    wg_storage_t group; /* counts the threads that are lent or on their way */
    wgi_lock_t lock;    /* holds what follows, up to 'misused' */
    wg_task_t *first, *last;
    ticket_t *ticket; /* of the thread that is on its way */
    int (*lend)(void *self, void (*run)(void *arg), void *arg);
    void *self;
    unsigned threads, queue; /* of the config */
    unsigned queued;         /* tasks that have not begun */
    unsigned lent;           /* threads that have come and not left */
    unsigned char phase;     /* of the enum below */
    bool refused;            /* no thread could be had, and none has left since */
    bool misused;
    atomic_bool stopped; /* these two need no lock */
    atomic_int error;
};
_Static_assert(sizeof(wg_scope_t) <= sizeof(wg_scope_storage_t) && _Alignof(wg_scope_t) <= 8, "must fit");

/* Where the thread that waits is: not in the wait; in it and running tasks; waiting for the group. */
enum { OUTSIDE, HELPING, WAITING };

/* What a thread is asked for with.  It outlives the scope if the thread comes late. */
struct ticket {
    _Atomic(wg_scope_t *) scope; /* NULL: the thread has come, or was called off */
};

static wg_t *group_of(wg_scope_t *scope)
{
    return (wg_t *)&scope->group;
}

/* Locked. */
static _Noreturn void report(wg_scope_t *scope, wg_misuse_t misuse)
{
    const uint32_t threads = wg_count(group_of(scope));
    const bool waits = scope->phase != OUTSIDE;
    scope->misused = true;
    wgi_unlock(&scope->lock);
    wgi_panic((const wg_t *)scope, misuse, (int32_t)threads, waits, 0);
}

/*
 * Threads: asked for by a ticket, called off, lent, gone.
 */

/*
 * The scope, for the first that asks; NULL for the second, which frees the ticket.
 * acq_rel: the second frees what the first has used.
 */
static wg_scope_t *claim_ticket(ticket_t *ticket)
{
    return atomic_exchange_explicit(&ticket->scope, NULL, memory_order_acq_rel);
}

/* Locked.  A ticket for one more thread; NULL: none is wanted now. */
static ticket_t *new_ticket(wg_scope_t *scope)
{
    const unsigned kept = scope->phase != WAITING; /* the place of the thread that waits */
    if (scope->ticket != NULL || scope->refused || scope->lent + kept >= scope->threads)
        return NULL;
    ticket_t *const ticket = malloc(sizeof *ticket);
    if (ticket == NULL) {
        scope->refused = true;
        return NULL;
    }
    atomic_init(&ticket->scope, scope);
    scope->ticket = ticket;
    wg_add(group_of(scope), 1);
    return ticket;
}

/* Locked.  The thread that is on its way need not come. */
static void call_off(wg_scope_t *scope)
{
    if (scope->ticket == NULL || claim_ticket(scope->ticket) == NULL)
        return; /* it has come already, and will find the queue empty */
    scope->ticket = NULL;
    wg_done(group_of(scope)); /* wakes nobody: the thread that calls is counted, or will wait itself */
}

static void run_until_empty(void *given);

/* Reports that a task has ended its thread. */
static void report_exit(void *given)
{
    wg_scope_t *const scope = given;
    wgi_lock(&scope->lock);
    report(scope, WG_MISUSE_TASK_EXIT);
}

static void serve(wg_scope_t *scope, ticket_t *ticket)
{
    const int cancelable = wgi_cancel_off();
    wgi_lock(&scope->lock);
    scope->ticket = NULL;
    scope->lent++;
    wgi_thread_guard(&(wgi_job_t){ run_until_empty, scope, report_exit, scope });
    scope->lent--;
    scope->refused = false;
    wgi_unlock(&scope->lock);
    free(ticket);
    wg_done(group_of(scope)); /* the last touch: the scope may be gone */
    wgi_cancel_restore(cancelable);
}

/* On a thread that is lent: what 'lend' was told to call. */
static void come(void *given)
{
    ticket_t *const ticket = given;
    const int saved = errno;
    wg_scope_t *const scope = claim_ticket(ticket);
    if (scope != NULL)
        serve(scope, ticket);
    else
        free(ticket); /* it was called off */
    errno = saved;
}

/* Not locked: 'lend' is the caller's code. */
static void ask(wg_scope_t *scope, ticket_t *ticket)
{
    if (ticket == NULL || scope->lend(scope->self, come, ticket) == 0)
        return;
    /* come() will not be called.  This thread takes the ticket back, unless it was called off meanwhile. */
    const bool called_off = claim_ticket(ticket) == NULL;
    wgi_lock(&scope->lock);
    scope->refused = true;
    if (!called_off)
        scope->ticket = NULL;
    wgi_unlock(&scope->lock);
    free(ticket);
    if (!called_off)
        wg_done(group_of(scope)); /* this thread is inside, so the scope stays */
}

static void nobody(void *unused)
{
    (void)unused;
}

static int lend_new_thread(void *unused, void (*run)(void *arg), void *arg)
{
    return wgi_thread_start((wgi_job_t){ run, arg, nobody, unused });
}

/*
 * Tasks.
 */

/* Locked.  NULL: none is queued. */
static wg_task_t *dequeue(wg_scope_t *scope)
{
    wg_task_t *const task = scope->first;
    if (task != NULL) {
        scope->first = task->next;
        scope->queued--;
    }
    return task;
}

/* The node is the caller's again, or is gone if the library made it. */
static void give_back(wg_task_t *task)
{
    if (task->owner != 0)
        free(task);
}

static void run(wg_scope_t *scope, wg_task_t *task)
{
    int (*const fn)(void *arg) = task->fn;
    void *const arg = task->arg;
    give_back(task); /* now: fn may free what is the caller's */
    const int error = fn(arg);
    if (error != 0)
        wg_scope_stop(scope, error);
}

/* Locked at its begin and at its end, not while a task runs.  Each thread that leaves work behind asks for one more. */
static void run_until_empty(void *given)
{
    wg_scope_t *const scope = given;
    wg_task_t *task;
    while ((task = dequeue(scope)) != NULL) {
        ticket_t *const ticket = scope->first != NULL ? new_ticket(scope) : NULL;
        wgi_unlock(&scope->lock);
        ask(scope, ticket);
        run(scope, task);
        wgi_lock(&scope->lock);
    }
    if (scope->phase == WAITING)
        call_off(scope);
}

/* 0 | EAGAIN if 'limit' tasks are queued already; 0: no limit. */
static int enqueue(wg_scope_t *scope, wg_task_t *task, unsigned limit)
{
    task->next = NULL;
    wgi_lock(&scope->lock);
    if (scope->phase == WAITING && scope->lent == 0) {
        give_back(task); /* the handler may not return */
        report(scope, WG_MISUSE_ADD_DURING_WAIT);
    }
    if (limit != 0 && scope->queued >= limit) {
        wgi_unlock(&scope->lock);
        give_back(task);
        return EAGAIN;
    }
    if (scope->first == NULL)
        scope->first = task;
    else
        scope->last->next = task;
    scope->last = task;
    scope->queued++;
    ticket_t *const ticket = new_ticket(scope);
    wgi_unlock(&scope->lock);
    ask(scope, ticket);
    return 0;
}

int wg_scope_go(wg_scope_t *scope, int (*fn)(void *arg), void *arg)
{
    const int saved = errno;
    int error = ENOMEM;
    wg_task_t *const task = malloc(sizeof *task);
    if (task != NULL) {
        *task = (wg_task_t){ fn, arg, NULL, (uintptr_t)scope };
        error = enqueue(scope, task, scope->queue);
    }
    errno = saved;
    return error;
}

void wg_scope_go_task(wg_scope_t *scope, wg_task_t *task)
{
    const int saved = errno;
    task->owner = 0;
    (void)enqueue(scope, task, 0);
    errno = saved;
}

/* Relaxed: a stop orders nothing. */
void wg_scope_stop(wg_scope_t *scope, int error)
{
    int none = 0;
    if (error != 0)
        atomic_compare_exchange_strong_explicit(&scope->error, &none, error, memory_order_relaxed,
                                                memory_order_relaxed);
    atomic_store_explicit(&scope->stopped, true, memory_order_relaxed);
}

bool wg_scope_stopped(const wg_scope_t *scope)
{
    return atomic_load_explicit(&scope->stopped, memory_order_relaxed);
}

int wg_scope_wait(wg_scope_t *scope)
{
    const int saved = errno;
    const int cancelable = wgi_cancel_off();
    wgi_lock(&scope->lock);
    if (scope->phase != OUTSIDE)
        report(scope, WG_MISUSE_SCOPE_WAIT);
    scope->phase = HELPING;
    wgi_thread_guard(&(wgi_job_t){ run_until_empty, scope, report_exit, scope });
    scope->phase = WAITING;
    call_off(scope);
    wgi_unlock(&scope->lock);
    wg_wait(group_of(scope));

    /* No thread is inside any more.  The lock is for a misuse: it is told, or it does no harm. */
    wgi_lock(&scope->lock);
    scope->phase = OUTSIDE;
    scope->refused = false;
    wgi_unlock(&scope->lock);
    const int error = atomic_exchange_explicit(&scope->error, 0, memory_order_relaxed);
    atomic_store_explicit(&scope->stopped, false, memory_order_relaxed);
    wgi_cancel_restore(cancelable);
    errno = saved;
    return error;
}

/*
 * Scopes.
 */

/* The config of version 0.1.0, which every later version accepts. */
typedef struct first_version {
    size_t size;
    unsigned threads, queue;
    int (*lend)(void *self, void (*run)(void *arg), void *arg);
    void *self;
} first_version_t;
_Static_assert(sizeof(wg_scope_config_t) >= sizeof(first_version_t), "a config never shrinks");

static wg_scope_t *failed_with(int error)
{
    errno = error;
    return NULL;
}

wg_scope_t *wg_scope_init(wg_scope_storage_t *storage, const wg_scope_config_t *given)
{
    wg_scope_config_t config;
    memset(&config, 0, sizeof config);
    if ((uintptr_t)storage % _Alignof(wg_scope_storage_t) != 0)
        return failed_with(EINVAL);
    if (given != NULL) {
        const size_t size = given->size;
        if (!wgi_config_valid(given, size, sizeof(first_version_t), sizeof config))
            return failed_with(EINVAL);
        memcpy(&config, given, size < sizeof config ? size : sizeof config);
    }

    wg_scope_t *const scope = (wg_scope_t *)storage;
    const int error = wgi_lock_init(&scope->lock);
    if (error != 0)
        return failed_with(error);
    if (wg_init(&scope->group, NULL) == NULL) {
        wgi_lock_destroy(&scope->lock);
        return NULL;
    }
    scope->first = scope->last = NULL;
    scope->ticket = NULL;
    scope->lend = config.lend != NULL ? config.lend : lend_new_thread;
    scope->self = config.self;
    scope->threads = config.threads != 0 ? config.threads : wgi_processors();
    scope->queue = config.queue;
    scope->queued = scope->lent = 0;
    scope->phase = OUTSIDE;
    scope->refused = scope->misused = false;
    atomic_init(&scope->stopped, false);
    atomic_init(&scope->error, 0);
    wgi_annotate_hide(&scope->stopped, sizeof scope->stopped);
    return scope;
}

void wg_scope_destroy(wg_scope_t *scope)
{
    if (scope == NULL)
        return;
    wgi_lock(&scope->lock);
    if (scope->misused) {
        wgi_unlock(&scope->lock); /* threads may be inside for ever */
        return;
    }
    if (scope->first != NULL || wg_count(group_of(scope)) != 0)
        report(scope, WG_MISUSE_DESTROYED_IN_USE);
    wgi_unlock(&scope->lock);
    wg_destroy(group_of(scope));
    wgi_lock_destroy(&scope->lock);
    wgi_annotate_gone(&scope->stopped, sizeof scope->stopped);
}
