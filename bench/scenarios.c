/* SPDX-License-Identifier: 0BSD */
/*
 * scenarios.c: the work that is measured, the same for each peer.  ADAPTER names
 * the peer's header; the file is compiled as C or as C++, as the peer needs.
 *
 * Run as: scenarios STEPS_PER_US NAME...   Prints one JSON line a figure.
 */
#include ADAPTER

#define BATCH_NS (3000000 / SHORT) /* long enough that the time to read the clock does not matter */
#define BATCHES 9                  /* one figure is the median of these */
#define ROUNDS_MIN 30              /* a series has at least these rounds */

static group_storage single_storage;

/*
 * Loops of one thread.
 */

static void repeat(const char *scenario, void (*prepare)(unsigned n), void (*run)(unsigned n), void (*finish)(void))
{
    sample_t sample = { NULL, 0, 0 };
    unsigned n = 1000;
    for (int batch = -1; batch < BATCHES;) {
        prepare(n);
        const int64_t begun = now_ns();
        run(n);
        const int64_t took = now_ns() - begun;
        finish();
        if (batch < 0 && took < BATCH_NS) {
            n = took < BATCH_NS / 8 ? n * 4 : (unsigned)((double)n * BATCH_NS / (double)took) + 1;
            batch = took < BATCH_NS / 2 ? -1 : 0;
            continue;
        }
        batch++;
        sample_add(&sample, (double)took / n);
    }
    figure(scenario, "ns", sample_at(&sample, 0.5));
    sample_end(&sample);
}

static group single;

static UNUSED void make_empty(unsigned n)
{
    (void)n;
    single = group_make(&single_storage, 0, 1);
}

static UNUSED void make_full(unsigned n)
{
    single = group_make(&single_storage, n, 1);
}

/* All that was added is done, so the wait returns.  The next batch makes a new group. */
static void wait_and_end(void)
{
    group_wait(single);
    group_end(single);
}

static UNUSED void just_end(void)
{
    group_end(single);
}

#if PEER_ADDS
static void pairs_of(group g, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        group_add(g, 1);
        FORGET();
        group_done(g);
        FORGET();
    }
}

static void run_pairs(unsigned n)
{
    pairs_of(single, n);
}

static void pair(void)
{
    repeat("pair", make_empty, run_pairs, wait_and_end);
}
#endif

static void run_dones(unsigned n)
{
    const group g = single;
    for (unsigned i = 0; i < n; i++) {
        group_done(g);
        FORGET();
    }
}

static void dones(void)
{
    repeat("dones", make_full, run_dones, wait_and_end);
}

#if PEER_LOOKS
static void waits_of(group g, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        group_wait(g);
        FORGET();
    }
}

static void run_waits(unsigned n)
{
    waits_of(single, n);
}

static void wait_zero(void)
{
    repeat("wait_zero", make_empty, run_waits, just_end);
}
#endif

/*
 * Loops of several threads: the time from the first start to the last end, divided
 * by the number of operations of all threads.
 */

static struct {
    int64_t begun, ended;
} stamps[512] __attribute__((aligned(LINE)));
static unsigned loop_n;
static void (*loop_fn)(unsigned index, unsigned n);

static void loop_round(unsigned index)
{
    stamps[index].begun = now_ns();
    loop_fn(index, loop_n);
    stamps[index].ended = now_ns();
}

static UNUSED void repeat_threads(const char *scenario, unsigned threads, void (*fn)(unsigned index, unsigned n))
{
    sample_t sample = { NULL, 0, 0 };
    crew_t *const crew = crew_make(threads, loop_round);
    loop_fn = fn;
    loop_n = 500;
    for (int batch = -1; batch < BATCHES;) {
        crew_open(crew);
        crew_gather(crew);
        int64_t first = INT64_MAX, last = 0;
        for (unsigned i = 0; i < threads; i++) {
            first = stamps[i].begun < first ? stamps[i].begun : first;
            last = stamps[i].ended > last ? stamps[i].ended : last;
        }
        const int64_t took = last - first;
        /* Batches are longer than with one thread: the threads must run side by side for most of a batch. */
        if (batch < 0 && took < 2 * BATCH_NS) {
            loop_n *= 2;
            continue;
        }
        batch++;
        if (batch > 0)
            sample_add(&sample, (double)took / ((double)loop_n * threads));
    }
    figure(scenario, "ns", sample_at(&sample, 0.5));
    sample_end(&sample);
    crew_end(crew);
}

