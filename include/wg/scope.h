/* SPDX-License-Identifier: 0BSD */
/*
 * scope.h: tasks that end before the scope does.  Go's errgroup for C.
 *
 *     wg_scope_storage_t storage;
 *     wg_scope_t *scope = wg_scope_init(&storage, NULL);
 *     for (i = 0; i < n; i++)
 *         if (wg_scope_go(scope, work, &jobs[i]) != 0)
 *             wg_scope_stop(scope, ENOMEM);
 *     error = wg_scope_wait(scope);
 *     wg_scope_destroy(scope);
 *
 * A scope queues tasks, and threads that are lent to it run them.  The wait runs
 * tasks too.  So a scope does not need a thread to come: if no thread can be had, and
 * in the child of a fork(), the wait runs all tasks.
 *
 * NESTING.  A task may add tasks to its scope.  It may also make a scope of its own
 * and wait for that one.  Neither ever deadlocks, however few threads there are and
 * whoever lends them, if each scope is waited for by the thread that made it.  A
 * wait runs tasks of its own scope only.  So it never runs a stranger's task, which
 * might want a lock that the caller of the wait holds.
 *
 * WHAT A TASK MUST NOT DO.  A task must not wait for another task of its scope to
 * begin, unless 'threads' is larger than the number of such tasks: for tasks that
 * block on each other there is wg_go().  A task must not wait for its own scope.  It
 * must not end its thread, nor leave by longjmp() or by a C++ exception.  It must not
 * want a lock that the thread in wg_scope_wait() holds.
 *
 * ORDERING.  What happened before wg_scope_go() is visible to the task.  What all
 * tasks did is visible when the wait has returned.  Nothing else is promised: tasks
 * are not ordered among each other.
 *
 * LIFETIME.  When the wait has returned, no thread touches the scope, and its memory
 * may go.  The code must stay loaded a little longer, as for groups: see wg.h.
 *
 * INDEPENDENCE.  A thread that stops for ever inside a task holds up the wait for that
 * task, and the other tasks of the scope go on.  A thread that was asked for and does
 * not come holds up nothing.  A thread that stops inside one of these functions, or as
 * it comes or leaves, may hold up this scope and whoever waits for it, and nobody else.
 *
 * MISUSE is reported as for groups (see wg_misuse_t in wg.h).  The report has the
 * address of the scope instead of the group's, and its counter is the number of
 * threads that are lent or on their way.  After a misuse, the scope may only be
 * destroyed.
 *
 * SIGNALS AND THREADS.  wg_scope_stop() and wg_scope_stopped() are async-signal-safe,
 * and no other function is.  No function but wg_scope_init() changes errno for its
 * caller.  No function is a cancellation point.  If the process ends while tasks run,
 * they end with it.  After fork(), the child must leave the parent's scopes alone if
 * they have tasks.  A scope that the child makes works.
 */
#ifndef WG_SCOPE_H
#define WG_SCOPE_H

#include "wg.h"

/* In C89, -Wpedantic would warn of bool. */
#if defined(__clang__) && !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 199901L)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc99-extensions"
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wg_scope wg_scope_t; /* a scope; opaque */

/* Memory for one scope, wherever the caller wants it. */
typedef union WG_ALIGNED_8 wg_scope_storage {
    unsigned char bytes[192];
    uint64_t alignment;
    void *pointer_alignment;
} wg_scope_storage_t;

/* A task in the caller's memory.  The caller sets fn and arg; the rest is the library's until fn begins. */
typedef struct wg_task {
    int (*fn)(void *arg);
    void *arg;
    struct wg_task *next;
    uintptr_t owner;
} wg_task_t;

typedef struct wg_scope_config {
    size_t size; /* sizeof(wg_scope_config_t): how later versions know this one */
    /*
     * The number of threads that may run tasks at once.  The thread that waits is one
     * of them: until it waits, its place is kept for it, and one thread fewer works.
     * 1: the wait runs all tasks.
     * 0: one for each processor that the calling thread may run on (Linux and Windows:
     * by the affinity mask) or that is online (elsewhere).  In a container, a cpuset
     * narrows that number, and a CPU quota does not.
     */
    unsigned threads;
    unsigned queue; /* wg_scope_go() refuses while this number of tasks have not begun; 0: it never refuses */
    /*
     * Lends a thread: has run(arg) called once, soon, on another thread, and returns 0.
     * Or returns an errno, and run is never called.  Any thread that adds or runs a
     * task may call it, so it must not block for long.  run(arg) may be called when the
     * scope is gone: then it returns at once.  NULL: starts a new detached thread each
     * time, as wg_go() does.
     */
    int (*lend)(void *self, void (*run)(void *arg), void *arg);
    void *self; /* what 'lend' gets first */
} wg_scope_config_t;

