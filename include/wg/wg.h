/* SPDX-License-Identifier: 0BSD */
/*
 * wg.h: wait groups.  Go's sync.WaitGroup for C.
 *
 * A wait group counts tasks.  Whoever starts tasks adds them, each task says
 * when it is done, and any number of threads wait until none is left:
 *
 *     wg_t *wg = wg_create();
 *     for (i = 0; i < 8; i++)
 *         wg_go(wg, work, &jobs[i]);
 *     wg_wait(wg);
 *     wg_destroy(wg);
 *
 * ORDERING.  Each wg_done() (and each negative wg_add()) synchronises-with the
 * return of every wait that it helps to release, also of a wait that found the
 * counter at zero and never blocked.  So all that a task did before its
 * wg_done() is visible after the wait.  Nothing else is promised: no function
 * orders two tasks, or a task and the thread that started it.
 *
 * REUSE.  A group may be used again when all its waits have returned; a notice
 * counts as a wait, see NOTICES.  A
 * wg_add() that lifts the counter from zero must be ordered after the waits
 * before it and before the waits that are to wait for it.  So call wg_add()
 * before you start the task, never inside it.
 *
 * LIFETIME.  Any thread may destroy, free or unmap the group as soon as the
 * last wait has returned, even while the last wg_done() has not returned yet.
 * If several threads wait, "the last" means all of them, and all notices.
 * The code must stay loaded a little longer: a thread that counted a task off has a
 * few instructions of libwg left when the wait returns.  The shared library is linked
 * so that dlclose() does not unload it (ELF), or stays after the first wg_go()
 * (Windows).  A plug-in that has libwg.a inside must see to that itself, by the
 * linker's -z nodelete for example; on macOS, so must a program that unloads libwg.
 *
 * MISUSE never passes silently and does not depend on NDEBUG.  It is reported
 * to the panic handler; the default writes one line to standard error and calls
 * abort().  Each function names the misuses that it reports.  Some need a race
 * to happen; a race detector sees them without luck (see "Race detectors" in
 * the documentation).
 *
 * SIGNALS AND THREADS.  wg_add, wg_done, wg_try_add, wg_try_wait, wg_count,
 * wg_waiters, wg_close, wg_reopen, wg_is_closed and wg_attach are
 * async-signal-safe with the futex and the posix semaphore (with your own, if its
 * release is); with the dispatch one, wg_add and wg_done are not while threads
 * wait, as they may free its memory.  No function but wg_create, wg_create_with,
 * wg_init and wg_attach changes errno.  No wait is a cancellation point
 * (POSIX.1-2017, 2.9.5.2); asynchronous cancelability
 * (PTHREAD_CANCEL_ASYNCHRONOUS) is not supported in any function.
 * Leaving a wait by siglongjmp() spoils the group: its waiter stays registered.
 * After fork() the child has a copy of the group, but neither the threads that would
 * call wg_done() nor those that wait.  A copy that has counted tasks or waiters must
 * not be used in the child, and wg_destroy() would report it: leave it alone, or make
 * a new group in its storage by wg_init(); what the copy's semaphore had allocated is
 * lost.  Only a WG_PROCESS_SHARED group in shared memory is common to both.
 *
 * CLOCK.  Time-outs and deadlines are measured by CLOCK_MONOTONIC.  The posix
 * semaphore of a C library without sem_clockwait() (musl, for one) sleeps by
 * CLOCK_REALTIME, a second at most each time: a timed wait may return late by as much
 * as that clock is set back meanwhile.
 */
#ifndef WG_WG_H
#define WG_WG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WG_VERSION_MAJOR 0
#define WG_VERSION_MINOR 1
#define WG_VERSION_PATCH 0

/*
 * Where time_t may have 32 or 64 bits (glibc for 32 bits), what depends on it has a _time64 name if it has 64:
 * so a program and a library that differ in it do not link, instead of misreading each other's deadlines.
 */
