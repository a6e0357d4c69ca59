/* SPDX-License-Identifier: 0BSD */
/* silent.c: right programs.  No race detector may report anything here. */
#include "race.h"

static wg_t *group, *other;
static int first, second; /* what the two tasks hand to the threads that wait */
static int expected;
static unsigned waiters_before_last; /* the last task ends when so many wait */
static baton_t first_done;

/*
 * The first task is done long before the last one, and only the last one lets the
 * waiters go.  So the group alone hands 'first' over, not its semaphore.
 */
static void *first_task(void *arg)
{
    (void)arg;
    first++;
    wg_done(group);
    baton_pass(&first_done);
    return NULL;
}

static void *last_task(void *arg)
{
    (void)arg;
    baton_take(&first_done);
    second++;
    until_waiters(group, waiters_before_last);
    wg_done(group);
    return NULL;
}

static pthread_t threads[2];

static void start_tasks(unsigned waiters)
{
    expected = first + 1;
    waiters_before_last = waiters;
    wg_add(group, 2);
    threads[0] = start(first_task, NULL);
    threads[1] = start(last_task, NULL);
}

static void look(void)
{
    check(first == expected && second == expected, "the results are not there");
}

static void join_tasks(void)
{
    join(threads[0]);
    join(threads[1]);
}

static void publish(void)
{
    group = make();
    start_tasks(1);
    wg_wait(group);
    look();
    join_tasks();
    wg_destroy(group);
}

static void *wait_and_look(void *arg)
{
    (void)arg;
    wg_wait(group);
    look();
    return NULL;
}

static void several_waiters(void)
{
    pthread_t waiting[3];
    group = make();
    start_tasks(4);
    for (int i = 0; i < 3; i++)
        waiting[i] = start(wait_and_look, NULL);
    wait_and_look(NULL);
    for (int i = 0; i < 3; i++)
        join(waiting[i]);
    join_tasks();
    wg_destroy(group);
}

static void late_wait(void)
{
    group = make();
    start_tasks(0);
    until_count(group, 0);
    wg_wait(group);
    look();
    join_tasks();
    wg_destroy(group);
}

static void generations(void)
{
    group = make();
    for (int i = 0; i < 5; i++) {
        start_tasks(1);
        wg_wait(group);
        look();
        join_tasks();
    }
    wg_destroy(group);
}

static void *pass_on(void *arg)
{
    (void)arg;
    wg_wait(group);
    wg_done(other);
    return NULL;
}

static void transitive(void)
{
    group = make();
    other = make();
    wg_add(other, 1);
    start_tasks(1);
    const pthread_t middle = start(pass_on, NULL);
    wg_wait(other);
    look();
    join(middle);
    join_tasks();
    wg_destroy(group);
    wg_destroy(other);
}

static void timed(void)
{
    group = make();
    start_tasks(1);
    check(wg_wait_for(group, HOUR_NS) == 0, "wg_wait_for");
    look();
    join_tasks();

    const struct timespec deadline = in_an_hour();
    start_tasks(1);
    check(wg_wait_until(group, &deadline) == 0, "wg_wait_until");
    look();
    join_tasks();
    wg_destroy(group);
}

/* No time to wait, and none needed. */
static void timed_at_zero(void)
{
    const struct timespec long_ago = { 0 };
    group = make();
    start_tasks(0);
    until_count(group, 0);
    check(wg_wait_for(group, 0) == 0, "wg_wait_for");
    look();
    join_tasks();

    start_tasks(0);
    until_count(group, 0);
    check(wg_wait_until(group, &long_ago) == 0, "wg_wait_until");
    look();
    join_tasks();
    wg_destroy(group);
}

/* A semaphore whose timed acquire says ETIMEDOUT when the token has just come.  So the token is owed. */
static baton_t token_posted;

static int owing_init(void *sem, bool shared)
{
    return backend->init(sem, shared);
}

static void owing_destroy(void *sem)
{
    backend->destroy(sem);
}

static int owing_acquire(void *sem, const struct timespec *deadline)
{
    if (deadline == NULL)
        return backend->acquire(sem, NULL);
    baton_take(&token_posted);
    return ETIMEDOUT;
}

static void owing_release(void *sem, uint32_t n)
{
    backend->release(sem, n);
    baton_pass(&token_posted);
}

