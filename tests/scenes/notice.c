/* SPDX-License-Identifier: 0BSD */
/* notice.c: notices that are called at zero or withdrawn, beside waiters, and as the last party of the group. */
#include "runner.h"

enum { NOTICES = 3 };

static int data;                     /* what the tasks write */
static _Atomic uint32_t called;      /* how often an fn was called */
static wg_notice_t *notice[NOTICES]; /* each in memory that may be freed */
static bool registered[NOTICES], withdrawn[NOTICES];
static uint32_t place[NOTICES]; /* the place of this fn in the order of the calls, from 1; 0: not called */

static void setup_tasks(int count)
{
    make_group(count);
    data = 0;
    atomic_init(&called, 0);
    name_memory(&called, sizeof called, "called");
    for (int i = 0; i < NOTICES; i++) {
        notice[i] = malloc(sizeof *notice[i]);
        zero_fill(notice[i]);
        name_memory(notice[i], sizeof *notice[i], i == 0 ? "notice 0" : i == 1 ? "notice 1" : "notice 2");
        registered[i] = withdrawn[i] = false;
        place[i] = 0;
    }
}

static void setup_one(void)
{
    setup_tasks(1);
}

static void free_notices(void)
{
    for (int i = 0; i < NOTICES; i++)
        free(notice[i]);
}

/* fn: checks what the tasks did.  Its last act says that it was called. */
static void fn(void *arg)
{
    CHECK(data == 1);
    *(uint32_t *)arg = atomic_load_explicit(&called, memory_order_relaxed) + 1;
    atomic_fetch_add_explicit(&called, 1, memory_order_release);
}

static void enter(int i)
{
    registered[i] = wg_notify(group, notice[i], fn, &place[i]);
    if (!registered[i])
        CHECK(data == 1);
}

static void withdraw(int i)
{
    withdrawn[i] = wg_notify_cancel(group, notice[i]);
}

static void worker(void)
{
    owes(true);
    data = 1;
    wg_done(group);
}

static void waiter(void)
{
    wg_wait(group);
    CHECK(data == 1);
}

/* Each fn was called once, unless its registration returned false or it was withdrawn. */
static void finish(void)
{
    uint32_t expected = 0;
    for (int i = 0; i < NOTICES; i++) {
        CHECK((place[i] != 0) == (registered[i] && !withdrawn[i]));
        expected += place[i] != 0;
    }
    CHECK(atomic_load_explicit(&called, memory_order_relaxed) == expected);
    end_group();
    free_notices();
}

static void register_0(void)
{
    enter(0);
}

/* Two threads register.  A thread that stops while it holds the list may hold up the other one. */
static void register_0_beside(void)
{
    owes(true);
    enter(0);
}

static void register_1_beside(void)
{
    owes(true);
    enter(1);
}

SCENE(notice, "one notice, one task", .setup = setup_one, .thread = { register_0, worker }, .finish = finish,
      .stale = 4, .weak_cas = 1)

SCENE(notice_two, "two notices by two threads, one task", .setup = setup_one,
      .thread = { register_0_beside, register_1_beside, worker }, .finish = finish)

EXPLORER_SCENE(notice_two_stale, "two notices by two threads, one task; loads may be old", .setup = setup_one,
               .thread = { register_0_beside, register_1_beside, worker }, .finish = finish, .stale = 4, .large = true)

SCENE(notice_waiter, "a notice and a waiter, one task", .setup = setup_one, .thread = { register_0, waiter, worker },
      .finish = finish, .spurious = 1)

static void timed(void)
{
    if (wg_wait_for(group, 1000) == 0)
        CHECK(data == 1);
}

EXPLORER_SCENE(notice_timed_waiter, "a notice and a waiter that may time out, one task", .setup = setup_one,
               .thread = { register_0, timed, worker }, .finish = finish)

/* fn sees what was written before wg_notify(), and what each task wrote. */
static int argument, other_data;

static void setup_two_tasks(void)
{
    argument = other_data = 0;
    setup_tasks(2);
}

