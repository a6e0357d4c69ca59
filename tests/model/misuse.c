/* SPDX-License-Identifier: 0BSD */
/*
 * misuse.c: what a program must not do is reported wherever it can be seen, as what it is, and nowhere else.
 *
 * Each thread notes the last word that its own steps saw.  So it can tell, when a call returns, that nothing was to be
 * reported, and the handler, that what is reported was there.
 */
#define MODEL_MISUSE 1

#include "state.h"

static _Thread_local uint64_t saw;
static _Thread_local bool judging;

static inline uint64_t note(uint64_t word)
{
    if (judging)
        saw = word;
    return word;
}

static inline wgi_enlisted_t note_enlist(wgi_state_t *state)
{
    const wgi_enlisted_t result = wgi_state_enlist(state);
    if (result == WGI_ZERO)
        (void)note(0);
    return result;
}

static inline wgi_verdict_t note_try_add(wgi_state_t *state, uint32_t n, uint64_t *seen)
{
    const wgi_verdict_t verdict = wgi_state_try_add(state, n, seen);
    (void)note(*seen);
    return verdict;
}

#define wgi_state_add(state, delta) note(wgi_state_add(state, delta))
#define wgi_state_acquire(state) note(wgi_state_acquire(state))
#define wgi_state_relaxed(state) note(wgi_state_relaxed(state))
#define wgi_state_enlist(state) note_enlist(state)
#define wgi_state_try_add(state, n, seen) note_try_add(state, n, seen)

#include "model.h"

#include <limits.h>

#define BIT(misuse) (1u << (misuse))

/* What the calls of this thread may report. */
static _Thread_local unsigned allowed;
static int data;

static void on_misuse(const wg_t *wg, wg_misuse_t misuse, const char *message)
{
    assert(wg == group && message != NULL);
    assert((allowed & BIT(misuse)) != 0);
    if (judging) {
        const bool closed = (saw & WGI_STATE_CLOSED) != 0, waited_for = wgi_state_waiters(saw) != 0;
        const int64_t counter = (int32_t)wgi_state_counter(saw);
        switch (misuse) {
        case WG_MISUSE_ADD_DURING_WAIT:
            assert(waited_for && counter <= 1);
            break;
        case WG_MISUSE_ADD_AFTER_CLOSE:
            assert(closed && !waited_for && counter == 1);
            break;
        case WG_MISUSE_REUSED_TOO_SOON:
            assert(counter != 0 || waited_for);
            break;
        case WG_MISUSE_COUNTER_OVERFLOW:
            assert(counter < 0 || counter == INT_MAX);
            break;
        default:
            break;
        }
    }
    atomic_fetch_or_explicit(&misuses, BIT(misuse), memory_order_relaxed);
    pthread_exit(NULL);
}

static bool reported(wg_misuse_t misuse)
{
    return (atomic_load_explicit(&misuses, memory_order_relaxed) & BIT(misuse)) != 0;
}

static void setup_none(void)
{
    data = 0;
    atomic_store_explicit(&misuses, 0, memory_order_relaxed);
    (void)wg_set_panic_handler(on_misuse);
    make_group(0);
}

static void setup_one(void)
{
    setup_none();
    wg_add(group, 1);
}

/* Without a misuse, all is as it should be. */
static void finish(void)
{
    assert(atomic_load_explicit(&misuses, memory_order_relaxed) != 0 ||
           (wg_count(group) == 0 && wg_waiters(group) == 0));
    wg_destroy(group);
}

/* From here on the word that was seen last decides. */
static void judge(unsigned may)
{
    allowed = may;
    judging = true;
}

/* One done too many: always reported, whoever waits. */
#define NEGATIVE (BIT(WG_MISUSE_NEGATIVE_COUNTER) | BIT(WG_MISUSE_ADD_DURING_WAIT))

static void worker(void)
{
    allowed = NEGATIVE;
    wg_done(group);
}

static void waiter(void)
{
    judge(BIT(WG_MISUSE_REUSED_TOO_SOON));
    wg_wait(group);
    assert(wgi_state_counter(saw) == 0);
}

static void timed(void)
{
    judge(BIT(WG_MISUSE_REUSED_TOO_SOON));
    if (wg_wait_for(group, 1000) == 0)
        assert(wgi_state_counter(saw) == 0);
}

static void finish_negative(void)
{
    assert(reported(WG_MISUSE_NEGATIVE_COUNTER));
    wg_destroy(group);
}

/* An add from zero that is not ordered with the wait. */
static void only_worker(void)
{
    allowed = BIT(WG_MISUSE_ADD_DURING_WAIT); /* by the reset, which sees the add */
    data = 1;
    wg_done(group);
}

static void adder(void)
{
    judge(BIT(WG_MISUSE_ADD_DURING_WAIT));
    wg_add(group, 1);
    assert(wgi_state_counter(saw) > 1 || wgi_state_waiters(saw) == 0);
    judging = false;
    wg_done(group);
}