static const wg_sem_ops_t owing = { "owing", owing_init, owing_destroy, owing_acquire, owing_release };

static void timed_owed(void)
{
    group = make_on(&owing);
    start_tasks(1);
    check(wg_wait_for(group, HOUR_NS) == 0, "wg_wait_for");
    look();
    join_tasks();
    wg_destroy(group);
}

/* The library reads the clock between its first look and its second.  The last task ends there. */
static _Thread_local bool clock_waits_for_zero;
static baton_t clock_read;

int clock_gettime(clockid_t id, struct timespec *now)
{
    if (clock_waits_for_zero) {
        clock_waits_for_zero = false;
        baton_pass(&clock_read);
        until_count(group, 0);
    }
    return (int)syscall(SYS_clock_gettime, id, now);
}

static void *last_task_on_clock(void *arg)
{
    (void)arg;
    baton_take(&first_done);
    baton_take(&clock_read);
    second++;
    wg_done(group);
    return NULL;
}

static void zero_after_the_clock(unsigned flags)
{
    wg_config_t config = config_on(backend);
    config.flags = flags;
    group = wg_create_with(&config);
    check(group != NULL, "wg_create_with");
    expected = first + 1;
    wg_add(group, 2);
    threads[0] = start(first_task, NULL);
    threads[1] = start(last_task_on_clock, NULL);
    clock_waits_for_zero = true;
    check(wg_wait_for(group, HOUR_NS) == 0, "wg_wait_for");
    check(!clock_waits_for_zero, "the library did not read the clock");
    look();
    join_tasks();
    wg_destroy(group);
}

static void zero_between_two_looks(void)
{
    zero_after_the_clock(WG_NO_SPIN);
}

static void zero_while_polling(void)
{
    zero_after_the_clock(0);
}

static void try_wait(void)
{
    group = make();
    start_tasks(0);
    while (!wg_try_wait(group))
        sched_yield();
    look();
    join_tasks();
    wg_destroy(group);
}

static void add_one(void *arg)
{
    ++*(int *)arg;
}

static void go(void)
{
    group = make();
    expected = first + 1;
    check(wg_go(group, add_one, &first) == 0 && wg_go(group, add_one, &second) == 0, "wg_go");
    wg_wait(group);
    look();
    wg_destroy(group);
}

static union {
    wg_storage_t storage;
    int words[sizeof(wg_storage_t) / sizeof(int)];
} bytes;

static void *write_bytes(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof bytes.words / sizeof bytes.words[0]; i++)
        bytes.words[i]++;
    return NULL;
}

/* The bytes of a destroyed group are ordinary memory. */
static void destroy_right_after_wait(void)
{
    const wg_config_t config = config_on(backend);
    for (int i = 0; i < 3; i++) {
        group = make();
        start_tasks(1);
        wg_wait(group);
        wg_destroy(group);
        look();
        join_tasks();

        group = wg_init(&bytes.storage, &config);
        check(group != NULL, "wg_init");
        start_tasks(1);
        wg_wait(group);
        wg_destroy(group);
        write_bytes(NULL);
        look();
        join(start(write_bytes, NULL));
        write_bytes(NULL);
        join_tasks();
    }
}

/* A group of the futex semaphore may be freed without wg_destroy(). */
static void free_right_after_wait(void)
{
    const wg_config_t config = config_on(wg_sem_futex());
    for (int i = 0; i < 3; i++) {
        wg_storage_t *const storage = aligned_alloc(8, sizeof *storage);
        check(storage != NULL, "aligned_alloc");
        group = wg_init(storage, &config);
        check(group != NULL, "wg_init");
        start_tasks(1);
        wg_wait(group);
        free(storage);
        look();
        join_tasks();
    }
}

static int requests[3];

static baton_t request_taken;

static void *serve(void *arg)
{
    const int before = *(int *)arg;
    while (wg_try_add(group, 1)) {
        const bool is_first = ++*(int *)arg == before + 1;
        wg_done(group);
        if (is_first)
            baton_pass(&request_taken);
        sched_yield();
    }
    return NULL;
}