#if PEER_ADDS
static void shared_pairs(unsigned index, unsigned n)
{
    (void)index;
    pairs_of(single, n);
}

static void shared(const char *scenario, unsigned threads)
{
    make_empty(0);
    repeat_threads(scenario, threads, shared_pairs);
    wait_and_end();
}

static void shared_1(void)
{
    shared("shared_1", 1);
}

static void shared_2(void)
{
    shared("shared_2", 2);
}

static void shared_8(void)
{
    shared("shared_8", 8);
}

/* Two groups side by side in memory, each used by a thread of its own. */
static group_storage beside_storage[2] __attribute__((aligned(LINE)));
static group beside_groups[2];

static void beside_pairs(unsigned index, unsigned n)
{
    pairs_of(beside_groups[index], n);
}

static void beside(void)
{
    for (unsigned i = 0; i < 2; i++)
        beside_groups[i] = group_make(&beside_storage[i], 0, 1);
    repeat_threads("beside", 2, beside_pairs);
    for (unsigned i = 0; i < 2; i++) {
        group_wait(beside_groups[i]);
        group_end(beside_groups[i]);
    }
}
#endif

#if PEER_ADDS
/*
 * Threads that count tasks in and off, each as fast as it can.  The peer chooses the
 * counter: a peer with many counters may use the one of the thread's core.
 */
#ifndef PEER_ENTERS
typedef group group_entry;

static group_entry group_enter(group g)
{
    group_add(g, 1);
    return g;
}

static void group_leave(group_entry g)
{
    group_done(g);
}
#endif

static unsigned cores_steps; /* the work of a task */

static void cores_loop(unsigned index, unsigned n)
{
    uint64_t result = index;
    for (unsigned i = 0; i < n; i++) {
        const group_entry entry = group_enter(single);
        FORGET();
        result = work(result, cores_steps);
        group_leave(entry);
        FORGET();
    }
}

static void cores_of(const char *scenario, unsigned threads, unsigned us)
{
    cores_steps = us * steps_per_us;
    make_empty(0);
    repeat_threads(scenario, threads, cores_loop);
    wait_and_end();
}

static unsigned all_cores(void)
{
    const unsigned room = sizeof stamps / sizeof stamps[0];
    return cores() < room ? cores() : room;
}

static void cores_1(void)
{
    cores_of("cores_1", 1, 0);
}

static void cores_2(void)
{
    cores_of("cores_2", 2, 0);
}

static void cores_8(void)
{
    cores_of("cores_8", 8, 0);
}

static void cores_all(void)
{
    cores_of("cores_all", all_cores(), 0);
}

static void cores_all_1us(void)
{
    cores_of("cores_all_1us", all_cores(), 1);
}

static void cores_all_10us(void)
{
    cores_of("cores_all_10us", all_cores(), 10);
}
#endif

/*
 * Rounds of fork and join.  Each task writes plain memory before its done, and the
 * waiter reads it.  So it is seen if a peer returns too early.
 */

#define TASKS_MAX 512

static struct {
    uint64_t round;
    uint64_t result;
} tasks[TASKS_MAX] __attribute__((aligned(LINE)));
static uint64_t join_round;
static group join_group;
static unsigned join_steps;

/* Two groups by turns, if a group has only one life: a thread may still be inside the done of the last round. */
static group_storage join_storage[2] __attribute__((aligned(LINE)));
static group join_groups[2];

static void join_begin(unsigned n, unsigned waiters)
{
    join_round++;
    const unsigned turn = PEER_REUSABLE ? 0 : (unsigned)(join_round % 2);
    if (join_round <= (PEER_REUSABLE ? 1 : 2)) {
        join_groups[turn] = group_make(&join_storage[turn], n, waiters);
    } else {
#if PEER_REUSABLE
        group_add(join_groups[turn], (int)n);
#else
        group_end(join_groups[turn]);
        join_groups[turn] = group_make(&join_storage[turn], n, waiters);
#endif
    }
    join_group = join_groups[turn];
}

static void join_check(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        must(tasks[i].round == join_round, "a wait came back before a task was done");
}

static void join_finish(void)
{
    for (unsigned i = 0; i < 2; i++)
        if (join_round > i && (i == 0 || !PEER_REUSABLE))
            group_end(join_groups[PEER_REUSABLE ? 0 : (join_round - i) % 2]);
    join_round = 0;
    memset(tasks, 0, sizeof tasks);
}

