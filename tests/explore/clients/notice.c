/* SPDX-License-Identifier: 0BSD */
/* notice.c: functions that are called at zero, while they are registered, while others wait, and as the last party. */
#include "notices.h"

static void register_0(void)
{
    enter(0);
}

/* Two threads that register: one that stops while it holds the list may hold up the other one. */
static void register_0_beside(void)
{
    wgx_owes(true);
    enter(0);
}

static void register_1_beside(void)
{
    wgx_owes(true);
    enter(1);
}

const wgx_client_t client_notice = {
    .name = "notice",
    .what = "one notice, one task",
    .setup = setup_one,
    .thread = { register_0, worker },
    .finish = finish,
    .stale = 4,
    .weak_cas = 1,
};

const wgx_client_t client_notice_two = {
    .name = "notice_two",
    .what = "two notices by two threads, one task",
    .setup = setup_one,
    .thread = { register_0_beside, register_1_beside, worker },
    .finish = finish,
};

const wgx_client_t client_notice_two_stale = {
    .name = "notice_two_stale",
    .what = "two notices by two threads, one task; loads may be old",
    .setup = setup_one,
    .thread = { register_0_beside, register_1_beside, worker },
    .finish = finish,
    .stale = 4,
    .large = true,
};

const wgx_client_t client_notice_waiter = {
    .name = "notice_waiter",
    .what = "a notice and a waiter, one task",
    .setup = setup_one,
    .thread = { register_0, waiter, worker },
    .finish = finish,
    .spurious = 1,
};

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        WGX_CHECK(data == 1);
}

const wgx_client_t client_notice_timed_waiter = {
    .name = "notice_timed_waiter",
    .what = "a notice and a waiter that may time out, one task",
    .setup = setup_one,
    .thread = { register_0, timed, worker },
    .finish = finish,
};

/* What was written before wg_notify() is seen by fn, and what each task wrote. */
static int argument, other_data;

static void setup_two_tasks(void)
{
    argument = other_data = 0;
    setup_tasks(2);
}

static void other_worker(void)
{
    wgx_owes(true);
    other_data = 1;
    wg_done(group);
}

static void fn_reads_all(void *arg)
{
    WGX_CHECK(argument == 1 && other_data == 1);
    fn(arg);
}

static void register_with_argument(void)
{
    argument = 1;
    registered[0] = wg_notify(group, notice[0], fn_reads_all, &place[0]);
    if (!registered[0])
        WGX_CHECK(data == 1 && other_data == 1);
}

const wgx_client_t client_notice_argument = {
    .name = "notice_argument",
    .what = "fn sees what was before its registration, and what two tasks did",
    .setup = setup_two_tasks,
    .thread = { register_with_argument, worker, other_worker },
    .finish = finish,
};

/* Called in the order of their registration, by whichever thread. */
static void register_0_and_1(void)
{
    enter(0);
    enter(1);
}

static void finish_in_order(void)
{
    if (place[0] != 0 && place[1] != 0)
        WGX_CHECK(place[0] < place[1]);
    WGX_CHECK(registered[0] || !registered[1]);
    finish();
}

const wgx_client_t client_notice_order = {
    .name = "notice_order",
    .what = "two notices by one thread are called in their order",
    .setup = setup_one,
    .thread = { register_0_and_1, worker },
    .finish = finish_in_order,
    .stale = 2,
};

/* fn of the only party ends the group and the notice, whoever is still inside. */
static void fn_ends_all(void *arg)
{
    (void)arg;
    WGX_CHECK(data == 1);
    wg_destroy(group);
    free(storage);
    for (int i = 0; i < NOTICES; i++)
        free(notice[i]);
}

static void register_and_forget(void)
{
    if (!wg_notify(group, notice[0], fn_ends_all, NULL))
        fn_ends_all(NULL);
}

const wgx_client_t client_notice_free = {
    .name = "notice_free",
    .what = "fn ends the group and the notice",
    .setup = setup_one,
    .thread = { register_and_forget, worker },
    .stale = 4,
    .weak_cas = 1,
};

/* Of two notices the first ends itself, the last ends the group as well. */
static void fn_ends_its_notice(void *arg)
{
    (void)arg;
    WGX_CHECK(data == 1);
    free(notice[0]);
    notice[0] = NULL;
}

static void setup_two_registered(void)
{
    setup_one();
    WGX_CHECK(wg_notify(group, notice[0], fn_ends_its_notice, NULL));
    WGX_CHECK(wg_notify(group, notice[1], fn_ends_all, NULL));
}

const wgx_client_t client_notice_two_free = {
    .name = "notice_two_free",
    .what = "two notices, each of which ends itself, the last the group as well",
    .setup = setup_two_registered,
    .thread = { worker },
};