#if defined(__USE_TIME_BITS64) && defined(__TIMESIZE)
#if __TIMESIZE == 32
#define wg_create_with wg_create_with_time64
#define wg_init wg_init_time64
#define wg_sem_default wg_sem_default_time64
#define wg_sem_futex wg_sem_futex_time64
#define wg_sem_posix wg_sem_posix_time64
#define wg_sem_dispatch wg_sem_dispatch_time64
#define wg_wait_any wg_wait_any_time64
#define wg_wait_until wg_wait_until_time64
#endif
#endif

/* Attributes in their reserved form: a program may have macros named malloc, aligned or nonnull. */
#ifndef WG_API /* the build of the library itself may say otherwise */
#if defined(__GNUC__) && !defined(_WIN32) && !defined(__CYGWIN__)
#define WG_API __attribute__((__visibility__("default")))
#else
#define WG_API
#endif
#endif

#ifdef __GNUC__
#define WG_NONNULL __attribute__((__nonnull__))
#define WG_NONNULL_1 __attribute__((__nonnull__(1)))
#define WG_NONNULL_1_2 __attribute__((__nonnull__(1, 2)))
#define WG_NONNULL_1_2_3 __attribute__((__nonnull__(1, 2, 3)))
#define WG_NONNULL_1_4 __attribute__((__nonnull__(1, 4)))
#define WG_CHECK_RESULT __attribute__((__warn_unused_result__))
#define WG_ALIGNED_8 __attribute__((__aligned__(8)))
#elif defined(_MSC_VER)
#define WG_NONNULL
#define WG_NONNULL_1
#define WG_NONNULL_1_2
#define WG_NONNULL_1_2_3
#define WG_NONNULL_1_4
#define WG_CHECK_RESULT
#define WG_ALIGNED_8 __declspec(align(8))
#else
#define WG_NONNULL
#define WG_NONNULL_1
#define WG_NONNULL_1_2
#define WG_NONNULL_1_2_3
#define WG_NONNULL_1_4
#define WG_CHECK_RESULT
#define WG_ALIGNED_8
#endif

/*
 * gcc 12 reports a use after wg_destroy(), also a second wg_destroy(), by -Wall.  Its analyser (-fanalyzer) reports
 * a group that leaks, if all calls on it take a const wg_t, as wg_count() does: it takes any other for a possible end.
 */
#if defined(__GNUC__) && __GNUC__ >= 11 && !defined(__clang__)
#define WG_ALLOCATES __attribute__((__malloc__, __malloc__(wg_destroy, 1)))
#else
#define WG_ALLOCATES
#endif

/* In C89, -Wpedantic would warn of bool. */
#if defined(__clang__) && !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 199901L)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc99-extensions"
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct timespec; /* <time.h> */

typedef struct wg_group wg_t; /* a wait group; opaque */

/*
 * SEMAPHORES
 *
 * The group decides which waits may return; its semaphore lets threads sleep and
 * wakes them.  The semaphore knows nothing of the counter.  The built-in ones are used as they are; a table of
 * your own teaches the group to block fibers, coroutines or simulated threads.
 *
 * What a table must keep:
 * - 'sem' points to WG_SEM_SIZE bytes, 8-aligned and zero-filled before init.
 * - release() synchronises-with the acquire() that takes one of its tokens.
 * - When release() returns, it has made n sleepers able to run, or all if there are
 *   fewer.  None of them may have to run first so that another one is woken: a
 *   thread that is starved or held by a signal handler would keep the rest asleep.
 * - Once the last of the n tokens can be taken, release() neither reads nor
 *   writes the semaphore: a waiter that took it may have freed it.
 * - acquire() absorbs signals and spurious wakes, is never early, and is no
 *   cancellation point.  It may say ETIMEDOUT though a token has just come: the
 *   group then asks again, with no deadline.
 * - acquire() and release() may be called by any threads at once, and release()
 *   before the acquire() that takes its token.
 * - acquire() and release() leave errno alone.  acquire() may return on another
 *   thread than the one that called it, as a fiber does that has moved.
 * - Any result but those named here stops the program.
 */