static void close_and_drain(void)
{
    pthread_t servers[3];
    int sum = 0;
    group = make();
    for (int i = 0; i < 3; i++)
        servers[i] = start(serve, &requests[i]);
    for (int i = 0; i < 3; i++)
        baton_take(&request_taken);
    wg_close(group);
    wg_wait(group);
    for (int i = 0; i < 3; i++)
        sum += requests[i];
    check(sum >= 3, "a request was lost");
    for (int i = 0; i < 3; i++)
        join(servers[i]);
    wg_destroy(group);
}

/* The drain again, in one order: wg_try_add() from zero, then a wait that blocks and is not ordered after it. */
static void *request(void *arg)
{
    (void)arg;
    check(wg_try_add(group, 1), "an open group refused an add");
    first++;
    baton_pass(&request_taken);
    until_waiters(group, 1);
    wg_done(group);
    return NULL;
}

static void drain_in_order(void)
{
    group = make();
    expected = first + 1;
    const pthread_t server = start(request, NULL);
    baton_take(&request_taken);
    wg_close(group);
    wg_wait(group);
    check(first == expected, "the results are not there");
    second = first;
    join(server);
    wg_destroy(group);
}

static void *time_out(void *arg)
{
    (void)arg;
    check(wg_wait_for(group, 1000000) == ETIMEDOUT, "wg_wait_for");
    return NULL;
}

/* Waits are not ordered among each other. */
static void two_time_out(void)
{
    group = make();
    wg_add(group, 1);
    threads[0] = start(time_out, NULL);
    threads[1] = start(time_out, NULL);
    join_tasks();
    wg_done(group);
    wg_add(group, 1);
    wg_done(group);
    wg_destroy(group);
}

/* What happens to one group does not matter to another. */
static void two_groups(void)
{
    group = make();
    other = make();
    wg_add(group, 1);
    start_tasks(1);
    const pthread_t waiter = start(wait_and_look, NULL);
    until_waiters(group, 1);
    wg_add(other, 1);
    wg_done(other);
    wg_done(group);
    join(waiter);
    join_tasks();
    wg_destroy(group);
    wg_destroy(other);
}

static void *subtask(void *arg)
{
    (void)arg;
    second++;
    wg_done(group);
    return NULL;
}

static pthread_t sub;

static void *task_with_subtask(void *arg)
{
    (void)arg;
    until_waiters(group, 1);
    until_main_sleeps(); /* a detector may miss two accesses that are few instructions apart */
    wg_add(group, 1);
    sub = start(subtask, NULL);
    first++;
    wg_done(group);
    return NULL;
}

static void add_during_wait(void)
{
    group = make();
    expected = first + 1;
    wg_add(group, 1);
    const pthread_t task = start(task_with_subtask, NULL);
    wg_wait(group);
    look();
    join(task);
    join(sub);
    wg_destroy(group);
}

static void *first_adder(void *arg)
{
    (void)arg;
    wg_add(group, 1);
    wg_done(group);
    baton_pass(&first_done);
    return NULL;
}

static void *second_adder(void *arg)
{
    (void)arg;
    baton_take(&first_done);
    wg_add(group, 1);
    wg_done(group);
    return NULL;
}

/* Adds are not ordered among each other.  Here both lift the counter from zero. */
static void adders(void)
{
    group = make();
    threads[0] = start(first_adder, NULL);
    threads[1] = start(second_adder, NULL);
    join_tasks();
    wg_wait(group);
    wg_destroy(group);
}

static void *done_by_negative_add(void *arg)
{
    (void)arg;
    first++;
    wg_add(group, -2);
    baton_pass(&first_done);
    return NULL;
}

static void negative_add(void)
{
    group = make();
    expected = first + 1;
    waiters_before_last = 1;
    wg_add(group, 3);
    threads[0] = start(done_by_negative_add, NULL);
    threads[1] = start(last_task, NULL);
    wg_wait(group);
    look();
    join_tasks();
    wg_destroy(group);
}

static wg_storage_t zeros;

static wg_t *attached(void)
{
    wg_t *const wg = wg_attach(&zeros);
    check(wg != NULL, "wg_attach");
    return wg;
}

static void *first_task_attached(void *arg)
{
    (void)arg;
    first++;
    wg_done(attached());
    baton_pass(&first_done);
    return NULL;
}

static void *last_task_attached(void *arg)
{
    (void)arg;
    wg_t *const wg = attached();
    baton_take(&first_done);
    second++;
    until_waiters(wg, 2);
    wg_done(wg);
    return NULL;
}

