/* SPDX-License-Identifier: 0BSD */
/* notice.c: functions that are called at zero: registered, called, withdrawn, while the last done comes. */
#include "client.h"

static int data;
static _Atomic uint32_t called; /* how often fn has begun */
static wg_notice_t *notice[2];
static bool registered[2], withdrawn[2];

static void setup_tasks(int count)
{
    make_group(count);
    data = 0;
    atomic_init(&called, 0);
    wgx_name(&called, sizeof called, "called");
    for (int i = 0; i < 2; i++) {
        notice[i] = malloc(sizeof *notice[i]);
        memset(notice[i], 0, sizeof *notice[i]);
        wgx_name(notice[i], sizeof *notice[i], i == 0 ? "notice 0" : "notice 1");
        registered[i] = withdrawn[i] = false;
    }
}

static void setup(void)
{
    setup_tasks(1);
}

static void fn(void *arg)
{
    WGX_CHECK(data == *(int *)arg);
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
}

static int one = 1;

static void worker(void)
{
    wgx_owes(true);
    data = 1;
    wg_done(group);
}

static void register_0(void)
{
    registered[0] = wg_notify(group, notice[0], fn, &one);
    if (!registered[0])
        WGX_CHECK(data == 1);
}

static void register_1(void)
{
    registered[1] = wg_notify(group, notice[1], fn, &one);
    if (!registered[1])
        WGX_CHECK(data == 1);
}

static void waiter(void)
{
    wg_wait(group);
    WGX_CHECK(data == 1);
}

static void register_and_withdraw_0(void)
{
    register_0();
    if (registered[0])
        withdrawn[0] = wg_notify_cancel(group, notice[0]);
}

/* Each fn was called once, unless its registration said no or it was withdrawn. */
static void finish(void)
{
    uint32_t expected = 0;
    for (int i = 0; i < 2; i++)
        expected += registered[i] && !withdrawn[i];
    WGX_CHECK(atomic_load_explicit(&called, memory_order_relaxed) == expected);
    end_group();
    free(notice[0]);
    free(notice[1]);
}

/* Two threads that register: one that stops while it holds the list may hold up the other one. */
static void register_0_beside(void)
{
    wgx_owes(true);
    register_0();
}

static void register_1_beside(void)
{
    wgx_owes(true);
    register_1();
}

static void register_and_withdraw_0_beside(void)
{
    wgx_owes(true);
    register_and_withdraw_0();
}

const wgx_client_t client_notice = {
    .name = "notice",
    .what = "one notice, one task",
    .setup = setup,
    .thread = { register_0, worker },
    .finish = finish,
    .stale = 4,
    .weak_cas = 1,
};

const wgx_client_t client_notice_two = {
    .name = "notice_two",
    .what = "two notices by two threads, one task",
    .setup = setup,
    .thread = { register_0_beside, register_1_beside, worker },
    .finish = finish,
};

const wgx_client_t client_notice_waiter = {
    .name = "notice_waiter",
    .what = "a notice and a waiter, one task",
    .setup = setup,
    .thread = { register_0, waiter, worker },
    .finish = finish,
};

const wgx_client_t client_cancel = {
    .name = "cancel",
    .what = "a notice that is withdrawn while the last done comes",
    .setup = setup,
    .thread = { register_and_withdraw_0, worker },
    .finish = finish,
    .stale = 4,
};

const wgx_client_t client_cancel_beside = {
    .name = "cancel_beside",
    .what = "a notice that is withdrawn while another one is registered and the last done comes",
    .setup = setup,
    .thread = { register_and_withdraw_0_beside, register_1_beside, worker },
    .finish = finish,
};

/* fn of the only party ends the group and the notice, whoever is still inside. */
static void fn_ends_all(void *arg)
{
    WGX_CHECK(data == *(int *)arg);
    wg_destroy(group);
    free(storage);
    free(notice[0]);
}

static void register_and_forget(void)
{
    if (!wg_notify(group, notice[0], fn_ends_all, &one))
        fn_ends_all(&one);
}

const wgx_client_t client_notice_free = {
    .name = "notice_free",
    .what = "fn ends the group and the notice",
    .setup = setup,
    .thread = { register_and_forget, worker },
    .stale = 4,
};

/* The canceller is a party to the group's life: so fn only tells, and the canceller ends the group. */
static void fn_tells(void *arg)
{
    WGX_CHECK(data == *(int *)arg);
    atomic_store_explicit(&called, 1, memory_order_release);
}

static void withdraw_or_await(void)
{
    if (wg_notify(group, notice[0], fn_tells, &one) && !wg_notify_cancel(group, notice[0]))
        wgx_await(&called, 1);
    else
        wg_wait(group);
    WGX_CHECK(data == 1);
    wg_destroy(group);
    free(storage);
    free(notice[0]);
}

const wgx_client_t client_cancel_free = {
    .name = "cancel_free",
    .what = "a notice that is withdrawn, or awaited, and then all is freed",
    .setup = setup,
    .thread = { withdraw_or_await, worker },
    .stale = 4,
};

/* Wait for any. */

static wg_t *other_group;

static void setup_any(void)
{
    setup_tasks(1);
    other_group = wg_create();
    wg_add(other_group, 1);
}

static void any(void)
{
    wg_choice_t *const choices = malloc(2 * sizeof *choices);
    size_t which = 9;
    memset(choices, 0, 2 * sizeof *choices);
    choices[0].wg = group;
    choices[1].wg = other_group;
    WGX_CHECK(wg_wait_any(choices, 2, NULL, &which) == 0);
    WGX_CHECK(which < 2);
    if (which == 0)
        WGX_CHECK(data == 1);
    free(choices);
}

static void other_worker(void)
{
    wgx_owes(true);
    wg_done(other_group);
}

static void finish_any(void)
{
    wg_destroy(other_group);
    end_group();
    free(notice[0]);
    free(notice[1]);
}

const wgx_client_t client_any = {
    .name = "any",
    .what = "a wait for any of two groups, both of which finish",
    .setup = setup_any,
    .thread = { any, worker, other_worker },
    .finish = finish_any,
};