#define WG_SEM_SIZE 32

typedef struct wg_sem_ops {
    const char *name;
    /* Makes a semaphore without tokens.  0, or an errno that wg_init() and wg_create_with() hand on. */
    int (*init)(void *sem, bool process_shared);
    /* Ends it.  No thread is inside any of the other functions. */
    void (*destroy)(void *sem);
    /* Takes one token; sleeps until there is one or CLOCK_MONOTONIC reaches the deadline (NULL: never).
       0 | ETIMEDOUT. */
    int (*acquire)(void *sem, const struct timespec *deadline);
    /* Adds n >= 1 tokens. */
    void (*release)(void *sem, uint32_t n);
} wg_sem_ops_t;

/*
 * The semaphores of this build: the default, and each by name.  NULL if it is
 * not in this build.  The default is never NULL.  Async-signal-safe.
 */
WG_API const wg_sem_ops_t *wg_sem_default(void);
WG_API const wg_sem_ops_t *wg_sem_futex(void);    /* Linux: futex(2) */
WG_API const wg_sem_ops_t *wg_sem_posix(void);    /* POSIX: sem_init(3) */
WG_API const wg_sem_ops_t *wg_sem_dispatch(void); /* libdispatch: dispatch_semaphore_create(3) */

/*
 * MAKING AND ENDING GROUPS
 */

/* The group may be used by every process that maps its storage; wg_init() only. */
#define WG_PROCESS_SHARED 0x1u

/* Waits never poll before they sleep; see WAITING. */
#define WG_NO_SPIN 0x2u

typedef struct wg_config {
    size_t size;             /* sizeof(wg_config_t): how later versions know this one */
    const wg_sem_ops_t *sem; /* NULL: wg_sem_default(); must outlive the group */
    unsigned flags;          /* of WG_PROCESS_SHARED and WG_NO_SPIN */
} wg_config_t;

#define WG_CONFIG_INIT \
    { \
        sizeof(wg_config_t), NULL, 0u \
    }

/* Memory for one group, wherever the caller wants it.  All-zero bytes are an empty, open group. */
typedef union WG_ALIGNED_8 wg_storage {
    unsigned char bytes[64];
    uint64_t alignment;
    void *pointer_alignment;
} wg_storage_t;

#define WG_STORAGE_INIT \
    { \
        { \
            0 \
        } \
    }

/*
 * Ends a group: one from wg_create() is freed, one from wg_init() or wg_attach()
 * leaves its storage as good as zero-filled: a new group, unless a misuse left
 * threads asleep in it; then it must not be used again.  NULL: does nothing.
 * Does not block.  Call it, or free the memory, when the last wait has returned:
 * see LIFETIME.  A group of the futex semaphore holds no resources, so its
 * storage may also just be freed or unmapped.
 * Misuse: WG_MISUSE_DESTROYED_IN_USE if the counter is not zero or a waiter or a
 * notice is registered, unless a misuse of this group has been reported before.
 */
WG_API void wg_destroy(wg_t *wg);

/*
 * Makes a group on the heap, with the default semaphore.  Does not block.
 * NULL with errno ENOMEM if there is no memory.
 */
WG_CHECK_RESULT WG_ALLOCATES WG_API wg_t *wg_create(void);

/*
 * Likewise, as 'config' says; NULL: the defaults.  A program that was built with an
 * older header passes a shorter config: what it lacks counts as zero.
 * NULL with errno EINVAL if config->size is below that of version 0.1.0, above 4096,
 * or larger than this version knows with a member set that it does not know; if a
 * flag is unknown or WG_PROCESS_SHARED; or if a function of config->sem is missing.
 * ENOMEM, or what config->sem->init() returned.
 */
WG_CHECK_RESULT WG_ALLOCATES WG_API wg_t *wg_create_with(const wg_config_t *config);