static void join_task(unsigned index)
{
    tasks[index].result = work(join_round, join_steps);
    tasks[index].round = join_round;
    group_done(join_group);
}

static void fork_join(const char *scenario, unsigned us, unsigned workers)
{
    sample_t sample = { NULL, 0, 0 };
    crew_t *const crew = crew_make(workers, join_task);
    join_steps = us * steps_per_us;
    double cpu = 0;
    int64_t begun = 0;
    unsigned rounds = 0;
    for (int64_t warm = now_ns() + ROUNDS_NS / 8;; rounds++) {
        const int64_t from = now_ns();
        if (begun == 0 && from >= warm) {
            begun = from;
            rounds = 0;
            sample.n = 0;
            cpu = cpu_seconds();
        }
        if (begun != 0 && rounds >= ROUNDS_MIN && from - begun >= ROUNDS_NS)
            break;
        join_begin(workers, 1);
        crew_open(crew);
        group_wait(join_group);
        const int64_t until = now_ns();
        sample_add(&sample, (double)(until - from));
        join_check(workers);
        if (crew->polls == 0)
            crew_gather(crew); /* so that all threads are on their way to sleep when the next round begins */
    }
    cpu = cpu_seconds() - cpu;
    const int64_t took = now_ns() - begun;
    crew_end(crew);
    join_finish();
    figure(scenario, "p50_ns", sample_at(&sample, 0.5));
    figure(scenario, "p99_ns", sample_at(&sample, 0.99));
    figure(scenario, "mean_ns", (double)took / rounds);
    figure(scenario, "cpu_ns", cpu * 1e9 / rounds);
    sample_end(&sample);
}