static void *wait_attached(void *arg)
{
    (void)arg;
    wg_wait(attached());
    look();
    return NULL;
}

/* Zero-filled storage: no thread has made this group. */
static void zero_filled(void)
{
    expected = first + 1;
    wg_add(attached(), 2);
    threads[0] = start(first_task_attached, NULL);
    threads[1] = start(last_task_attached, NULL);
    const pthread_t waiter = start(wait_attached, NULL);
    wait_attached(NULL);
    join(waiter);
    join_tasks();
    wg_destroy(attached());
}

/*
 * Notices.  The last task begins before the notice is registered, and ends after that.
 * So the registration alone hands 'prepared' to fn, and the group hands it 'first'.
 */
static wg_notice_t notice, other_notice;
int prepared, seen_in_fn; /* external, so that no compiler finds them useless */
static baton_t registered, fn_begun, withdrawn;

static void look_in_fn(void *arg)
{
    look();
    seen_in_fn = prepared;
    baton_pass(arg);
}

static void *last_task_after_registration(void *arg)
{
    (void)arg;
    baton_take(&first_done);
    baton_take(&registered);
    second++;
    wg_done(group);
    return NULL;
}

static void start_tasks_that_end_after_registration(void)
{
    expected = first + 1;
    wg_add(group, 2);
    threads[0] = start(first_task, NULL);
    threads[1] = start(last_task_after_registration, NULL);
}

static void register_notice(void)
{
    prepared++;
    check(wg_notify(group, &notice, look_in_fn, &fn_begun), "wg_notify");
}

static void notice_is_called(void)
{
    group = make();
    for (int i = 0; i < 3; i++) { /* the same notice */
        start_tasks_that_end_after_registration();
        register_notice();
        baton_pass(&registered);
        baton_take(&fn_begun);
        join_tasks();
    }
    wg_destroy(group);
}

static void notice_beside_a_wait(void)
{
    group = make();
    start_tasks_that_end_after_registration();
    register_notice();
    const pthread_t waiter = start(wait_and_look, NULL);
    until_waiters(group, 1);
    baton_pass(&registered);
    join(waiter);
    baton_take(&fn_begun);
    join_tasks();
    wg_destroy(group);
}

/* wg_notify() says that the counter is zero: like a wait that found it so. */
static void notice_at_zero(void)
{
    group = make();
    start_tasks(0);
    until_count(group, 0);
    check(!wg_notify(group, &notice, look_in_fn, NULL), "wg_notify");
    look();
    join_tasks();
    wg_destroy(group);
}

/* One thread registers and withdraws.  The notice of another is its neighbour in the list, and is called. */
typedef struct piece {
    wg_notice_t notice;
    int words[4];
} piece_t;

static void *register_a_neighbour(void *arg)
{
    baton_take(arg);
    check(wg_notify(group, &other_notice, look_in_fn, &fn_begun), "wg_notify");
    baton_pass(&withdrawn);
    return NULL;
}

static void *write_piece(void *arg)
{
    memset(arg, 0x5a, sizeof(piece_t));
    return NULL;
}

static void withdrawn_notice_is_reused(void)
{
    static piece_t in_place;
    static baton_t turn;
    group = make();
    if (turn.ends[0] == turn.ends[1])
        baton_make(&turn);
    start_tasks_that_end_after_registration();
    const pthread_t neighbour = start(register_a_neighbour, &turn);
    memset(&in_place, 0, sizeof in_place);
    piece_t *const on_heap = calloc(1, sizeof *on_heap);
    check(on_heap != NULL, "calloc");
    check(wg_notify(group, &in_place.notice, look_in_fn, NULL), "wg_notify");
    check(wg_notify(group, &on_heap->notice, look_in_fn, NULL), "wg_notify");
    baton_pass(&turn);
    baton_take(&withdrawn);
    check(wg_notify_cancel(group, &in_place.notice), "wg_notify_cancel");
    check(wg_notify_cancel(group, &on_heap->notice), "wg_notify_cancel");
    write_piece(on_heap);
    free(on_heap);
    write_piece(&in_place); /* the bytes are ordinary memory */
    join(start(write_piece, &in_place));
    write_piece(&in_place);
    baton_pass(&registered);
    baton_take(&fn_begun);
    join(neighbour);
    join_tasks();
    wg_destroy(group);
}