/*
 * Makes a group in the caller's memory, whatever it held; no other thread may use
 * the storage meanwhile.  Allocates nothing except what the semaphore's init
 * needs.  Do not copy or move it afterwards.
 * NULL with errno as wg_create_with(); EINVAL also if 'storage' is not 8-aligned.
 * Then the storage is as it was before the call.
 * With WG_PROCESS_SHARED, other processes enter by wg_attach(), at whatever
 * address they see the storage; ENOTSUP if the semaphore cannot be shared (the
 * dispatch one, and any of your own, whose table is a pointer of one process).
 * All processes must run the same minor version of this library, of the same
 * word size.  They must trust each other: a process that can write the storage can
 * make the others hang, abort, or call a function of its choice.
 * A process that is killed before its wg_done() leaves its task counted.  If that
 * may happen, wait with a deadline.  A process that is killed while it waits, or
 * inside wg_done(), leaves a group that no process may use again, not even with a
 * deadline.  Make a new group there by wg_init() when no other process is in it.
 */
WG_NONNULL_1 WG_CHECK_RESULT WG_API wg_t *wg_init(wg_storage_t *storage, const wg_config_t *config);

/*
 * The group that lives in 'storage': made by wg_init() in this or another
 * process, or zero-filled (static storage, calloc, WG_STORAGE_INIT), which is an
 * empty open group.  Any number of threads, at any time.
 * Does not block, changes nothing.  Async-signal-safe.
 * A zero-filled group sleeps in the futex semaphore, which needs no set-up, wherever
 * the system has it and whatever the default is.
 * Where the system does not have it, the first waiter makes the default semaphore on the heap;
 * several first waiters make one each, one of them is kept, and no thread waits for
 * another thread's set-up.  There a wait without memory stops the program, and the
 * group must be ended by wg_destroy().
 * A zero-filled one is private to one process, also in shared memory: make one for
 * several by wg_init() with WG_PROCESS_SHARED.
 * NULL with errno EINVAL if 'storage' is not 8-aligned.
 */
WG_NONNULL WG_CHECK_RESULT WG_API wg_t *wg_attach(wg_storage_t *storage);

/*
 * COUNTING
 */

/*
 * Adds 'delta', which may be negative, to the counter.  When the counter becomes
 * zero, all waiting threads are let go, then the notices are called.  Does not block
 * (unless the fn of a notice does); makes no system call unless it has to wake a
 * thread.  Async-signal-safe, if the fn of each notice is.
 * Ordering: a negative add releases (see ORDERING); a positive one orders nothing.
 * Misuse: WG_MISUSE_NEGATIVE_COUNTER; WG_MISUSE_COUNTER_OVERFLOW above 2^31-1;
 * WG_MISUSE_ADD_DURING_WAIT if it lifts the counter from zero while threads or
 * notices are registered as waiting; WG_MISUSE_ADD_AFTER_CLOSE if it does so in a closed group.
 */
WG_NONNULL WG_API void wg_add(wg_t *wg, int delta);

/* wg_add(wg, -1): the last thing that a task does.  The group may be gone when it returns. */
WG_NONNULL WG_API void wg_done(wg_t *wg);

/*
 * Adds 1, runs fn(arg) on a new detached thread, and calls wg_done() when that
 * ends: by return, pthread_exit() or cancellation.  Destructors of thread-specific
 * data run after that, so a wait may return before them.  The new thread inherits
 * the caller's signal mask and has default attributes.
 * Returns 0; or the error of malloc() or pthread_create() (ENOMEM, EAGAIN), and
 * then no count is left behind and fn is not run.  A thread ends a moment after its
 * task is counted off: at a limit of threads, EAGAIN is possible for that moment
 * after a wait.
 * Ordering: what happened before wg_go() is visible to fn.
 * Misuse: as wg_add(wg, 1).  Not async-signal-safe.
 */
WG_NONNULL_1_2 WG_CHECK_RESULT WG_API int wg_go(wg_t *wg, void (*fn)(void *arg), void *arg);

