/* SPDX-License-Identifier: 0BSD */
/* notice.c: functions that are called at zero: registered, called, withdrawn, while the last done comes. */
#include "model.h"

static int data;
static _Atomic uint32_t called, again;
static wg_notice_t notice[2];
static bool registered[2], withdrawn[2];
static wg_t *parent;

static void setup_rest(void)
{
    data = 0;
    atomic_store_explicit(&called, 0, memory_order_relaxed);
    atomic_store_explicit(&again, 0, memory_order_relaxed);
    for (int i = 0; i < 2; i++) {
        notice[i].wg = NULL;
        registered[i] = withdrawn[i] = false;
    }
}

static void setup(void)
{
    setup_rest();
    make_group(1);
}

static void fn(void *unused)
{
    (void)unused;
    assert(data == 1);
    atomic_fetch_add_explicit(&called, 1, memory_order_release);
}

static void enter(int i)
{
    registered[i] = wg_notify(group, &notice[i], fn, NULL);
    if (!registered[i])
        assert(data == 1);
}

static void withdraw(int i)
{
    withdrawn[i] = wg_notify_cancel(group, &notice[i]);
}

static void worker(void)
{
    data = 1;
    wg_done(group);
}

static void waiter(void)
{
    wg_wait(group);
    assert(data == 1);
}

static void closer(void)
{
    wg_close(group);
}

static void register_0(void)
{
    enter(0);
}

static void register_1(void)
{
    enter(1);
}

static void withdraw_0(void)
{
    withdraw(0);
}

static void withdraw_1(void)
{
    withdraw(1);
}

static void register_and_withdraw_0(void)
{
    enter(0);
    if (registered[0])
        withdraw(0);
}

/* Each fn was called once, unless its registration said no or it was withdrawn. */
static void finish(void)
{
    uint32_t expected = 0;
    for (int i = 0; i < 2; i++)
        expected += registered[i] && !withdrawn[i];
    assert(atomic_load_explicit(&called, memory_order_relaxed) == expected);
    end_group();
}

static void setup_two_registered(void)
{
    setup();
    enter(0);
    enter(1);
}

/* fn of the only party ends the group, whoever is still inside. */
static void setup_to_free(void)
{
    setup_rest();
    make_group_to_free(1);
}

static void fn_ends_all(void *unused)
{
    (void)unused;
    assert(data == 1);
    wg_destroy(group);
}

static void register_and_forget(void)
{
    if (!wg_notify(group, &notice[0], fn_ends_all, NULL))
        fn_ends_all(NULL);
}

/* The canceller is a party to the group's life: so fn only tells, and the canceller ends the group. */
static void withdraw_or_await(void)
{
    if (wg_notify(group, &notice[0], fn, NULL) && !wg_notify_cancel(group, &notice[0]))
        await(&called, 1);
    else
        wg_wait(group);
    fn_ends_all(NULL);
}

/* fn adds a task, and registers its own notice again. */
static void fn_of_second(void *unused)
{
    (void)unused;
    assert(data == 2);
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
}

static void fn_registers_again(void *unused)
{
    (void)unused;
    assert(data == 1);
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
    wg_add(group, 1);
    if (!wg_notify(group, &notice[0], fn_of_second, NULL))
        assert(!"a notice is refused under a task");
    atomic_store_explicit(&again, 1, memory_order_release);
}

static void register_for_two(void)
{
    if (!wg_notify(group, &notice[0], fn_registers_again, NULL))
        fn_registers_again(NULL);
}

static void second_worker(void)
{
    await(&again, 1);
    data = 2;
    wg_done(group);
}

static void finish_again(void)
{
    assert(atomic_load_explicit(&called, memory_order_relaxed) == 2);
    end_group();
}

/* A withdrawal that may come a generation late. */
static void fn_adds(void *arg)
{
    fn(arg);
    wg_add(group, 1);
    wg_done(group);
}

static void setup_next(void)
{
    setup();
    registered[0] = wg_notify(group, &notice[0], fn_adds, NULL);
}

/* A group as a task of another one. */
static void setup_parent(void)
{
    setup();
    parent = wg_create();
    assert(parent != NULL);
    wg_add(parent, 1);
}

static void done(void *wg)
{
    wg_done(wg);
}

static void parent_of_group(void)
{
    if (!wg_notify(group, &notice[0], done, parent))
        wg_done(parent);
    wg_wait(parent);
    assert(data == 1);
    wg_destroy(parent);
    end_group();
}

SCENE(notice, setup, finish, register_0, worker)
SCENE(notice_two, setup, finish, register_0, register_1, worker)
SCENE(notice_waiter, setup, finish, register_0, waiter, worker)
SCENE(notice_close, setup, finish, register_0, worker, closer)
SCENE(notice_free, setup_to_free, leave_it, register_and_forget, worker)
SCENE(notice_again, setup, finish_again, register_for_two, worker, second_worker)
SCENE(notice_parent, setup_parent, leave_it, parent_of_group, worker)
SCENE(cancel, setup, finish, register_and_withdraw_0, worker)
SCENE(cancel_beside, setup, finish, register_and_withdraw_0, register_1, worker)
SCENE(cancel_one_of_two, setup_two_registered, finish, withdraw_0, worker)
SCENE(cancel_both, setup_two_registered, finish, withdraw_0, withdraw_1, worker)
SCENE(cancel_waiter, setup, finish, register_and_withdraw_0, waiter, worker)
SCENE(cancel_free, setup_to_free, leave_it, withdraw_or_await, worker)
SCENE(cancel_next, setup_next, finish, withdraw_0, worker)
SCENES(play_notice, play_notice_two, play_notice_waiter, play_notice_close, play_notice_free, play_notice_again,
       play_notice_parent, play_cancel, play_cancel_beside, play_cancel_one_of_two, play_cancel_both,
       play_cancel_waiter, play_cancel_free, play_cancel_next)
