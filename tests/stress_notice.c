/* SPDX-License-Identifier: 0BSD */
/*
 * stress_notice.c: notices are registered, withdrawn and called while tasks end, and
 * groups and notices are freed as soon as they may be.
 *
 * The races need luck: two users and two workers, in many rounds.  What a task writes
 * without atomics is read where it must be visible, so a race detector sees more.
 */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

static const wg_sem_ops_t *ops;

#define USERS 2 /* and the main thread */
#define WORKERS 2
#define TASKS 3 /* of a group, at most */

/* Work: a thread that takes a task writes the task's word, then counts the task off. */

typedef struct task {
    wg_t *wg;
    int *word;
} task_t;

#define QUEUE 16

static struct {
    task_t *_Atomic tasks[QUEUE];
    thread_t workers[WORKERS];
    atomic_bool stop;
} pool;

static void work_all_the_time(void *arg)
{
    size_t at = (size_t)arg;
    while (!atomic_load(&pool.stop)) {
        task_t *const task = atomic_exchange(&pool.tasks[at++ % QUEUE], NULL);
        if (task == NULL) {
            if (at % QUEUE == 0)
                sched_yield();
            continue;
        }
        wg_t *const wg = task->wg;
        *task->word = 1;
        if (at % 3 == 0) { /* adds a subtask */
            wg_add(wg, 1);
            wg_add(wg, -2);
        } else {
            wg_done(wg);
        }
    }
}

static void start_pool(void)
{
    atomic_store(&pool.stop, false);
    for (size_t i = 0; i < QUEUE; i++)
        atomic_store(&pool.tasks[i], NULL);
    for (size_t i = 0; i < WORKERS; i++)
        thread_start(&pool.workers[i], work_all_the_time, (void *)(i * QUEUE / WORKERS));
}

static void stop_pool(void)
{
    atomic_store(&pool.stop, true);
    for (size_t i = 0; i < WORKERS; i++)
        thread_join(&pool.workers[i]);
}

static void hand_over(task_t *task, unsigned hint)
{
    for (unsigned at = hint;; at++) {
        task_t *none = NULL;
        if (atomic_compare_exchange_strong(&pool.tasks[at % QUEUE], &none, task))
            return;
        if (at % QUEUE == 0)
            sched_yield();
    }
}

static unsigned draw(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 16) % n;
}

/* A group and the words of its tasks. */
typedef struct batch {
    wg_t *wg;
    unsigned count;
    task_t tasks[TASKS];
    int words[TASKS];
} batch_t;

static void begin_batch(batch_t *batch, unsigned *seed)
{
    batch->wg = make_over(ops);
    batch->count = 1 + draw(seed, TASKS);
    wg_add(batch->wg, (int)batch->count);
    for (unsigned i = 0; i < batch->count; i++) {
        batch->words[i] = 0;
        batch->tasks[i] = (task_t){ batch->wg, &batch->words[i] };
        hand_over(&batch->tasks[i], draw(seed, QUEUE));
    }
}

static void look(const batch_t *batch)
{
    for (unsigned i = 0; i < batch->count; i++)
        REQUIRE(batch->words[i] == 1);
}

/* Counts of what happened.  A test in which nothing happened must not pass. */
static atomic_uint fns, zeros, withdrawn, too_late, timeouts, found;

static atomic_uint pieces; /* on the heap, not yet freed */

typedef struct piece {
    batch_t batch;
    wg_notice_t notice;
} piece_t;

static void free_piece(void *arg)
{
    piece_t *const piece = arg;
    look(&piece->batch);
    wg_destroy(piece->batch.wg);
    memset(piece, 0xee, sizeof *piece);
    free(piece);
    atomic_fetch_sub(&pieces, 1);
}

static void free_called_piece(void *arg)
{
    atomic_fetch_add(&fns, 1);
    free_piece(arg);
}

/* fn frees everything, while wg_notify() and wg_done() may not have returned yet. */
static void start_and_forget(unsigned *seed)
{
    piece_t *const piece = calloc(1, sizeof *piece);
    REQUIRE(piece != NULL);
    atomic_fetch_add(&pieces, 1);
    begin_batch(&piece->batch, seed);
    if (!wg_notify(piece->batch.wg, &piece->notice, free_called_piece, piece)) {
        atomic_fetch_add(&zeros, 1);
        free_piece(piece);
    }
}

