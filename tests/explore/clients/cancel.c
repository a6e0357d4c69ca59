/* SPDX-License-Identifier: 0BSD */
/* cancel.c: notices that are withdrawn while the last done comes, others are registered, or a generation has begun. */
#include "notices.h"

static void register_and_withdraw_0(void)
{
    enter(0);
    if (registered[0])
        withdraw(0);
}

static void withdraw_0(void)
{
    withdraw(0);
}

/* Threads that register or withdraw at one time: one that stops while it holds the list may hold up the others. */
static void register_and_withdraw_0_beside(void)
{
    wgx_owes(true);
    register_and_withdraw_0();
}

static void register_1_beside(void)
{
    wgx_owes(true);
    enter(1);
}

static void withdraw_0_beside(void)
{
    wgx_owes(true);
    withdraw(0);
}

static void withdraw_1_beside(void)
{
    wgx_owes(true);
    withdraw(1);
}

static void setup_registered(int count)
{
    setup_one();
    for (int i = 0; i < count; i++)
        enter(i);
}

static void setup_two(void)
{
    setup_registered(2);
}

static void setup_three(void)
{
    setup_registered(3);
}

const wgx_client_t client_cancel = {
    .name = "cancel",
    .what = "a notice that is withdrawn while the last done comes",
    .setup = setup_one,
    .thread = { register_and_withdraw_0, worker },
    .finish = finish,
    .stale = 4,
};

const wgx_client_t client_cancel_weak = {
    .name = "cancel_weak",
    .what = "likewise; weak exchanges may fail",
    .setup = setup_one,
    .thread = { register_and_withdraw_0, worker },
    .finish = finish,
    .weak_cas = 2,
};

const wgx_client_t client_cancel_beside = {
    .name = "cancel_beside",
    .what = "a notice that is withdrawn while another one is registered and the last done comes",
    .setup = setup_one,
    .thread = { register_and_withdraw_0_beside, register_1_beside, worker },
    .finish = finish,
    .large = true,
};

const wgx_client_t client_cancel_one_of_two = {
    .name = "cancel_one_of_two",
    .what = "one of two notices is withdrawn while the last done comes",
    .setup = setup_two,
    .thread = { withdraw_0, worker },
    .finish = finish,
    .stale = 4,
};

const wgx_client_t client_cancel_both = {
    .name = "cancel_both",
    .what = "two notices are withdrawn by two threads while the last done comes",
    .setup = setup_two,
    .thread = { withdraw_0_beside, withdraw_1_beside, worker },
    .finish = finish,
};

/* The one in the middle of three: both its neighbours are linked to each other, in both directions. */
static void withdraw_two_of_three(void)
{
    withdraw(1);
    withdraw(2);
}

static void finish_in_order(void)
{
    if (place[0] != 0 && place[2] != 0)
        WGX_CHECK(place[0] < place[2]);
    finish();
}

const wgx_client_t client_cancel_middle = {
    .name = "cancel_middle",
    .what = "of three notices the middle one is withdrawn, then the newest",
    .setup = setup_three,
    .thread = { withdraw_two_of_three, worker },
    .finish = finish_in_order,
};

/* With a waiter: it may be alone in the word when the list becomes empty. */
const wgx_client_t client_cancel_waiter = {
    .name = "cancel_waiter",
    .what = "a notice that is withdrawn while another thread waits",
    .setup = setup_one,
    .thread = { register_and_withdraw_0, waiter, worker },
    .finish = finish,
};

/* Withdrawn and registered again, before zero. */
static void register_twice(void)
{
    register_and_withdraw_0();
    if (withdrawn[0]) {
        withdrawn[0] = false;
        enter(0);
    }
}

const wgx_client_t client_cancel_again = {
    .name = "cancel_again",
    .what = "a notice that is withdrawn and registered again while the last done comes",
    .setup = setup_one,
    .thread = { register_twice, worker },
    .finish = finish,
};