static void try_adder(void)
{
    judge(BIT(WG_MISUSE_ADD_DURING_WAIT));
    const bool counted = wg_try_add(group, 1);
    assert(counted && (wgi_state_counter(saw) != 0 || wgi_state_waiters(saw) == 0));
    judging = false;
    if (counted)
        wg_done(group);
}

/* The group is in use again before a wait has returned; nobody is registered then. */
static void worker_and_reuse(void)
{
    allowed = 0;
    data = 1;
    wg_done(group);
    wg_add(group, 1);
    wg_done(group);
}

static void reused_waiter(void)
{
    waiter();
    assert(data == 1);
}

/*
 * Generations overlap: a monitor that registered in the first and times out in the
 * second takes somebody else's registration back, who is then let go by the token
 * that the monitor has left.  Either there is a misuse, or the data is visible.
 */
static _Atomic uint32_t again;

static void setup_overlap(void)
{
    atomic_store_explicit(&again, 0, memory_order_relaxed);
    setup_one();
}

static void owner(void)
{
    allowed = BIT(WG_MISUSE_REUSED_TOO_SOON) | BIT(WG_MISUSE_ADD_DURING_WAIT);
    wg_wait(group);
    assert(data == 1);
    wg_add(group, 1);
    atomic_store_explicit(&again, 1, memory_order_release);
    wg_wait(group);
    assert(data == 2);
}

static void tasks(void)
{
    allowed = BIT(WG_MISUSE_ADD_DURING_WAIT);
    data = 1;
    wg_done(group);
    while (atomic_load_explicit(&again, memory_order_acquire) != 1) {
        leave_if_misused();
        sched_yield();
    }
    data = 2;
    wg_done(group);
}

static void add_much(void)
{
    judge(BIT(WG_MISUSE_COUNTER_OVERFLOW));
    wg_add(group, INT_MAX);
    assert(saw <= INT_MAX * WGI_STATE_ONE);
}

static void add_one(void)
{
    judge(BIT(WG_MISUSE_COUNTER_OVERFLOW));
    wg_add(group, 1);
    assert(saw == WGI_STATE_ONE);
}

static void try_add_one(void)
{
    judge(BIT(WG_MISUSE_COUNTER_OVERFLOW));
    const bool counted = wg_try_add(group, 1);
    assert(counted && saw == 0);
    (void)counted;
}

static void finish_overflow(void)
{
    assert(atomic_load_explicit(&misuses, memory_order_relaxed) == BIT(WG_MISUSE_COUNTER_OVERFLOW));
    wg_destroy(group);
}

/* wg_add() from zero in a closed group. */
static void closer(void)
{
    allowed = 0;
    wg_close(group);
}

static void late_adder(void)
{
    judge(BIT(WG_MISUSE_ADD_AFTER_CLOSE));
    wg_add(group, 1);
    assert((saw & WGI_STATE_CLOSED) == 0);
    judging = false;
    wg_done(group);
}

static void finish_closed(void)
{
    assert(wg_is_closed(group));
    finish();
}

/* The end of a group that is in use. */
static void destroyer(void)
{
    allowed = BIT(WG_MISUSE_DESTROYED_IN_USE);
    wg_destroy(group);
    assert(!"it was in use");
}

static void sleeper(void)
{
    allowed = 0;
    wg_wait(group);
    assert(!"nothing was done");
}

static void finish_destroyed(void)
{
    assert(atomic_load_explicit(&misuses, memory_order_relaxed) == BIT(WG_MISUSE_DESTROYED_IN_USE));
    wg_destroy(group);
}

SCENE(misuse_negative, setup_one, finish_negative, waiter, worker, worker)
TIMED_SCENE(misuse_negative_timed, setup_one, finish_negative, timed, worker, worker)
SCENE(misuse_negative_two, setup_one, finish_negative, waiter, waiter, worker, worker)
SCENE(misuse_add, setup_one, finish, waiter, only_worker, adder)
TIMED_SCENE(misuse_add_timed, setup_one, finish, timed, only_worker, adder)
SCENE(misuse_try_add, setup_one, finish, waiter, only_worker, try_adder)
SCENE(misuse_reuse, setup_one, finish, reused_waiter, worker_and_reuse)
TIMED_SCENE(misuse_overlap, setup_overlap, finish, timed, owner, tasks)
SCENE(misuse_overflow, setup_none, finish_overflow, add_much, add_one)
SCENE(misuse_overflow_try, setup_none, finish_overflow, add_much, try_add_one)
SCENE(misuse_closed, setup_none, finish_closed, closer, late_adder)
SCENE(misuse_destroy, setup_one, finish_destroyed, destroyer, sleeper)
SCENES(play_misuse_negative, play_misuse_negative_timed, play_misuse_negative_two, play_misuse_add,
       play_misuse_add_timed, play_misuse_try_add, play_misuse_reuse, play_misuse_overlap, play_misuse_overflow,
       play_misuse_overflow_try, play_misuse_closed, play_misuse_destroy)