/*
 * WAITING
 *
 * Each of these may be called by any number of threads at once.  The waits of a group
 * do not depend on each other: the last wg_done() wakes all that sleep before it
 * returns, and a waiter that does not run holds up no other one.
 * A wait that would block polls for a few microseconds first, if no thread sleeps in
 * the group yet and polling helped the waits before.  It never polls past a deadline,
 * nor with a semaphore of your own.  WG_NO_SPIN turns polling off.  A wait opens no
 * file, and with the futex and the posix semaphore it makes no system call but its
 * sleep.
 * Misuse: WG_MISUSE_REUSED_TOO_SOON if the group is in use again before a wait
 * that was let go has returned; WG_MISUSE_COUNTER_OVERFLOW if more than 2^30-1
 * threads wait.  A task that waits for its own group waits for ever.
 * Of these, wg_try_wait() alone is async-signal-safe.
 */

/*
 * Waits until the counter is zero.  Blocks; absorbs signals.  Makes no system
 * call if the counter is zero.
 * Ordering: acquires (see ORDERING).
 */
WG_NONNULL WG_API void wg_wait(wg_t *wg);

/*
 * Whether the counter is zero.  Does not block.  Async-signal-safe.
 * Ordering: acquires if true; orders nothing if false.
 */
WG_NONNULL WG_CHECK_RESULT WG_API bool wg_try_wait(wg_t *wg);

/*
 * Waits until the counter is zero, for at most 'timeout_ns' nanoseconds of
 * CLOCK_MONOTONIC; <= 0 only looks; no value overflows.
 * Returns 0 if it was zero; acquires.  ETIMEDOUT if not; orders nothing, and the
 * group is as if this wait had never been.  Never early.  It may return 0
 * shortly after the deadline, when the last wg_done() came just before it.
 */
WG_NONNULL WG_CHECK_RESULT WG_API int wg_wait_for(wg_t *wg, int64_t timeout_ns);

/*
 * Likewise, until CLOCK_MONOTONIC reaches 'deadline'; NULL: no deadline.
 * EINVAL, always, if tv_nsec is not in 0..999999999.  A tv_sec below zero is a
 * time that has passed.
 */
WG_NONNULL_1 WG_CHECK_RESULT WG_API int wg_wait_until(wg_t *wg, const struct timespec *deadline);

/*
 * NOTICES
 *
 * A notice is a wait without a thread: a function that is called once, when the
 * counter has become zero.  Event loops, coroutines and groups of groups are built
 * on it.
 *
 * fn runs on the thread whose wg_done() brought the counter to zero, inside that
 * call.  If that call met another thread inside wg_notify(), wg_notify_cancel() or
 * wg_wait_any() of the same group, fn runs on that thread, inside that call.  So fn
 * must take no lock that is held around any of these calls, must not block for long,
 * must return (no longjmp(), no exception, no pthread_exit()), and must be
 * async-signal-safe if a wg_done() of the group may be in a signal handler.  errno is
 * kept for the interrupted code, and thread cancellation is off while fn runs.  A fn
 * that completes another group, whose fn completes another, nests on the stack.
 *
 * For REUSE and LIFETIME a notice counts as a wait.  It has returned when fn has
 * begun, or when wg_notify_cancel() has returned true.  A thread inside wg_notify()
 * or wg_notify_cancel() counts as a waiter, with one exception: fn may end the group
 * and the notice while the wg_notify() that registered it, and the wg_done() that
 * called it, have not returned.  So the fn of the only party may destroy the group,
 * or add to it and register again.
 * Waiters are let go before the first fn is called, so a wait may return before fn
 * has begun: neither orders the other.  A thread that registered a notice and waits
 * as well must know that fn has begun before it adds from zero or frees the group.
 *
 * A thread that stops inside one of these three functions may delay notices of that
 * group and other calls of these three.  It never delays a wait, an add or a done.
 */

/* The caller's memory: all-zero before its first use, and kept in place until fn begins or the notice is withdrawn. */
typedef struct wg_notice {
    struct wg_notice *next, *previous; /* private, as all of it */
    void (*fn)(void *arg);
    void *arg;
    wg_t *wg;
    void *reserved;
} wg_notice_t;