static void other_worker(void)
{
    owes(true);
    other_data = 1;
    wg_done(group);
}

static void fn_reads_all(void *arg)
{
    CHECK(argument == 1 && other_data == 1);
    fn(arg);
}

static void register_with_argument(void)
{
    argument = 1;
    registered[0] = wg_notify(group, notice[0], fn_reads_all, &place[0]);
    if (!registered[0])
        CHECK(data == 1 && other_data == 1);
}

EXPLORER_SCENE(notice_argument, "fn sees what was before its registration, and what two tasks did",
               .setup = setup_two_tasks, .thread = { register_with_argument, worker, other_worker }, .finish = finish)

/* The notices are called in the order of their registration, by whichever thread. */
static void register_0_and_1(void)
{
    enter(0);
    enter(1);
}

static void finish_in_order(void)
{
    if (place[0] != 0 && place[1] != 0)
        CHECK(place[0] < place[1]);
    CHECK(registered[0] || !registered[1]);
    finish();
}

EXPLORER_SCENE(notice_order, "two notices by one thread are called in their order", .setup = setup_one,
               .thread = { register_0_and_1, worker }, .finish = finish_in_order, .stale = 2)

/* fn ends the group and the notice, even if other calls have not returned. */
static void fn_ends_all(void *arg)
{
    (void)arg;
    CHECK(data == 1);
    wg_destroy(group);
    free(storage);
    free_notices();
}

static void register_and_forget(void)
{
    if (!wg_notify(group, notice[0], fn_ends_all, NULL))
        fn_ends_all(NULL);
}

SCENE(notice_free, "fn ends the group and the notice", .setup = setup_one, .thread = { register_and_forget, worker },
      .stale = 4, .weak_cas = 1)

/* The first of two notices ends itself.  The last one ends the group as well. */
static void fn_ends_its_notice(void *arg)
{
    (void)arg;
    CHECK(data == 1);
    free(notice[0]);
    notice[0] = NULL;
}

static void setup_two_registered(void)
{
    setup_one();
    CHECK(wg_notify(group, notice[0], fn_ends_its_notice, NULL));
    CHECK(wg_notify(group, notice[1], fn_ends_all, NULL));
}

EXPLORER_SCENE(notice_two_free, "two notices, each of which ends itself, the last the group as well",
               .setup = setup_two_registered, .thread = { worker })

/* A waiter that knows that fn has begun is the last party, and ends the group. */
static _Atomic uint32_t through;

static void fn_tells_that_it_is_through(void *arg)
{
    (void)arg;
    CHECK(data == 1);
    atomic_fetch_add_explicit(&through, 1, memory_order_release);
}

static void setup_parties(void)
{
    setup_one();
    atomic_init(&through, 0);
    name_memory(&through, sizeof through, "through");
}

static void register_and_tell(void)
{
    owes(true);
    if (!wg_notify(group, notice[0], fn_tells_that_it_is_through, NULL))
        fn_tells_that_it_is_through(NULL);
}

static void waiter_ends_all(void)
{
    wg_wait(group);
    await(&through, 1);
    fn_ends_all(NULL);
}

EXPLORER_SCENE(notice_waiter_free, "a waiter that ends the group when its wait has returned and fn has begun",
               .setup = setup_parties, .thread = { register_and_tell, waiter_ends_all, worker })

/* A notice is registered again by its own fn, for a task that this fn adds. */
static _Atomic uint32_t again;

static void fn_of_second(void *arg)
{
    CHECK(data == 2);
    *(uint32_t *)arg = 2;
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
}

static void fn_registers_again(void *arg)
{
    CHECK(data == 1);
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
    wg_add(group, 1);
    CHECK(wg_notify(group, notice[0], fn_of_second, arg));
    atomic_store_explicit(&again, 1, memory_order_release);
}

static void setup_again(void)
{
    setup_one();
    atomic_init(&again, 0);
    name_memory(&again, sizeof again, "again");
}

static void register_for_two(void)
{
    owes(true);
    if (!wg_notify(group, notice[0], fn_registers_again, &place[0]))
        fn_registers_again(&place[0]);
}