/* A notice that can be withdrawn: its fn says that it has begun. */
typedef struct signal_ {
    wg_notice_t notice;
    const batch_t *batch;
    atomic_uint calls;
} signal_t;

static void count_call(void *arg)
{
    signal_t *const self = arg;
    look(self->batch);
    atomic_fetch_add(&fns, 1);
    atomic_fetch_add(&self->calls, 1);
}

static bool register_it(signal_t *self, const batch_t *batch)
{
    memset(self, 0, sizeof *self);
    self->batch = batch;
    const bool registered = wg_notify(batch->wg, &self->notice, count_call, self);
    if (!registered) {
        look(batch);
        atomic_fetch_add(&zeros, 1);
    }
    return registered;
}

/* When this returns, the notice belongs to the caller again. */
static void withdraw_or_await(signal_t *self, wg_t *wg)
{
    if (wg_notify_cancel(wg, &self->notice)) {
        REQUIRE(atomic_load(&self->calls) == 0);
        memset(&self->notice, 0x5a, sizeof self->notice);
        atomic_fetch_add(&withdrawn, 1);
    } else {
        UNTIL(atomic_load(&self->calls) == 1);
        atomic_fetch_add(&too_late, 1);
    }
}

static void register_and_withdraw(unsigned *seed)
{
    batch_t batch;
    signal_t signals[4];
    bool mine[4];
    begin_batch(&batch, seed);
    for (unsigned i = 0; i < 4; i++)
        mine[i] = register_it(&signals[i], &batch);
    for (unsigned i = 0; i < 4; i++)
        if (mine[i] && draw(seed, 2) != 0) {
            withdraw_or_await(&signals[i], batch.wg);
            mine[i] = false;
        }
    wg_wait(batch.wg);
    look(&batch);
    for (unsigned i = 0; i < 4; i++)
        if (mine[i])
            UNTIL(atomic_load(&signals[i].calls) == 1);
    wg_destroy(batch.wg);
}

/*
 * ThreadSanitizer does not know sem_clockwait().  So it does not see that the last done
 * comes before its memory is freed.
 */
static bool may_time_out(void)
{
    return !SUITE_TSAN || ops != wg_sem_posix();
}

static void wait_for_any(unsigned *seed)
{
    batch_t batches[3];
    wg_choice_t choices[4];
    size_t which = 9;
    for (unsigned i = 0; i < 3; i++) {
        begin_batch(&batches[i], seed);
        choices[i].wg = batches[i].wg;
    }
    choices[3].wg = batches[0].wg; /* twice */
    for (;;) {
        const struct timespec deadline = monotonic_in_ns(draw(seed, 30000));
        const bool is_timed = may_time_out() && draw(seed, 4) != 0;
        const int result = wg_wait_any(choices, 4, is_timed ? &deadline : NULL, &which);
        if (result == 0)
            break;
        REQUIRE(result == ETIMEDOUT);
        atomic_fetch_add(&timeouts, 1);
    }
    memset(choices, 0x5a, sizeof choices);
    REQUIRE(which < 4);
    which %= 3;
    look(&batches[which]);
    wg_destroy(batches[which].wg);
    atomic_fetch_add(&found, 1);
    for (unsigned i = 0; i < 3; i++)
        if (i != which) {
            wg_wait(batches[i].wg);
            look(&batches[i]);
            wg_destroy(batches[i].wg);
        }
}

static void done_with(void *arg)
{
    atomic_fetch_add(&fns, 1);
    wg_done(arg);
}

/*
 * Groups as tasks of one more group.  When the wait for that group is over, the notices
 * of all the others have begun, so these may be destroyed.
 */
static void wait_for_groups(unsigned *seed)
{
    batch_t batches[3];
    wg_notice_t notices[3] = { WG_NOTICE_INIT, WG_NOTICE_INIT, WG_NOTICE_INIT };
    wg_t *const parent = make_over(ops);
    wg_add(parent, 3);
    for (unsigned i = 0; i < 3; i++) {
        begin_batch(&batches[i], seed);
        if (!wg_notify(batches[i].wg, &notices[i], done_with, parent))
            wg_done(parent);
    }
    while (may_time_out() ? wg_wait_for(parent, draw(seed, 30000)) != 0 : (wg_wait(parent), false))
        continue;
    for (unsigned i = 0; i < 3; i++) {
        look(&batches[i]);
        wg_destroy(batches[i].wg);
    }
    wg_destroy(parent);
}