#define WG_NOTICE_INIT \
    { \
        NULL, NULL, NULL, NULL, NULL, NULL \
    }

/*
 * Has fn(arg) called once when the counter is zero, unless it is zero now.  Any
 * number in one group; they are called in the order of registration, one after
 * another.  Allocates nothing and does not wait for tasks.  While another thread is
 * in the middle of one of these calls on the same group, it polls, then sleeps for
 * some microseconds at a time.
 * Returns true: registered.  The notice belongs to the library until fn begins; the
 * notice and the group may be gone when this returns.
 * Returns false: the counter is zero, fn will not be called, the notice is free.
 * Ordering: what happened before wg_notify() is visible to fn.  Each wg_done() that
 * helped to bring the counter to zero synchronises-with the begin of fn, or with the
 * return of false.
 * Misuse: WG_MISUSE_NOTICE if the notice is registered already, or if the group is
 * WG_PROCESS_SHARED.  Not async-signal-safe.
 */
WG_NONNULL_1_2_3 WG_CHECK_RESULT WG_API bool wg_notify(wg_t *wg, wg_notice_t *notice, void (*fn)(void *arg), void *arg);

/*
 * Withdraws a notice.  Any thread.  Does not wait for fn; may poll and sleep as
 * wg_notify().
 * Returns true: the notice was registered, fn will never be called for it, and the
 * notice is free.
 * Returns false: fn has been called, is being called, or is about to be; or the
 * notice was not registered in this group.  The notice is not yours until fn has
 * begun.  To know when fn is through, let fn say so as its last act: by wg_done() of
 * another group, an eventfd, a flag.
 * The group must not be destroyed before this returns.  The fn of other notices may
 * be called inside, never that of this one.
 * Ordering: none.  Not async-signal-safe.
 */
WG_NONNULL WG_CHECK_RESULT WG_API bool wg_notify_cancel(wg_t *wg, wg_notice_t *notice);

/* One group of several to wait for.  Set 'wg'; the rest is the library's. */
typedef struct wg_choice {
    wg_t *wg;
    wg_notice_t notice;
} wg_choice_t;

/*
 * Waits until the counter of at least one of n groups is zero, or CLOCK_MONOTONIC
 * reaches 'deadline'; NULL: no deadline.  Blocks; absorbs signals; no cancellation
 * point.  A group may be there twice; then either index may be named.  Each call
 * costs two short steps a group: for hundreds of groups that are waited for again
 * and again, keep notices registered.
 * Returns 0 and in '*which' the lowest index whose group was found at zero.  The
 * other groups are as if this wait had never been, and may finish at any moment.
 * ETIMEDOUT: none was; orders nothing.  Never early.  May return 0 shortly after the
 * deadline, as wg_wait_for().
 * EINVAL if n is 0, if the deadline is not valid, if a group is WG_PROCESS_SHARED, or
 * if not all groups have the same semaphore: this wait sleeps in one of that kind.
 * Or what its init() returned.
 * Ordering: acquires as to the group '*which' (see ORDERING).
 * Misuse: as wg_wait().  Not async-signal-safe.
 */
WG_NONNULL_1_4 WG_CHECK_RESULT WG_API int wg_wait_any(wg_choice_t *choices, size_t n, const struct timespec *deadline,
                                                      size_t *which);

/*
 * DRAINING
 *
 * For servers: threads count requests in by wg_try_add() until another thread
 * closes the group and waits for those counted.  They need no order among each
 * other: wg_close(), then a wait, never panics and never misses a request.
 */

/*
 * Adds n, unless the group is closed.  Does not block, makes no system call.
 * Async-signal-safe.
 * Returns true if n was added; false if the group is closed: nothing changed.
 * Ordering: none.
 * Misuse: WG_MISUSE_COUNTER_OVERFLOW; WG_MISUSE_ADD_DURING_WAIT in a group that
 * is open while threads wait: close it before you wait.
 */