static void second_worker(void)
{
    owes(true);
    await(&again, 1);
    data = 2;
    wg_done(group);
}

static void finish_again(void)
{
    CHECK(atomic_load_explicit(&called, memory_order_relaxed) == 2 && place[0] == 2);
    end_group();
    free_notices();
}

SCENE(notice_again, "fn adds a task and registers its own notice again", .setup = setup_again,
      .thread = { register_for_two, worker, second_worker }, .finish = finish_again, .stale = 2)

/* Closed at any moment. */
static void closer(void)
{
    wg_close(group);
}

static void finish_closed(void)
{
    CHECK(wg_is_closed(group));
    finish();
}

SCENE(notice_close, "wg_close() at any moment of a notice", .setup = setup_one,
      .thread = { register_0, worker, closer }, .finish = finish_closed)

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
    CHECK(served <= 1);
    served = 2;
    fn(arg);
}

static void close_and_register(void)
{
    wg_close(group);
    registered[0] = wg_notify(group, notice[0], fn_drained, &place[0]);
    if (!registered[0]) {
        CHECK(served <= 1);
        served = 2;
    }
}

static void request(void)
{
    owes(true);
    if (!wg_try_add(group, 1))
        return;
    served = 1;
    wg_done(group);
}

static void finish_drained(void)
{
    CHECK(served == 2);
    finish_closed();
}

EXPLORER_SCENE(notice_drain, "one request, one thread that closes and registers a notice", .setup = setup_drain,
               .thread = { close_and_register, request }, .finish = finish_drained, .stale = 4)

/* A group is a task of another group: the fn of its notice is wg_done() of the parent. */
static wg_t *parent;

static void setup_parent(void)
{
    setup_tasks(1);
    parent = wg_create();
    CHECK(parent != NULL);
    name_memory(parent, sizeof(wg_storage_t), "parent");
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
    CHECK(data == 1);
    wg_destroy(parent);
    fn_ends_all(NULL);
}

SCENE(notice_parent, "a group is a task of another one; a waiter of the parent ends both", .setup = setup_parent,
      .thread = { parent_of_group, worker }, .stale = 2)

/* Notices that are withdrawn. */
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

/* Several threads register or withdraw.  A thread that stops while it holds the list may hold up the others. */
static void register_and_withdraw_0_beside(void)
{
    owes(true);
    register_and_withdraw_0();
}

static void withdraw_0_beside(void)
{
    owes(true);
    withdraw(0);
}