/* The canceller is a party to the group's life: so fn only tells, and the canceller ends the group. */
static void end_all(void)
{
    WGX_CHECK(data == 1);
    wg_destroy(group);
    free(storage);
    for (int i = 0; i < NOTICES; i++)
        free(notice[i]);
}

static void withdraw_or_await(void)
{
    if (wg_notify(group, notice[0], fn, &place[0]) && !wg_notify_cancel(group, notice[0]))
        wgx_await(&called, 1);
    else
        wg_wait(group);
    end_all();
}

const wgx_client_t client_cancel_free = {
    .name = "cancel_free",
    .what = "a notice that is withdrawn, or awaited, and then all is freed",
    .setup = setup_one,
    .thread = { withdraw_or_await, worker },
    .stale = 4,
};

/* A notice that is withdrawn is its owner's at once, whatever the group does. */
static void withdraw_and_free(void)
{
    wgx_owes(true);
    enter(0);
    if (!registered[0])
        return;
    withdraw(0);
    if (withdrawn[0]) {
        free(notice[0]);
        notice[0] = NULL;
    }
}

const wgx_client_t client_cancel_free_notice = {
    .name = "cancel_free_notice",
    .what = "a notice is freed as soon as it is withdrawn, beside another one",
    .setup = setup_one,
    .thread = { withdraw_and_free, register_1_beside, worker },
    .finish = finish,
    .large = true,
};

static void setup_two_and_free(void)
{
    setup_registered(2);
}

static void withdraw_1_and_free(void)
{
    wgx_owes(true);
    withdraw(1);
    if (withdrawn[1]) {
        free(notice[1]);
        notice[1] = NULL;
    }
}

const wgx_client_t client_cancel_free_one = {
    .name = "cancel_free_one",
    .what = "of two notices one is withdrawn and freed, while the other is withdrawn and the last done comes",
    .setup = setup_two_and_free,
    .thread = { withdraw_1_and_free, withdraw_0_beside, worker },
    .finish = finish,
};

/* The next generation may have begun, by fn, before the cancel looks. */
static void fn_adds(void *arg)
{
    fn(arg);
    wg_add(group, 1);
    wg_done(group);
}

static void setup_next(void)
{
    setup_one();
    WGX_CHECK(wg_notify(group, notice[0], fn_adds, &place[0]));
    registered[0] = true;
}

const wgx_client_t client_cancel_next = {
    .name = "cancel_next",
    .what = "a cancel that may come a generation late",
    .setup = setup_next,
    .thread = { withdraw_0, worker },
    .finish = finish,
    .stale = 4,
};

/* Likewise, and the notice is registered there again: it is withdrawn from the one or the other. */
static void fn_of_second(void *arg)
{
    (void)arg;
    WGX_CHECK(data == 1);
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
}

static void fn_registers_again(void *arg)
{
    fn_of_second(arg);
    wg_add(group, 1);
    WGX_CHECK(wg_notify(group, notice[0], fn_of_second, NULL));
    wg_done(group);
}

static void setup_next_again(void)
{
    setup_one();
    WGX_CHECK(wg_notify(group, notice[0], fn_registers_again, NULL));
}

static void finish_next_again(void)
{
    const uint32_t times = atomic_load_explicit(&called, memory_order_relaxed);
    WGX_CHECK(withdrawn[0] ? times < 2 : times == 2);
    end_group();
}

const wgx_client_t client_cancel_next_again = {
    .name = "cancel_next_again",
    .what = "likewise, and the notice may be registered in that generation",
    .setup = setup_next_again,
    .thread = { withdraw_0_beside, worker },
    .finish = finish_next_again,
    .stale = 1,
};

/* Closed at any moment. */
static void closer(void)
{
    wg_close(group);
}

static void finish_closed(void)
{
    WGX_CHECK(wg_is_closed(group));
    finish();
}

const wgx_client_t client_cancel_close = {
    .name = "cancel_close",
    .what = "wg_close() at any moment of a notice that is withdrawn",
    .setup = setup_one,
    .thread = { register_and_withdraw_0, worker, closer },
    .finish = finish_closed,
};