static void (*const plays[])(unsigned *seed) = { start_and_forget, register_and_withdraw, wait_for_any,
                                                 wait_for_groups };
static atomic_bool users_stop;

static void use_all_the_time(void *arg)
{
    unsigned seed = (unsigned)(size_t)arg;
    while (!atomic_load(&users_stop))
        plays[draw(&seed, COUNT_OF(plays))](&seed);
}

static void users_come_and_go_while_tasks_end(void **unused)
{
    thread_t user;
    unsigned seed = 7;
    (void)unused;
    start_pool();
    atomic_store(&users_stop, false);
    thread_start(&user, use_all_the_time, (void *)1);
    while (stress_goes_on(40000, 300))
        plays[draw(&seed, COUNT_OF(plays))](&seed);
    atomic_store(&users_stop, true);
    thread_join(&user);
    UNTIL(atomic_load(&pieces) == 0);
    stop_pool();
    print_message("called %u, at zero %u, withdrawn %u, too late %u, found %u, timed out %u\n", atomic_load(&fns),
                  atomic_load(&zeros), atomic_load(&withdrawn), atomic_load(&too_late), atomic_load(&found),
                  atomic_load(&timeouts));
    assert_true(atomic_load(&fns) > 0 && atomic_load(&withdrawn) > 0);
    assert_true(atomic_load(&found) > 0 && (atomic_load(&timeouts) > 0 || !may_time_out()));
}

/* All users in one group: they meet each other and the last done at the list. */

static batch_t common;
static atomic_uint round_now, ready;

static void meet_in_each_round(void *arg)
{
    unsigned seed = (unsigned)(size_t)arg;
    for (unsigned round = 1;; round++) {
        signal_t signals[3];
        bool mine[3];
        UNTIL(atomic_load(&round_now) == round || atomic_load(&users_stop));
        if (atomic_load(&users_stop))
            return;
        for (unsigned i = 0; i < 3; i++)
            mine[i] = register_it(&signals[i], &common);
        for (unsigned i = 0; i < 3; i++)
            if (mine[i] && draw(&seed, 4) != 0)
                withdraw_or_await(&signals[i], common.wg);
            else if (mine[i])
                UNTIL(atomic_load(&signals[i].calls) == 1);
        atomic_fetch_add(&ready, 1);
    }
}

static void users_meet_in_one_list(void **unused)
{
    thread_t users[USERS];
    (void)unused;
    atomic_store(&users_stop, false);
    atomic_store(&round_now, 0);
    atomic_store(&zeros, 0);
    atomic_store(&too_late, 0);
    atomic_store(&withdrawn, 0);
    for (size_t i = 0; i < USERS; i++)
        thread_start(&users[i], meet_in_each_round, (void *)(i + 1));
    for (unsigned round = 0; stress_goes_on(40000, 300); round++) {
        atomic_store(&ready, 0);
        common.wg = make_over(ops);
        common.count = 1;
        common.words[0] = 0;
        wg_add(common.wg, 1);
        atomic_fetch_add(&round_now, 1);
        /* The last done comes before the users register, or meanwhile, or later. */
        const struct timespec at = monotonic_in_ns((int64_t)(round % 64) * 50);
        while (ns_since(at) < 0)
            continue;
        common.words[0] = 1;
        wg_done(common.wg);
        UNTIL(atomic_load(&ready) == USERS);
        assert_int_equal(wg_count(common.wg), 0);
        wg_destroy(common.wg);
    }
    atomic_store(&users_stop, true);
    for (size_t i = 0; i < USERS; i++)
        thread_join(&users[i]);
    print_message("at zero %u, withdrawn %u, too late %u\n", atomic_load(&zeros), atomic_load(&withdrawn),
                  atomic_load(&too_late));
    assert_true(atomic_load(&zeros) + atomic_load(&too_late) > 0);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    if (SUITE_TSAN && ops == wg_sem_dispatch()) {
        printf("skipped: ThreadSanitizer does not know the semaphore of libdispatch, in which wg_wait_any() sleeps\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_come_and_go_while_tasks_end),
        cmocka_unit_test(users_meet_in_one_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