static void withdraw_1_beside(void)
{
    owes(true);
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

SCENE(cancel, "a notice that is withdrawn while the last done comes", .setup = setup_one,
      .thread = { register_and_withdraw_0, worker }, .finish = finish, .stale = 4)

EXPLORER_SCENE(cancel_weak, "likewise; weak exchanges may fail", .setup = setup_one,
               .thread = { register_and_withdraw_0, worker }, .finish = finish, .weak_cas = 2)

SCENE(cancel_beside, "a notice that is withdrawn while another one is registered and the last done comes",
      .setup = setup_one, .thread = { register_and_withdraw_0_beside, register_1_beside, worker }, .finish = finish,
      .large = true)

SCENE(cancel_one_of_two, "one of two notices is withdrawn while the last done comes", .setup = setup_two,
      .thread = { withdraw_0, worker }, .finish = finish, .stale = 4)

SCENE(cancel_both, "two notices are withdrawn by two threads while the last done comes", .setup = setup_two,
      .thread = { withdraw_0_beside, withdraw_1_beside, worker }, .finish = finish)

/* The middle one of three notices: its neighbours are linked to each other, in both directions. */
static void withdraw_two_of_three(void)
{
    withdraw(1);
    withdraw(2);
}

static void finish_around_middle(void)
{
    if (place[0] != 0 && place[2] != 0)
        CHECK(place[0] < place[2]);
    finish();
}

EXPLORER_SCENE(cancel_middle, "of three notices the middle one is withdrawn, then the newest", .setup = setup_three,
               .thread = { withdraw_two_of_three, worker }, .finish = finish_around_middle)

/* Beside a waiter, whose registration may be the only one left when the list becomes empty. */
SCENE(cancel_waiter, "a notice that is withdrawn while another thread waits", .setup = setup_one,
      .thread = { register_and_withdraw_0, waiter, worker }, .finish = finish)

/* A notice is withdrawn, and registered again before zero. */
static void register_twice(void)
{
    register_and_withdraw_0();
    if (withdrawn[0]) {
        withdrawn[0] = false;
        enter(0);
    }
}

EXPLORER_SCENE(cancel_again, "a notice that is withdrawn and registered again while the last done comes",
               .setup = setup_one, .thread = { register_twice, worker }, .finish = finish)

/* The thread that cancels is a party to the group's life.  So fn only counts its call, and that thread ends all. */
static void withdraw_or_await(void)
{
    if (wg_notify(group, notice[0], fn, &place[0]) && !wg_notify_cancel(group, notice[0]))
        await(&called, 1);
    else
        wg_wait(group);
    fn_ends_all(NULL);
}

SCENE(cancel_free, "a notice that is withdrawn, or awaited, and then all is freed", .setup = setup_one,
      .thread = { withdraw_or_await, worker }, .stale = 4)

/* A notice that is withdrawn belongs to its owner at once, whatever the group does. */
static void withdraw_and_free(void)
{
    owes(true);
    enter(0);
    if (!registered[0])
        return;
    withdraw(0);
    if (withdrawn[0]) {
        free(notice[0]);
        notice[0] = NULL;
    }
}

EXPLORER_SCENE(cancel_free_notice, "a notice is freed as soon as it is withdrawn, beside another one",
               .setup = setup_one, .thread = { withdraw_and_free, register_1_beside, worker }, .finish = finish,
               .large = true)

static void withdraw_1_and_free(void)
{
    owes(true);
    withdraw(1);
    if (withdrawn[1]) {
        free(notice[1]);
        notice[1] = NULL;
    }
}

EXPLORER_SCENE(cancel_free_one,
               "of two notices one is withdrawn and freed, while the other is withdrawn and the last done comes",
               .setup = setup_two, .thread = { withdraw_1_and_free, withdraw_0_beside, worker }, .finish = finish)

/* fn may have begun the next generation before the cancel looks. */
static void fn_adds(void *arg)
{
    fn(arg);
    wg_add(group, 1);
    wg_done(group);
}

static void setup_next(void)
{
    setup_one();
    CHECK(wg_notify(group, notice[0], fn_adds, &place[0]));
    registered[0] = true;
}

SCENE(cancel_next, "a cancel that may come a generation late", .setup = setup_next, .thread = { withdraw_0, worker },
      .finish = finish, .stale = 4)

/* The same, and the notice is registered there again.  It is withdrawn from one generation or the other. */
static void fn_counts(void *arg)
{
    (void)arg;
    CHECK(data == 1);
    atomic_fetch_add_explicit(&called, 1, memory_order_relaxed);
}

static void fn_registers_next(void *arg)
{
    fn_counts(arg);
    wg_add(group, 1);
    CHECK(wg_notify(group, notice[0], fn_counts, NULL));
    wg_done(group);
}

static void setup_next_again(void)
{
    setup_one();
    CHECK(wg_notify(group, notice[0], fn_registers_next, NULL));
}

static void finish_next_again(void)
{
    const uint32_t times = atomic_load_explicit(&called, memory_order_relaxed);
    CHECK(withdrawn[0] ? times < 2 : times == 2);
    end_group();
    free_notices();
}

EXPLORER_SCENE(cancel_next_again, "likewise, and the notice may be registered in that generation",
               .setup = setup_next_again, .thread = { withdraw_0_beside, worker }, .finish = finish_next_again,
               .stale = 1)

EXPLORER_SCENE(cancel_close, "wg_close() at any moment of a notice that is withdrawn", .setup = setup_one,
               .thread = { register_and_withdraw_0, worker, closer }, .finish = finish_closed)