#define FORK_JOIN(us, workers) \
    static void fork_join_##us##us_##workers(void) \
    { \
        fork_join("fork_join_" #us "us_" #workers, us, workers); \
    }
FORK_JOIN(0, 1)
FORK_JOIN(0, 2)
FORK_JOIN(0, 8)
FORK_JOIN(1, 1)
FORK_JOIN(1, 2)
FORK_JOIN(1, 8)
FORK_JOIN(20, 1)
FORK_JOIN(20, 2)
FORK_JOIN(20, 8)

#if PEER_WAITERS
/*
 * Some threads sleep in the wait; one done wakes them.
 */

static uint32_t entered, returned;
static unsigned waiters_n;
static int64_t last_back;

static void waiter(unsigned index)
{
    (void)index;
    __atomic_fetch_add(&entered, 1, __ATOMIC_ACQ_REL);
    group_wait(join_group);
    if (__atomic_add_fetch(&returned, 1, __ATOMIC_ACQ_REL) == waiters_n)
        last_back = now_ns();
    must(tasks[0].round == join_round, "a wait came back before the task was done");
}

static void just_wake_up(unsigned index)
{
    (void)index;
}

static void see_asleep(const crew_t *crew)
{
    for (unsigned i = 0; i < crew->n; i++)
        while (!asleep(crew->tids[i]))
            sched_yield();
}

/* Bystanders also run and go to sleep in each round, but outside the group: they cost time that is not the group's. */
static void release(const char *scenario, unsigned waiters, unsigned bystanders)
{
    sample_t inside = { NULL, 0, 0 }, all = { NULL, 0, 0 };
    const int marked = getenv("BENCH_MARK") != NULL; /* for strace: one round, the done between two marks */
    crew_t *const crew = crew_make(waiters, waiter);
    crew->polls = 0;
    crew_t *const others = bystanders > 0 ? crew_make(bystanders, just_wake_up) : NULL;
    waiters_n = waiters;
    const int64_t begun = now_ns();
    for (unsigned round = 0; round < 12 || (now_ns() - begun < ROUNDS_NS && round < 2000); round++) {
        join_begin(1, waiters);
        __atomic_store_n(&entered, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&returned, 0, __ATOMIC_RELAXED);
        crew_open(crew);
        while (__atomic_load_n(&entered, __ATOMIC_ACQUIRE) < waiters)
            sched_yield();
        see_asleep(crew);
        if (others != NULL) {
            crew_open(others);
            crew_gather(others);
            see_asleep(others);
        }
        tasks[0].round = join_round;
        if (marked)
            syscall(SYS_getppid);
        const int64_t from = now_ns();
        group_done(join_group);
        const int64_t until = now_ns();
        if (marked)
            syscall(SYS_getppid);
        crew_gather(crew);
        if (round >= 2) { /* the first rounds wake cold threads */
            sample_add(&inside, (double)(until - from));
            sample_add(&all, (double)(last_back - from));
        }
        if (marked && round >= 2)
            break;
    }
    crew_end(crew);
    if (others != NULL)
        crew_end(others);
    join_finish();
    figure(scenario, "done_ns", sample_at(&inside, 0.5));
    figure(scenario, "last_back_ns", sample_at(&all, 0.5));
    sample_end(&inside);
    sample_end(&all);
}

static void release_1(void)
{
    release("release_1", 1, 0);
}

static void release_8(void)
{
    release("release_8", 8, 0);
}

static void release_64(void)
{
    release("release_64", 64, 0);
}

static void release_1_of_512(void)
{
    release("release_1_of_512", 1, 511);
}

static void release_512(void)
{
    release("release_512", 512, 0);
}

/* 64 tasks of 1 us and 4 waiters; a round ends when every thread is back. */
#define CROWD_TASKS 64
#define CROWD_WAITERS 4

static void crowd_member(unsigned index)
{
    if (index >= CROWD_WAITERS) {
        join_task(index - CROWD_WAITERS);
        return;
    }
    group_wait(join_group);
    join_check(CROWD_TASKS);
}

static void crowd(void)
{
    sample_t sample = { NULL, 0, 0 };
    crew_t *const crew = crew_make(CROWD_WAITERS + CROWD_TASKS, crowd_member);
    join_steps = steps_per_us;
    int64_t begun = 0;
    double cpu = 0;
    unsigned rounds = 0;
    for (int64_t warm = now_ns() + ROUNDS_NS / 8;; rounds++) {
        const int64_t from = now_ns();
        if (begun == 0 && from >= warm) {
            begun = from;
            rounds = 0;
            sample.n = 0;
            cpu = cpu_seconds();
        }
        if (begun != 0 && from - begun >= 2 * ROUNDS_NS)
            break;
        join_begin(CROWD_TASKS, CROWD_WAITERS);
        crew_open(crew);
        crew_gather(crew);
        sample_add(&sample, (double)(now_ns() - from));
    }
    cpu = cpu_seconds() - cpu;
    const int64_t took = now_ns() - begun;
    crew_end(crew);
    join_finish();
    figure("crowd", "p50_ns", sample_at(&sample, 0.5));
    figure("crowd", "p99_ns", sample_at(&sample, 0.99));
    figure("crowd", "mean_ns", (double)took / rounds);
    figure("crowd", "cpu_ns", cpu * 1e9 / rounds);
    sample_end(&sample);
}
#endif

#if PEER_TIMED
/*
 * Four threads wait many times for 50 us on a group that is not done.  Then it is done.
 */
#define CHURN_THREADS 4
#define CHURN_WAITS 200
#define CHURN_NS 50000

static sample_t churn_late[CHURN_THREADS];

static void churner(unsigned index)
{
    for (unsigned i = 0; i < CHURN_WAITS; i++) {
        struct timespec deadline;
        clock_gettime(CLOCK_MONOTONIC, &deadline);
        deadline.tv_nsec += CHURN_NS;
        if (deadline.tv_nsec >= 1000000000) {
            deadline.tv_nsec -= 1000000000;
            deadline.tv_sec++;
        }
        must(group_wait_until(join_group, &deadline) == ETIMEDOUT, "a wait came back before the task was done");
        sample_add(&churn_late[index], (double)(now_ns() - (deadline.tv_sec * INT64_C(1000000000) + deadline.tv_nsec)));
    }
    __atomic_fetch_add(&entered, 1, __ATOMIC_ACQ_REL);
    group_wait(join_group);
}

static void timed(void)
{
    join_begin(1, CHURN_THREADS);
    crew_t *const crew = crew_make(CHURN_THREADS, churner);
    __atomic_store_n(&entered, 0, __ATOMIC_RELAXED);
    double cpu = cpu_seconds();
    crew_open(crew);
    while (__atomic_load_n(&entered, __ATOMIC_ACQUIRE) < CHURN_THREADS)
        usleep(500);
    cpu = cpu_seconds() - cpu;
    group_done(join_group);
    crew_gather(crew);
    crew_end(crew);
    join_finish();
    sample_t late = { NULL, 0, 0 };
    for (unsigned i = 0; i < CHURN_THREADS; i++) {
        for (size_t j = 0; j < churn_late[i].n; j++)
            sample_add(&late, churn_late[i].at[j]);
        sample_end(&churn_late[i]);
    }
    figure("timed", "late_p50_ns", sample_at(&late, 0.5));
    figure("timed", "late_p99_ns", sample_at(&late, 0.99));
    figure("timed", "cpu_ns", cpu * 1e9 / (CHURN_THREADS * CHURN_WAITS));
    sample_end(&late);
}
#endif

#if PEER_NOTIFIES
/*
 * Notices: functions that are called when the group is empty.  All is done by one thread.
 */
#define NOTICES_MAX 64

static group_notice notices[NOTICES_MAX];
static unsigned notices_n;
static uint64_t notices_called;

static void count_notice(void *unused)
{
    (void)unused;
    notices_called++;
}

static void notices_run(unsigned n)
{
    const group g = single;
    notices_called = 0;
    for (unsigned i = 0; i < n; i++) {
        group_add(g, 1);
        for (unsigned j = 0; j < notices_n; j++)
            group_notify(g, &notices[j], count_notice, NULL);
        group_done(g);
        FORGET();
    }
    group_settle();
    must(notices_called == (uint64_t)n * notices_n, "a notice was not called, or was called twice");
}

static void notices_of(const char *scenario, unsigned n)
{
    notices_n = n;
    repeat(scenario, make_empty, notices_run, wait_and_end);
}

static void notices_1(void)
{
    notices_of("notices_1", 1);
}

static void notices_8(void)
{
    notices_of("notices_8", 8);
}

static void notices_64(void)
{
    notices_of("notices_64", 64);
}

#if PEER_WITHDRAWS
static void make_one(unsigned n)
{
    (void)n;
    single = group_make(&single_storage, 1, 1);
}

static void withdraw_run(unsigned n)
{
    const group g = single;
    notices_called = 0;
    for (unsigned i = 0; i < n; i++) {
        group_notify(g, &notices[0], count_notice, NULL);
        FORGET();
        group_withdraw(g, &notices[0]);
        FORGET();
    }
    group_done(g);
    must(notices_called == 0, "a notice was called that had been withdrawn");
}

static void notify_cancel(void)
{
    repeat("notify_cancel", make_one, withdraw_run, wait_and_end);
}
#endif

/* A notice that rings an event loop.  In "ring_asleep" a thread sleeps in the loop; in "ring" no thread does. */
static int bell;

static void ring_bell(void *unused)
{
    (void)unused;
    const uint64_t one = 1;
    must(write(bell, &one, sizeof one) == sizeof one, "write");
}

static void ring_run(unsigned n)
{
    const group g = single;
    for (unsigned i = 0; i < n; i++) {
        group_add(g, 1);
        group_notify(g, &notices[0], ring_bell, NULL);
        group_done(g);
        FORGET();
    }
    group_settle();
}

static void ring(void)
{
    bell = eventfd(0, EFD_CLOEXEC);
    must(bell >= 0, "eventfd");
    repeat("ring", make_empty, ring_run, wait_and_end);
    close(bell);
}

static void event_loop(unsigned index)
{
    (void)index;
    struct pollfd watched = { bell, POLLIN, 0 };
    uint64_t rings;
    __atomic_fetch_add(&entered, 1, __ATOMIC_ACQ_REL);
    must(poll(&watched, 1, -1) == 1 && read(bell, &rings, sizeof rings) == sizeof rings, "poll");
    last_back = now_ns();
    must(tasks[0].round == join_round && rings == 1, "the loop was rung before the task was done");
}

static void ring_asleep(void)
{
    sample_t inside = { NULL, 0, 0 }, all = { NULL, 0, 0 };
    bell = eventfd(0, EFD_CLOEXEC);
    must(bell >= 0, "eventfd");
    crew_t *const crew = crew_make(1, event_loop);
    crew->polls = 0;
    const int64_t begun = now_ns();
    for (unsigned round = 0; round < 12 || (now_ns() - begun < ROUNDS_NS && round < 2000); round++) {
        join_begin(1, 1);
        group_notify(join_group, &notices[0], ring_bell, NULL);
        __atomic_store_n(&entered, 0, __ATOMIC_RELAXED);
        crew_open(crew);
        while (__atomic_load_n(&entered, __ATOMIC_ACQUIRE) == 0)
            sched_yield();
        see_asleep(crew);
        tasks[0].round = join_round;
        const int64_t from = now_ns();
        group_done(join_group);
        const int64_t until = now_ns();
        crew_gather(crew);
        group_settle();
        if (round >= 2) {
            sample_add(&inside, (double)(until - from));
            sample_add(&all, (double)(last_back - from));
        }
    }
    crew_end(crew);
    join_finish();
    close(bell);
    figure("ring_asleep", "done_ns", sample_at(&inside, 0.5));
    figure("ring_asleep", "last_back_ns", sample_at(&all, 0.5));
    sample_end(&inside);
    sample_end(&all);
}
#endif

#if PEER_WAITS_ANY
/*
 * One thread waits for any of n groups.  Either the last of them is done, or the time
 * is over before one is.
 */
#define ANY_MAX 64
#define ANY_NS 20000
#define ANY_TIMED (2000 / SHORT)

static group_storage any_storage[ANY_MAX];
static group any_groups[ANY_MAX];
static group_choice any_choices[ANY_MAX];
static unsigned any_n;

static void any_begin(unsigned n)
{
    any_n = n;
    for (unsigned i = 0; i < n; i++) {
        any_groups[i] = group_make(&any_storage[i], 1, 1);
        group_choose(&any_choices[i], any_groups[i]);
    }
}

static void any_end(void)
{
    for (unsigned i = 0; i < any_n; i++) {
        group_done(any_groups[i]);
        group_wait(any_groups[i]);
        group_end(any_groups[i]);
    }
}

/* Gives the group that was done a task again. */
static void any_renew(unsigned i)
{
#if PEER_REUSABLE
    group_add(any_groups[i], 1);
#else
    group_end(any_groups[i]);
    any_groups[i] = group_make(&any_storage[i], 1, 1);
    group_choose(&any_choices[i], any_groups[i]);
#endif
}

static void any_waiter(unsigned index)
{
    (void)index;
    __atomic_fetch_add(&entered, 1, __ATOMIC_ACQ_REL);
    const int which = group_wait_any(any_choices, any_n, -1);
    last_back = now_ns();
    must(which == (int)any_n - 1 && tasks[0].round == join_round, "a wait came back before the task was done");
}

static void any_let_go(const char *scenario, unsigned n)
{
    sample_t inside = { NULL, 0, 0 }, all = { NULL, 0, 0 };
    any_begin(n);
    crew_t *const crew = crew_make(1, any_waiter);
    crew->polls = 0;
    const int64_t begun = now_ns();
    for (unsigned round = 0; round < 12 || (now_ns() - begun < ROUNDS_NS && round < 2000); round++) {
        join_round++;
        __atomic_store_n(&entered, 0, __ATOMIC_RELAXED);
        crew_open(crew);
        while (__atomic_load_n(&entered, __ATOMIC_ACQUIRE) == 0)
            sched_yield();
        see_asleep(crew);
        tasks[0].round = join_round;
        const int64_t from = now_ns();
        group_done(any_groups[n - 1]);
        const int64_t until = now_ns();
        crew_gather(crew);
        any_renew(n - 1);
        if (round >= 2) {
            sample_add(&inside, (double)(until - from));
            sample_add(&all, (double)(last_back - from));
        }
    }
    crew_end(crew);
    any_end();
    join_round = 0;
    memset(tasks, 0, sizeof tasks);
    figure(scenario, "done_ns", sample_at(&inside, 0.5));
    figure(scenario, "last_back_ns", sample_at(&all, 0.5));
    sample_end(&inside);
    sample_end(&all);
}

static void any_timed(const char *scenario, unsigned n)
{
    sample_t late = { NULL, 0, 0 };
    any_begin(n);
    const double cpu = cpu_seconds();
    for (unsigned i = 0; i < ANY_TIMED; i++) {
        const int64_t from = now_ns();
        must(group_wait_any(any_choices, n, ANY_NS) == -1, "a wait came back before the task was done");
        sample_add(&late, (double)(now_ns() - from - ANY_NS));
    }
    figure(scenario, "cpu_ns", (cpu_seconds() - cpu) * 1e9 / ANY_TIMED);
    figure(scenario, "late_p50_ns", sample_at(&late, 0.5));
    sample_end(&late);
    any_end();
}

#define ANY(n) \
    static void any_##n(void) \
    { \
        any_let_go("any_" #n, n); \
    } \
    static void any_timed_##n(void) \
    { \
        any_timed("any_timed_" #n, n); \
    }
ANY(1)
ANY(8)
ANY(64)
#endif

/*
 * Bytes of a group: the size of its storage, and how much the process grows for each
 * of a million groups on the heap.
 */

static void memory(void)
{
    enum { GROUPS = 1000000 / SHORT };
    group *const groups = (group *)malloc(GROUPS * sizeof *groups);
    must(groups != NULL, "malloc");
    memset(groups, 1, GROUPS * sizeof *groups);
    const double before = resident_bytes();
    for (unsigned i = 0; i < GROUPS; i++)
        groups[i] = group_heap();
    figure("memory", "heap_bytes", (resident_bytes() - before) / (double)GROUPS);
    if (sizeof(group_storage) > 1)
        figure("memory", "storage_bytes", (double)sizeof(group_storage));
    free(groups);
}

/*
 * Go's six benchmarks of its WaitGroup, on as many threads as there are cores.
 */
#define GO_THREADS_MAX 64

static uint64_t sink[GO_THREADS_MAX][LINE / sizeof(uint64_t)] __attribute__((aligned(LINE)));

static UNUSED unsigned go_threads(void)
{
    const unsigned n = cores();
    return n < GO_THREADS_MAX ? n : GO_THREADS_MAX;
}

/* A hundred multiplications and divisions, as in Go's benchmarks. */
static UNUSED void local_work(unsigned index)
{
    uint64_t x = sink[index][0];
    for (int i = 0; i < 100; i++) {
        x = x * 2;
        __asm__ __volatile__("" : "+r"(x));
        x = x / 2;
        __asm__ __volatile__("" : "+r"(x));
    }
    sink[index][0] = x;
}

#if PEER_ADDS && PEER_LOOKS && PEER_REUSABLE
static struct {
    group_storage storage __attribute__((aligned(2 * LINE)));
    group g;
} go_own[GO_THREADS_MAX];

static void go_uncontended_loop(unsigned index, unsigned n)
{
    const group g = go_own[index].g;
    for (unsigned i = 0; i < n; i++) {
        group_add(g, 1);
        FORGET();
        group_done(g);
        FORGET();
        group_wait(g);
        FORGET();
    }
}

static void go_uncontended(void)
{
    const unsigned threads = go_threads();
    for (unsigned i = 0; i < threads; i++)
        go_own[i].g = group_make(&go_own[i].storage, 0, 1);
    repeat_threads("go_uncontended", threads, go_uncontended_loop);
    for (unsigned i = 0; i < threads; i++)
        group_end(go_own[i].g);
}
#endif

#if PEER_ADDS
static void go_add_done(void)
{
    shared("go_add_done", go_threads());
}

static void go_add_done_work_loop(unsigned index, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        group_add(single, 1);
        local_work(index);
        group_done(single);
        FORGET();
    }
}

static void go_add_done_work(void)
{
    make_empty(0);
    repeat_threads("go_add_done_work", go_threads(), go_add_done_work_loop);
    wait_and_end();
}
#endif

#if PEER_LOOKS
static void go_wait_loop(unsigned index, unsigned n)
{
    (void)index;
    waits_of(single, n);
}

static void go_wait(void)
{
    make_empty(0);
    repeat_threads("go_wait", go_threads(), go_wait_loop);
    just_end();
}

static void go_wait_work_loop(unsigned index, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        group_wait(single);
        local_work(index);
    }
}

static void go_wait_work(void)
{
    make_empty(0);
    repeat_threads("go_wait_work", go_threads(), go_wait_work_loop);
    just_end();
}
#endif

/* Each thread has a parked partner, in place of the goroutine that Go starts. */
static struct {
    uint32_t calls __attribute__((aligned(LINE)));
    uint32_t answered;
    group g;
    group_storage storage[2];
} partners[GO_THREADS_MAX];
static unsigned partners_stop;

static void *partner(void *given)
{
    const unsigned index = (unsigned)(uintptr_t)given;
    for (uint32_t seen = 0;; seen++) {
        while (__atomic_load_n(&partners[index].calls, __ATOMIC_ACQUIRE) == seen)
            futex_sleep(&partners[index].calls, seen);
        if (__atomic_load_n(&partners_stop, __ATOMIC_ACQUIRE) != 0)
            return NULL;
        group_done(partners[index].g);
        __atomic_store_n(&partners[index].answered, seen + 1, __ATOMIC_RELEASE);
    }
}

static void go_actually_wait_loop(unsigned index, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const group g = group_make(&partners[index].storage[i % 2], 1, 1);
        partners[index].g = g;
        const uint32_t call = __atomic_add_fetch(&partners[index].calls, 1, __ATOMIC_RELEASE);
        futex_rouse(&partners[index].calls);
        group_wait(g);
        /* Not every peer allows to end the group while the last done has not returned. */
        while (__atomic_load_n(&partners[index].answered, __ATOMIC_ACQUIRE) != call)
            sched_yield();
        group_end(g);
    }
}

