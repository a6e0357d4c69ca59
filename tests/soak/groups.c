/* SPDX-License-Identifier: 0BSD */
/*
 * groups.c: scene "groups": trees of tasks, and waiters.  The last waiter frees the
 * group.
 *
 * Adders add tasks, and tasks add more.  Each task runs on a thread of the scene or by
 * wg_go(), and writes a word without atomics before its wg_done().  Each wait that
 * returns 0 reads all words, so it sees if it returned early.  A group is used for some
 * generations, so a token that was left over meets the next one.
 */
#include "pages.h"
#include "scene.h"
#include "tally.h"
#include "weather.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

typedef struct task {
    struct party *party;
    uint64_t seed;
    uint64_t work; /* the group must order it */
    bool is_adder;
    bool has_thread;
    pthread_t thread;
} task_t;

typedef struct party {
    wg_t *wg;
    void *page; /* where the group lives; NULL: on the heap */
    uint64_t stamp;
    bool is_last;        /* this is its last generation */
    atomic_uint waiting; /* waits that have not returned */
    /* A counted thread takes tasks before it counts them in.  So all are taken when the counter is zero. */
    atomic_uint taken;
    task_t tasks[TASKS_MAX];
} party_t;

typedef struct waiter {
    party_t *party;
    int64_t timeout_ns; /* < 0: none */
    pthread_t thread;
} waiter_t;

/*
 * Tasks.
 */

static void delegate(party_t *party, uint64_t *seed, unsigned wanted, bool to_adders);

static void work(task_t *task)
{
    party_t *const party = task->party;
    if (task->is_adder || pick(&task->seed, 4) == 0)
        delegate(party, &task->seed, 1 + pick(&task->seed, SUBTASKS_MAX), false);
    linger(&task->seed);
    task->work = party->stamp + (uint64_t)(task - party->tasks);
    tally(TASKS, 1);
}

static void *work_in_thread(void *arg)
{
    task_t *const task = arg;
    wg_t *const wg = task->party->wg;
    work(task);
    wg_done(wg);
    return NULL;
}

/* Ends in one of the ways that a task of wg_go() can end: by return, by exit, by cancellation. */
static void work_gone(void *arg)
{
    task_t *const task = arg;
    work(task);
    switch (pick(&task->seed, 8)) {
    case 0:
        pthread_exit(NULL);
    case 1:
        tally(CANCELLED_TASKS, 1);
        pthread_cancel(pthread_self());
        pthread_testcancel();
        break;
    default:
        break;
    }
}

/* There is no memory for the task, so the thread that wanted to start it does its work. */
static void work_denied(task_t *task)
{
    tally(TASKS_DENIED, 1);
    work_in_thread(task);
}

static void start_counted(task_t *task)
{
    task->has_thread = pthread_create(&task->thread, NULL, work_in_thread, task) == 0;
    if (task->has_thread)
        tally(THREADED, 1);
    else
        work_denied(task);
}

static void go(task_t *task)
{
    const int error = wg_go(task->party->wg, work_gone, task);
    if (error == 0) {
        tally(GONE, 1);
        return;
    }
    CHECK(error == EAGAIN || error == ENOMEM);
    wg_add(task->party->wg, 1); /* a wg_go() that fails leaves no count */
    work_denied(task);
}

/* Starts tasks; fewer than wanted if there have been many.  The caller is counted. */
static void delegate(party_t *party, uint64_t *seed, unsigned wanted, bool to_adders)
{
    const unsigned first = atomic_fetch_add_explicit(&party->taken, wanted, memory_order_relaxed);
    const unsigned end = first + wanted < TASKS_MAX ? first + wanted : TASKS_MAX;
    if (first >= end)
        return;
    for (unsigned i = first; i < end; i++) {
        task_t *const task = &party->tasks[i];
        task->party = party;
        task->seed = sow(seed);
        task->is_adder = to_adders;
        task->has_thread = false;
    }
    const bool by_threads = pick(seed, 2) == 0;
    if (by_threads)
        wg_add(party->wg, (int)(end - first));
    for (unsigned i = first; i < end; i++)
        by_threads ? start_counted(&party->tasks[i]) : go(&party->tasks[i]);
    if (!to_adders)
        tally(NESTED, end - first);
}

/*
 * Waiters.
 */

static unsigned task_count(const party_t *party)
{
    const unsigned taken = atomic_load_explicit(&party->taken, memory_order_relaxed);
    return taken < TASKS_MAX ? taken : TASKS_MAX;
}

/* If this fails, a wait has returned early. */
static void check_all_done(const party_t *party)
{
    CHECK(wg_count(party->wg) == 0);
    for (unsigned i = 0; i < task_count(party); i++)
        CHECK(party->tasks[i].work == party->stamp + i);
}