/* fn ends all there is.  The thread that registered it wrote 'party'. */
typedef struct party {
    wg_t *wg;
    wg_notice_t notice;
    int word;
} party_t;

static void end_the_party(void *arg)
{
    party_t *const party = arg;
    look();
    check(party->word++ == 7, "what the registration must hand over is not there");
    wg_destroy(party->wg);
    memset(party, 0x5a, sizeof *party);
    free(party);
    baton_pass(&fn_begun);
}

static void fn_frees_all(void)
{
    for (int i = 0; i < 3; i++) {
        party_t *const party = calloc(1, sizeof *party);
        check(party != NULL, "calloc");
        group = party->wg = make();
        start_tasks_that_end_after_registration();
        party->word = 7;
        check(wg_notify(group, &party->notice, end_the_party, party), "wg_notify");
        baton_pass(&registered);
        baton_take(&fn_begun);
        join_tasks();
    }
}

/* A group as a task of another. */
static void done_with(void *arg)
{
    wg_done(arg);
}

static void group_as_task(void)
{
    wg_notice_t mine = WG_NOTICE_INIT;
    group = make();
    other = make();
    wg_add(other, 1);
    start_tasks_that_end_after_registration();
    check(wg_notify(group, &mine, done_with, other), "wg_notify");
    baton_pass(&registered);
    wg_wait(other);
    look();
    wg_destroy(group);
    wg_destroy(other);
    join_tasks();
}

/* Waits for any of two groups.  The second one has the tasks. */
static wg_choice_t choices[2];

static void begin_any(void)
{
    group = make();
    other = make();
    wg_add(other, 1);
    choices[0].wg = other;
    choices[1].wg = group;
}

static void end_any(void)
{
    wg_done(other);
    wg_destroy(other);
    wg_destroy(group);
}

/* The wait is registered in the other group first.  Then it sleeps, or is about to. */
static void *end_when_registered(void *arg)
{
    (void)arg;
    until_notice(group);
    baton_pass(&registered);
    return NULL;
}

static void any_asleep(void)
{
    begin_any();
    for (int i = 0; i < 3; i++) {
        const struct timespec deadline = in_an_hour();
        size_t which = 9;
        start_tasks_that_end_after_registration();
        const pthread_t helper = start(end_when_registered, NULL);
        check(wg_wait_any(choices, 2, i != 0 ? &deadline : NULL, &which) == 0 && which == 1, "wg_wait_any");
        look();
        memset(choices, 0x5a, sizeof choices);
        choices[0].wg = other;
        choices[1].wg = group;
        join(helper);
        join_tasks();
    }
    end_any();
}

static void any_at_zero(void)
{
    size_t which = 9;
    begin_any();
    start_tasks(0);
    until_count(group, 0);
    check(wg_wait_any(choices, 2, NULL, &which) == 0 && which == 1, "wg_wait_any");
    look();
    join_tasks();
    end_any();
}

/* The wait reads the clock between its first look and the registration. */
static void any_at_zero_when_registering(void)
{
    const struct timespec deadline = in_an_hour();
    size_t which = 9;
    begin_any();
    expected = first + 1;
    wg_add(group, 2);
    threads[0] = start(first_task, NULL);
    threads[1] = start(last_task_on_clock, NULL);
    clock_waits_for_zero = true;
    check(wg_wait_any(choices, 2, &deadline, &which) == 0 && which == 1, "wg_wait_any");
    check(!clock_waits_for_zero, "the library did not read the clock");
    look();
    join_tasks();
    end_any();
}

static void any_timed_out(void)
{
    begin_any();
    start_tasks_that_end_after_registration();
    for (int i = 0; i < 3; i++) {
        const struct timespec deadline = in_a_moment();
        size_t which = 9;
        check(wg_wait_any(choices, 2, &deadline, &which) == ETIMEDOUT, "wg_wait_any");
    }
    baton_pass(&registered);
    wg_wait(group);
    look();
    join_tasks();
    end_any();
}

/* Before main, and with libwg.a also before the library's own constructors, if it had any. */
static bool early_ran;

/* Scopes.  A lent thread begins the first task before the wait, which runs the others. */
static wg_scope_t *scope;
static int of_task[4];
static baton_t task_begun, task_may_end;