static void go_actually_wait(void)
{
    pthread_t threads[GO_THREADS_MAX];
    const unsigned n = go_threads();
    for (unsigned i = 0; i < n; i++)
        must(pthread_create(&threads[i], NULL, partner, (void *)(uintptr_t)i) == 0, "pthread_create");
    repeat_threads("go_actually_wait", n, go_actually_wait_loop);
    __atomic_store_n(&partners_stop, 1, __ATOMIC_RELEASE);
    for (unsigned i = 0; i < n; i++) {
        __atomic_fetch_add(&partners[i].calls, 1, __ATOMIC_RELEASE);
        futex_rouse(&partners[i].calls);
        pthread_join(threads[i], NULL);
    }
}

/*
 * A peer must be correct before it is measured: no wait returns early, and none hangs.
 */

static void check(void)
{
    static const unsigned sizes[] = { 1, 3, 8 };
    join_steps = 20;
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        crew_t *const crew = crew_make(sizes[i], join_task);
        for (unsigned round = 0; round < 200; round++) {
            join_begin(sizes[i], 1);
            crew_open(crew);
            group_wait(join_group);
            join_check(sizes[i]);
            crew_gather(crew);
        }
        crew_end(crew);
        join_finish();
    }
#if PEER_WAITERS
    join_steps = 20;
    crew_t *const crew = crew_make(CROWD_WAITERS + CROWD_TASKS, crowd_member);
    for (unsigned round = 0; round < 50; round++) {
        join_begin(CROWD_TASKS, CROWD_WAITERS);
        crew_open(crew);
        crew_gather(crew);
    }
    crew_end(crew);
    join_finish();