static void end_group(party_t *party)
{
    wg_destroy(party->wg);
    party->wg = NULL;
    if (party->page != NULL)
        page_give(party->page);
}

/* Waits with time-outs for some slices, then without one. */
static void wait_out(party_t *party, int64_t timeout_ns)
{
    for (int slices = 0; await(party->wg, timeout_ns) != 0; slices++)
        timeout_ns = slices < 3 ? timeout_ns * 2 : -1;
    check_all_done(party);
    if (atomic_fetch_sub(&party->waiting, 1) == 1 && party->is_last)
        end_group(party);
}

static void *be_waiter(void *arg)
{
    const waiter_t *const self = arg;
    wait_out(self->party, self->timeout_ns);
    return NULL;
}

/*
 * Cancelled while it waits.  The wait is no cancellation point, so it ends first, and
 * the thread is cancelled after it.
 */
static void *be_cancelled_waiter(void *arg)
{
    be_waiter(arg);
    for (;;)
        pause();
    return NULL;
}

static int64_t draw_timeout_ns(uint64_t *seed)
{
    return pick(seed, 2) == 0 ? -1 : (int64_t)pick(seed, TIMEOUT_MAX_US) * 1000;
}

/* Returns how many could be started. */
static unsigned start_waiters(party_t *party, uint64_t *seed, waiter_t *waiters, unsigned wanted, unsigned cancelled)
{
    unsigned started = 0;
    atomic_fetch_add(&party->waiting, wanted);
    while (started < wanted) {
        waiter_t *const waiter = &waiters[started];
        void *(*const fn)(void *) = started == cancelled ? be_cancelled_waiter : be_waiter;
        waiter->party = party;
        waiter->timeout_ns = draw_timeout_ns(seed);
        if (pthread_create(&waiter->thread, NULL, fn, waiter) != 0)
            break;
        started++;
    }
    atomic_fetch_sub(&party->waiting, wanted - started); /* not to zero: the caller has not waited yet */
    if (cancelled < started) {
        pthread_cancel(waiters[cancelled].thread);
        tally(CANCELLED_WAITERS, 1);
    }
    return started;
}

/*
 * The scene.
 */

static void play_generation(party_t *party, uint64_t *seed)
{
    waiter_t waiters[WAITERS_MAX];
    const unsigned wanted = pick(seed, WAITERS_MAX + 1), cancelled = pick(seed, 4 * WAITERS_MAX);
    const bool early = pick(seed, 2) == 0;
    unsigned started = 0;

    hear_signals(pick(seed, 2) == 0);
    party->stamp = sow(seed);
    atomic_store(&party->waiting, 1);
    atomic_store(&party->taken, 0);
    wg_add(party->wg, 1); /* so that the count is not zero between two adders */
    if (early)
        started = start_waiters(party, seed, waiters, wanted, cancelled);
    delegate(party, seed, 1 + pick(seed, ADDERS_MAX), true);
    if (!early)
        started = start_waiters(party, seed, waiters, wanted, cancelled);
    wg_done(party->wg);
    wait_out(party, draw_timeout_ns(seed)); /* after this the group may be gone */

    for (unsigned i = 0; i < started; i++) {
        void *result;
        pthread_join(waiters[i].thread, &result);
        CHECK((result == PTHREAD_CANCELED) == (i == cancelled));
    }
    for (unsigned i = 0; i < task_count(party); i++)
        if (party->tasks[i].has_thread)
            pthread_join(party->tasks[i].thread, NULL);
    tally(GENERATIONS, 1);
}

/* On the heap, or in a page by wg_init(), or in a page as the last group left it, which is zero-filled. */
static wg_t *make_group(party_t *party, uint64_t *seed, bool poor)
{
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = draw_backend(seed, poor);
    party->page = poor || pick(seed, 2) == 0 ? NULL : page_take();
    if (party->page == NULL)
        return wg_create_with(&config);
    return pick(seed, 2) == 0 ? wg_init(party->page, &config) : wg_attach(party->page);
}

void play_group(uint64_t *seed, bool poor)
{
    party_t party;
    memset(&party, 0, sizeof party);
    party.wg = make_group(&party, seed, poor);
    if (party.wg == NULL) {
        CHECK(poor && errno == ENOMEM);
        tally(GROUPS_DENIED, 1);
        return;
    }
    for (unsigned left = 1 + pick(seed, GENERATIONS_MAX); left > 0; left--) {
        party.is_last = left == 1;
        play_generation(&party, seed);
    }
    CHECK(party.wg == NULL);
    tally(GROUPS, 1);
}

void play_groups(scene_t *scene)
{
    while (scene_goes_on(scene))
        play_group(&scene->seed, false);
}