/* While another thread registers a third one, which the second waits for. */
static _Atomic uint32_t through;

static void fn_tells_that_it_is_through(void *arg)
{
    (void)arg;
    WGX_CHECK(data == 1);
    atomic_fetch_add_explicit(&through, 1, memory_order_release);
}

static void setup_parties(void)
{
    setup_one();
    atomic_init(&through, 0);
    wgx_name(&through, sizeof through, "through");
}

/* A waiter that knows that fn has begun is the last party. */
static void register_and_tell(void)
{
    wgx_owes(true);
    if (!wg_notify(group, notice[0], fn_tells_that_it_is_through, NULL))
        fn_tells_that_it_is_through(NULL);
}

static void waiter_ends_all(void)
{
    wg_wait(group);
    wgx_await(&through, 1);
    fn_ends_all(NULL);
}

const wgx_client_t client_notice_waiter_free = {
    .name = "notice_waiter_free",
    .what = "a waiter that ends the group when its wait has returned and fn has begun",
    .setup = setup_parties,
    .thread = { register_and_tell, waiter_ends_all, worker },
};

/* Registered again by its own fn, for tasks that this fn adds. */
static _Atomic uint32_t again;

static void fn_of_second(void *arg)
{
    WGX_CHECK(data == 2);
    *(uint32_t *)arg = 2;
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
}

static void fn_registers_again(void *arg)
{
    WGX_CHECK(data == 1);
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
    wg_add(group, 1);
    WGX_CHECK(wg_notify(group, notice[0], fn_of_second, arg));
    atomic_store_explicit(&again, 1, memory_order_release);
}

static void setup_again(void)
{
    setup_one();
    atomic_init(&again, 0);
    wgx_name(&again, sizeof again, "again");
}

static void register_for_two(void)
{
    wgx_owes(true);
    if (!wg_notify(group, notice[0], fn_registers_again, &place[0]))
        fn_registers_again(&place[0]);
}

static void second_worker(void)
{
    wgx_owes(true);
    wgx_await(&again, 1);
    data = 2;
    wg_done(group);
}

static void finish_again(void)
{
    WGX_CHECK(atomic_load_explicit(&called, memory_order_relaxed) == 2 && place[0] == 2);
    end_group();
}

const wgx_client_t client_notice_again = {
    .name = "notice_again",
    .what = "fn adds a task and registers its own notice again",
    .setup = setup_again,
    .thread = { register_for_two, worker, second_worker },
    .finish = finish_again,
    .stale = 2,
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

const wgx_client_t client_notice_close = {
    .name = "notice_close",
    .what = "wg_close() at any moment of a notice",
    .setup = setup_one,
    .thread = { register_0, worker, closer },
    .finish = finish_closed,
};

/* A drain without a thread that waits. */
static int served;

static void setup_drain(void)
{
    setup_tasks(0);
    data = 1;
    served = 0;
}

static void fn_drained(void *arg)
{
    WGX_CHECK(served <= 1);
    served = 2;
    fn(arg);
}

static void close_and_register(void)
{
    wg_close(group);
    registered[0] = wg_notify(group, notice[0], fn_drained, &place[0]);
    if (!registered[0]) {
        WGX_CHECK(served <= 1);
        served = 2;
    }
}

static void request(void)
{
    wgx_owes(true);
    if (!wg_try_add(group, 1))
        return;
    served = 1;
    wg_done(group);
}

static void finish_drained(void)
{
    WGX_CHECK(served == 2);
    finish_closed();
}

const wgx_client_t client_notice_drain = {
    .name = "notice_drain",
    .what = "one request, one thread that closes and registers a notice",
    .setup = setup_drain,
    .thread = { close_and_register, request },
    .finish = finish_drained,
    .stale = 4,
};

/* A group as a task of another: its fn is wg_done() of that. */
static wg_t *parent;

static void setup_parent(void)
{
    setup_tasks(1);
    parent = wg_create();
    WGX_CHECK(parent != NULL);
    wgx_name(parent, sizeof(wg_storage_t), "parent");
    wg_add(parent, 1);
}

static void done(void *arg)
{
    wg_done(arg);
}

static void parent_of_group(void)
{
    if (!wg_notify(group, notice[0], done, parent))
        wg_done(parent);
    wg_wait(parent);
    WGX_CHECK(data == 1);
    wg_destroy(parent);
    fn_ends_all(NULL);
}

const wgx_client_t client_notice_parent = {
    .name = "notice_parent",
    .what = "a group is a task of another one; who waits for that ends both",
    .setup = setup_parent,
    .thread = { parent_of_group, worker },
    .stale = 2,
};