#endif
    figure("check", "passed", 1);
}

static const scenario_t scenarios[] = {
    { "check", check },
    { "dones", dones },
    { "fork_join_0us_1", fork_join_0us_1 },
    { "fork_join_0us_2", fork_join_0us_2 },
    { "fork_join_0us_8", fork_join_0us_8 },
    { "fork_join_1us_1", fork_join_1us_1 },
    { "fork_join_1us_2", fork_join_1us_2 },
    { "fork_join_1us_8", fork_join_1us_8 },
    { "fork_join_20us_1", fork_join_20us_1 },
    { "fork_join_20us_2", fork_join_20us_2 },
    { "fork_join_20us_8", fork_join_20us_8 },
    { "memory", memory },
    { "go_actually_wait", go_actually_wait },
#if PEER_ADDS
    { "pair", pair },
    { "shared_1", shared_1 },
    { "shared_2", shared_2 },
    { "shared_8", shared_8 },
    { "beside", beside },
    { "cores_1", cores_1 },
    { "cores_2", cores_2 },
    { "cores_8", cores_8 },
    { "cores_all", cores_all },
    { "cores_all_1us", cores_all_1us },
    { "cores_all_10us", cores_all_10us },
    { "go_add_done", go_add_done },
    { "go_add_done_work", go_add_done_work },
#endif
#if PEER_LOOKS
    { "wait_zero", wait_zero },
    { "go_wait", go_wait },
    { "go_wait_work", go_wait_work },
#endif
#if PEER_ADDS && PEER_LOOKS && PEER_REUSABLE
    { "go_uncontended", go_uncontended },
#endif
#if PEER_WAITERS
    { "release_1", release_1 },
    { "release_8", release_8 },
    { "release_64", release_64 },
    { "release_512", release_512 },
    { "release_1_of_512", release_1_of_512 },
    { "crowd", crowd },
#endif
#if PEER_TIMED
    { "timed", timed },
#endif
#if PEER_NOTIFIES
    { "notices_1", notices_1 },
    { "notices_8", notices_8 },
    { "notices_64", notices_64 },
    { "ring", ring },
    { "ring_asleep", ring_asleep },
#endif
#if PEER_WITHDRAWS
    { "notify_cancel", notify_cancel },
#endif
#if PEER_WAITS_ANY
    { "any_1", any_1 },
    { "any_8", any_8 },
    { "any_64", any_64 },
    { "any_timed_1", any_timed_1 },
    { "any_timed_8", any_timed_8 },
    { "any_timed_64", any_timed_64 },
#endif
};

int main(int argc, char **argv)
{
    return run_scenarios(argc, argv, scenarios, sizeof scenarios / sizeof scenarios[0]);
}