WG_NONNULL WG_CHECK_RESULT WG_API bool wg_try_add(wg_t *wg, uint32_t n);

/*
 * Closes the group: from now on wg_try_add() refuses, and a wg_add() from zero is
 * misuse.  A task that is counted may still wg_add() subtasks.  Idempotent, any
 * thread, any time.  Does not block.  Async-signal-safe.  Ordering: none.
 */
WG_NONNULL WG_API void wg_close(wg_t *wg);

/* Whether the group is closed: a snapshot.  Ordering: none.  Async-signal-safe. */
WG_NONNULL WG_CHECK_RESULT WG_API bool wg_is_closed(const wg_t *wg);

/*
 * Opens the group again: a drain is over, or called off.  Idempotent, any thread,
 * any time.  Does not block.  Async-signal-safe.  Ordering: none.
 * A thread that still waits goes on waiting, and must have returned before the
 * counter is lifted from zero: see REUSE.  So let the thread that drains reopen,
 * when its wait has returned or has timed out.
 */
WG_NONNULL WG_API void wg_reopen(wg_t *wg);

/*
 * LOOKING
 *
 * Snapshots for metrics and tests, stale when you read them; order nothing.
 * Async-signal-safe.
 */
WG_NONNULL WG_CHECK_RESULT WG_API uint32_t wg_count(const wg_t *wg);
WG_NONNULL WG_CHECK_RESULT WG_API uint32_t wg_waiters(const wg_t *wg); /* threads registered as waiting */

/* "MAJOR.MINOR.PATCH" of the library that runs. */
WG_CHECK_RESULT WG_API const char *wg_version(void);

/*
 * MISUSE
 */
typedef enum wg_misuse {
    WG_MISUSE_NEGATIVE_COUNTER = 1, /* "negative WaitGroup counter" */
    WG_MISUSE_COUNTER_OVERFLOW,     /* "counter overflow" */
    WG_MISUSE_ADD_DURING_WAIT,      /* "WaitGroup misuse: Add called concurrently with Wait" */
    WG_MISUSE_REUSED_TOO_SOON,      /* "WaitGroup is reused before previous Wait has returned" */
    WG_MISUSE_DESTROYED_IN_USE,     /* "destroyed while in use" */
    WG_MISUSE_ADD_AFTER_CLOSE,      /* "add to a closed WaitGroup" */
    WG_MISUSE_NOTICE,               /* "notice is registered already, or its WaitGroup is shared by processes" */
    WG_MISUSE_SCOPE_WAIT,           /* "scope is waited for already" */
    WG_MISUSE_TASK_EXIT             /* "task of a scope ended its thread" */
} wg_misuse_t;

/*
 * 'message' names the misuse as above, then the group's address, its counter and
 * waiters as they were seen, and the delta; scope.h says what these are for a scope.
 * It is valid during the call.  The
 * handler runs on the thread that made the call, perhaps inside a signal handler.
 * It runs with thread cancellation disabled, so that none ends the thread in its
 * midst.  If it returns, abort() follows.  It may leave by longjmp(), and enable
 * cancellation again; the group may then only be destroyed, which does not report a
 * second time.  If threads may sleep in it for ever, its semaphore stays, and so
 * does its memory if it is on the heap.
 * A call of the system that fails unexpectedly (futex(2) behind a seccomp filter)
 * is no misuse: one line on standard error and abort(), without the handler.
 */
typedef void wg_panic_fn(const wg_t *wg, wg_misuse_t misuse, const char *message);

/*
 * Sets the handler of this process and returns the one before.  NULL, also as
 * result: the default.  Any thread, any time.
 */
WG_API wg_panic_fn *wg_set_panic_handler(wg_panic_fn *handler);

#ifdef __cplusplus
}
#endif

#if defined(__clang__) && !defined(__cplusplus) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 199901L)
#pragma clang diagnostic pop
#endif

#endif