static int write_on_a_lent_thread(void *place)
{
    baton_pass(&task_begun);
    baton_take(&task_may_end);
    ++*(int *)place;
    return 0;
}

static int write_and_let_end(void *place)
{
    ++*(int *)place;
    baton_pass(&task_may_end);
    return 0;
}

static int write_and_add(void *place)
{
    write_on_a_lent_thread(place);
    check(wg_scope_go(scope, write_and_let_end, &of_task[3]) == 0, "wg_scope_go");
    return 0;
}

static void run_scope(int (*lent)(void *place))
{
    for (int i = 0; i < 4; i++)
        of_task[i] = 1; /* visible to the tasks */
    check(wg_scope_go(scope, lent, &of_task[0]) == 0, "wg_scope_go");
    baton_take(&task_begun);
    wg_task_t node = { .fn = write_and_let_end, .arg = &of_task[1] };
    wg_scope_go_task(scope, &node);
    check(wg_scope_wait(scope) == 0, "wg_scope_wait");
    check(of_task[0] == 2 && of_task[1] == 2, "the results are not there");
    node = (wg_task_t){ 0 };
}

/* Two rounds.  Then the memory is used for something else. */
static void scope_is_waited_for(void)
{
    wg_scope_storage_t *const storage = malloc(sizeof *storage);
    check(storage != NULL, "malloc");
    scope = make_scope(storage, 2, NULL);
    run_scope(write_on_a_lent_thread);
    run_scope(write_on_a_lent_thread);
    wg_scope_destroy(scope);
    memset(storage, 1, sizeof *storage);
    free(storage);
}

/* The subtask is run by the lent thread, while the wait sleeps, or by the wait. */
static void scope_with_a_subtask(void)
{
    wg_scope_storage_t storage;
    scope = make_scope(&storage, 2, NULL);
    run_scope(write_and_add);
    check(of_task[3] == 2, "the result is not there");
    baton_take(&task_may_end); /* one was passed for nobody */
    wg_scope_destroy(scope);
    memset(&storage, 1, sizeof storage);
}

/*
 * A task has a scope of its own.  The threads are joined at the end: Helgrind does not see that glibc orders what it
 * keeps of a detached thread's stack before the next thread has it.
 */
static pthread_t nested[64];
static unsigned nested_started; /* by an atomic access */

static void *run_loan(void *given)
{
    void **const loan = given;
    ((void (*)(void *))loan[0])(loan[1]);
    free(loan);
    return NULL;
}

static int lend_joinable(void *unused, void (*run)(void *arg), void *arg)
{
    (void)unused;
    void **const loan = malloc(2 * sizeof *loan);
    check(loan != NULL, "malloc");
    loan[0] = (void *)run;
    loan[1] = arg;
    const unsigned n = __atomic_fetch_add(&nested_started, 1, __ATOMIC_RELAXED);
    check(n < sizeof nested / sizeof nested[0], "too many threads");
    nested[n] = start(run_loan, loan);
    return 0;
}

static int nest_scopes(void *given)
{
    const int depth = *(int *)given;
    if (depth == 0)
        return 0;
    wg_scope_storage_t storage;
    wg_scope_t *const below = make_scope(&storage, 3, lend_joinable);
    int depths[3];
    for (int i = 0; i < 3; i++) {
        depths[i] = depth - 1;
        check(wg_scope_go(below, nest_scopes, &depths[i]) == 0, "wg_scope_go");
    }
    check(wg_scope_wait(below) == 0, "wg_scope_wait");
    wg_scope_destroy(below);
    for (int i = 0; i < 3; i++)
        *(int *)given += depths[i];
    memset(&storage, 1, sizeof storage);
    return 0;
}

static void scope_in_a_task(void)
{
    int depth = 2;
    nested_started = 0;
    check(nest_scopes(&depth) == 0 && depth != 2, "nested scopes");
    for (unsigned i = 0; i < nested_started; i++)
        join(nested[i]);
}

/* A thread that was called off comes when the scope is gone, and the memory of the scope is used. */
static void (*late_run)(void *arg);
static void *late_arg;
static baton_t scope_gone;

static void *come_late(void *unused)
{
    baton_take(&scope_gone);
    late_run(late_arg);
    return unused;
}

static int lend_late(void *unused, void (*run)(void *arg), void *arg)
{
    (void)unused;
    late_run = run;
    late_arg = arg;
    threads[0] = start(come_late, NULL);
    return 0;
}