#define WG_SCOPE_CONFIG_INIT \
    { \
        sizeof(wg_scope_config_t), 0u, 0u, NULL, NULL \
    }

/*
 * Makes a scope in the caller's memory, whatever it held.  NULL as config: the
 * defaults.  Allocates nothing except what the system's mutex and the default
 * semaphore need.  Starts no thread.  Does not block.  Do not copy or move the scope
 * afterwards.
 * NULL with errno EINVAL if 'storage' is not 8-aligned, or if config->size is below that
 * of version 0.1.0, above 4096, or larger than this version knows with a member set
 * that it does not know.  Or what the mutex or the semaphore returned (ENOMEM).
 */
WG_NONNULL_1 WG_CHECK_RESULT WG_API wg_scope_t *wg_scope_init(wg_scope_storage_t *storage,
                                                              const wg_scope_config_t *config);

/*
 * Queues fn(arg).  Asks for a thread, unless one is on its way, or as many work as may,
 * or the last one was refused and none has left since.  Each task that is accepted is run
 * exactly once, also after a stop.  Tasks begin in the order in which they were added.
 * fn returns 0, or an error, which stops the scope as wg_scope_stop() does.
 * Call it before the wait, or in a task of the scope, or in a task of a scope that such
 * a task made.  Does not wait for a task or a thread.  It waits for a mutex that is held
 * for a few instructions, and for 'lend'.
 * Returns 0; ENOMEM; or EAGAIN if the queue is full.  On an error fn is not run: run it
 * here, or drop it.  That no thread can be had is no error.
 * Ordering: what happened before this call is visible to fn.
 * Misuse: WG_MISUSE_ADD_DURING_WAIT if no task runs and another thread sleeps in the wait.
 */
WG_NONNULL_1_2 WG_CHECK_RESULT WG_API int wg_scope_go(wg_scope_t *scope, int (*fn)(void *arg), void *arg);

/*
 * Likewise, with a node of the caller's: so it cannot fail, and it ignores 'queue'.  The
 * node may be freed or added again as soon as its fn has begun.
 */
WG_NONNULL WG_API void wg_scope_go_task(wg_scope_t *scope, wg_task_t *task);

/*
 * Asks the tasks to stop, and keeps 'error' for the wait if it is the first that is not
 * 0.  Ends no task: tasks ask wg_scope_stopped().  Lasts until the wait returns.  Call it
 * before that.  Any thread.  Does not block.  Async-signal-safe.  Ordering: none.
 */
WG_NONNULL WG_API void wg_scope_stop(wg_scope_t *scope, int error);

/*
 * Whether the tasks of the scope were asked to stop: a snapshot.  Does not block.
 * Async-signal-safe.  Ordering: none.
 */
WG_NONNULL WG_CHECK_RESULT WG_API bool wg_scope_stopped(const wg_scope_t *scope);

/*
 * Runs queued tasks until none is left, then waits for those that other threads run.
 * Blocks; absorbs signals.  No cancellation point, and cancellation is off while tasks
 * run here.  One thread at a time.
 * Returns the first error, or 0.  The scope is then as new, and may be used again.
 * Ordering: what all tasks did is visible.
 * Misuse: WG_MISUSE_SCOPE_WAIT if another wait for this scope has not returned;
 * WG_MISUSE_TASK_EXIT if a task ended its thread, on whichever thread it ran.
 */
WG_NONNULL WG_CHECK_RESULT WG_API int wg_scope_wait(wg_scope_t *scope);

/*
 * Ends a scope: its memory is the caller's again.  NULL: does nothing.  Does not block.
 * Misuse: WG_MISUSE_DESTROYED_IN_USE if a task is queued, or a thread is lent or on its
 * way, unless a misuse of this scope has been reported before.
 */
WG_API void wg_scope_destroy(wg_scope_t *scope);

#ifdef __cplusplus
}
#endif

#if defined(__clang__) && !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 199901L)
#pragma clang diagnostic pop
#endif

#endif