static void thread_comes_late(void)
{
    wg_scope_storage_t *const storage = malloc(sizeof *storage);
    check(storage != NULL, "malloc");
    scope = make_scope(storage, 2, lend_late);
    of_task[0] = 1;
    check(wg_scope_go(scope, write_and_let_end, &of_task[0]) == 0, "wg_scope_go");
    check(wg_scope_wait(scope) == 0, "wg_scope_wait");
    baton_take(&task_may_end);
    check(of_task[0] == 2, "the result is not there");
    wg_scope_destroy(scope);
    memset(storage, 1, sizeof *storage);
    baton_pass(&scope_gone);
    memset(storage, 2, sizeof *storage);
    free(storage);
    join(threads[0]);
}

/* A task stops the scope.  Another thread sees that, and stops it too, while that task still runs. */
static int stop_and_stay(void *unused)
{
    (void)unused;
    baton_pass(&task_begun);
    wg_scope_stop(scope, EDOM);
    baton_pass(&task_begun);
    baton_take(&task_may_end);
    check(wg_scope_stopped(scope), "the scope is not stopped");
    return ERANGE;
}

static void scope_is_stopped(void)
{
    static wg_scope_storage_t storage; /* DRD does not look at stacks */
    scope = make_scope(&storage, 2, NULL);
    check(wg_scope_go(scope, stop_and_stay, NULL) == 0, "wg_scope_go");
    baton_take(&task_begun);
    baton_take(&task_begun);
    check(wg_scope_stopped(scope), "the scope is not stopped");
    wg_scope_stop(scope, ERANGE);
    baton_pass(&task_may_end);
    check(wg_scope_wait(scope) == EDOM, "the first error");
    wg_scope_destroy(scope);
}

__attribute__((constructor(101))) static void before_main(int argc, char **argv)
{
    baton_make(&first_done);
    baton_make(&token_posted);
    baton_make(&clock_read);
    baton_make(&request_taken);
    baton_make(&registered);
    baton_make(&fn_begun);
    baton_make(&withdrawn);
    baton_make(&task_begun);
    baton_make(&task_may_end);
    baton_make(&scope_gone);
    if (argc >= 3 && strcmp(argv[1], "early") == 0) {
        choose_backend(argv[2]);
        publish();
        early_ran = true;
    }
}

static void early(void)
{
    check(early_ran, "the constructor did not run");
}

int main(int argc, char **argv)
{
    static const race_case_t cases[] = {
        { "publish", publish },
        { "several_waiters", several_waiters },
        { "late_wait", late_wait },
        { "generations", generations },
        { "transitive", transitive },
        { "timed", timed },
        { "timed_at_zero", timed_at_zero },
        { "timed_owed", timed_owed },
        { "zero_between_two_looks", zero_between_two_looks },
        { "zero_while_polling", zero_while_polling },
        { "try_wait", try_wait },
        { "go", go },
        { "destroy_right_after_wait", destroy_right_after_wait },
        { "free_right_after_wait", free_right_after_wait },
        { "close_and_drain", close_and_drain },
        { "drain_in_order", drain_in_order },
        { "two_time_out", two_time_out },
        { "two_groups", two_groups },
        { "add_during_wait", add_during_wait },
        { "adders", adders },
        { "negative_add", negative_add },
        { "zero_filled", zero_filled },
        { "notice_is_called", notice_is_called },
        { "notice_beside_a_wait", notice_beside_a_wait },
        { "notice_at_zero", notice_at_zero },
        { "withdrawn_notice_is_reused", withdrawn_notice_is_reused },
        { "fn_frees_all", fn_frees_all },
        { "group_as_task", group_as_task },
        { "any_asleep", any_asleep },
        { "any_at_zero", any_at_zero },
        { "any_at_zero_when_registering", any_at_zero_when_registering },
        { "any_timed_out", any_timed_out },
        { "early", early },
        { "scope_is_waited_for", scope_is_waited_for },
        { "scope_with_a_subtask", scope_with_a_subtask },
        { "scope_in_a_task", scope_in_a_task },
        { "thread_comes_late", thread_comes_late },
        { "scope_is_stopped", scope_is_stopped },
    };
    return run_case(cases, sizeof cases / sizeof cases[0], argc, argv);
}
