/* SPDX-License-Identifier: 0BSD */
/* test_sem.c: whether each semaphore keeps the contract of wg_sem_ops_t: test_sem futex|posix|dispatch|cond. */
#include "backends.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

static const wg_sem_ops_t *ops;

typedef union sem_bytes {
    unsigned char bytes[WG_SEM_SIZE];
    uint64_t alignment;
} sem_bytes_t;

static sem_bytes_t sem; /* of each test */

static int make(void **unused)
{
    (void)unused;
    memset(&sem, 0, sizeof sem);
    return ops->init(&sem, false);
}

static int end(void **unused)
{
    (void)unused;
    ops->destroy(&sem);
    return 0;
}

#define OF_A_SEMAPHORE(test) cmocka_unit_test_setup_teardown(test, make, end)

static void assert_no_token(void)
{
    const struct timespec past = { 0, 0 };
    assert_int_equal(ops->acquire(&sem, &past), ETIMEDOUT);
}

static void a_new_semaphore_has_no_token(void **unused)
{
    (void)unused;
    assert_no_token();
}

static void tokens_are_counted(void **unused)
{
    (void)unused;
    static const uint32_t releases[] = { 1, 3, 1, 5, 1000 };
    uint32_t left = 0;
    for (unsigned i = 0; i < COUNT_OF(releases); i++) {
        ops->release(&sem, releases[i]);
        left += releases[i];
        for (; left > i; left--) /* leaves a few */
            assert_int_equal(ops->acquire(&sem, NULL), 0);
    }
    for (; left > 0; left--)
        assert_int_equal(ops->acquire(&sem, NULL), 0);
    assert_no_token();
}

static void a_time_that_has_passed_is_no_error(void **unused)
{
    (void)unused;
    const struct timespec times[] = {
        { 0, 0 }, { 0, 1 }, { -1, 999999999 }, { (time_t)INT32_MIN, 0 }, monotonic_now()
    };
    for (size_t i = 0; i < COUNT_OF(times); i++)
        assert_int_equal(ops->acquire(&sem, &times[i]), ETIMEDOUT);
}

static void a_deadline_is_never_early(void **unused)
{
    (void)unused;
    static const int64_t waits[] = { 1, 1000, 100000, 1000000, 1234567, 20000000 };
    for (int round = 0; round < 10; round++)
        for (size_t i = 0; i < COUNT_OF(waits); i++) {
            const struct timespec deadline = monotonic_in_ns(waits[i]);
            assert_int_equal(ops->acquire(&sem, &deadline), ETIMEDOUT);
            assert_true(ns_since(deadline) >= 0);
        }
}

static void errno_is_left_alone(void **unused)
{
    (void)unused;
    const struct timespec past = { 0, 0 }, soon = monotonic_in_ns(1000000);
    errno = EILSEQ;
    assert_int_equal(ops->acquire(&sem, &past), ETIMEDOUT);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(ops->acquire(&sem, &soon), ETIMEDOUT);
    assert_int_equal(errno, EILSEQ);
    ops->release(&sem, 2);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(ops->acquire(&sem, &past), 0);
    assert_int_equal(ops->acquire(&sem, NULL), 0);
    assert_int_equal(errno, EILSEQ);
}

/* Sleepers. */

typedef struct sleeper {
    thread_t thread;
    const struct timespec *deadline;
    int *payload; /* not atomic: a race detector sees whether release and acquire order it */
    int seen;
    int result;
} sleeper_t;

static atomic_uint awake; /* sleepers that have returned */
static int payload;

static void sleep_there(void *arg)
{
    sleeper_t *const self = arg;
    errno = 0;
    self->result = ops->acquire(&sem, self->deadline);
    REQUIRE(errno == 0); /* also after a sleep that signals interrupted */
    /* ThreadSanitizer does not know sem_clockwait().  In a whole group this does not matter. */
    if (self->result == 0)
        self->seen = SUITE_TSAN && self->deadline != NULL ? 42 : payload;
    atomic_fetch_add(&awake, 1);
}

#define SLEEPERS 48
static sleeper_t sleepers[SLEEPERS];

static void start_sleepers(unsigned count, const struct timespec *deadline)
{
    atomic_store(&awake, 0);
    payload = 0;
    for (unsigned i = 0; i < count; i++) {
        sleepers[i].deadline = deadline;
        sleepers[i].seen = 0;
        sleepers[i].result = -1;
        thread_start(&sleepers[i].thread, sleep_there, &sleepers[i]);
    }
    for (unsigned i = 0; i < count; i++)
        until_asleep(&sleepers[i].thread);
}

static void join_sleepers(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        thread_join(&sleepers[i].thread);
        assert_int_equal(sleepers[i].result, 0);
        assert_int_equal(sleepers[i].seen, 42);
    }
    assert_no_token();
}

static void one_release_wakes_as_many_as_it_has_tokens(void **unused)
{
    (void)unused;
    for (int round = 0; round < 5; round++) {
        start_sleepers(SLEEPERS, NULL);
        payload = 42;
        ops->release(&sem, SLEEPERS);
        join_sleepers(SLEEPERS);
    }
}

static void two_releases_wake_what_both_have(void **unused)
{
    (void)unused;
    for (int round = 0; round < 5; round++) {
        start_sleepers(SLEEPERS, NULL);
        payload = 42;
        ops->release(&sem, SLEEPERS / 2);
        ops->release(&sem, SLEEPERS - SLEEPERS / 2);
        join_sleepers(SLEEPERS);
    }
}

static void many_releases_of_one_wake_all(void **unused)
{
    (void)unused;
    for (int round = 0; round < 5; round++) {
        start_sleepers(SLEEPERS, NULL);
        payload = 42;
        for (unsigned i = 0; i < SLEEPERS; i++)
            ops->release(&sem, 1);
        join_sleepers(SLEEPERS);
    }
}

static void three_tokens_wake_three_of_eight(void **unused)
{
    (void)unused;
    start_sleepers(8, NULL);
    payload = 42;
    ops->release(&sem, 3);
    UNTIL(atomic_load(&awake) == 3);
    /* The other five threads sleep until there are more tokens. */
    assert_no_token();
    assert_int_equal(atomic_load(&awake), 3);
    ops->release(&sem, 5);
    join_sleepers(8);
}

static void the_farthest_deadline_sleeps_until_a_token_comes(void **unused)
{
    (void)unused;
    const int64_t latest = sizeof(time_t) > 4 ? INT64_MAX : INT32_MAX;
    const struct timespec deadline = { (time_t)latest, 999999999 };
    start_sleepers(4, &deadline);
    assert_int_equal(atomic_load(&awake), 0);
    payload = 42;
    ops->release(&sem, 4);
    join_sleepers(4);
}

/* Signals. */

static atomic_uint signals_handled;

static void count_signal(int number)
{
    (void)number;
    atomic_fetch_add(&signals_handled, 1);
}

static void catch_without_restart(void)
{
    struct sigaction action = { .sa_handler = count_signal };
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
}

static void signal_once(unsigned sleeper)
{
    const unsigned before = atomic_load(&signals_handled);
    SIGNAL_UNTIL(&sleepers[sleeper].thread, SIGUSR1,
                 atomic_load(&signals_handled) != before || atomic_load(&awake) != 0);
}

static void signals_wake_nobody(void **unused)
{
    (void)unused;
    const struct timespec far = monotonic_in_ns(3600ll * 1000000000);
    const struct timespec *const deadlines[] = { NULL, &far };
    /* ThreadSanitizer does not know sem_clockwait(), and delivers no signal to a thread that sleeps there. */
    const size_t kinds = SUITE_TSAN && ops == wg_sem_posix() ? 1 : COUNT_OF(deadlines);
    catch_without_restart();
    for (size_t i = 0; i < kinds; i++) {
        start_sleepers(1, deadlines[i]);
        for (int times = 0; times < 100; times++) {
            signal_once(0);
            assert_int_equal(atomic_load(&awake), 0);
        }
        until_asleep(&sleepers[0].thread);
        assert_int_equal(atomic_load(&awake), 0);
        payload = 42;
        ops->release(&sem, 1);
        join_sleepers(1);
    }
}

static void a_deadline_holds_under_a_storm_of_signals(void **unused)
{
    (void)unused;
    catch_without_restart();
    for (int round = 0; round < 5; round++) {
        const struct timespec deadline = monotonic_in_ns(10000000);
        atomic_store(&awake, 0);
        sleepers[0].deadline = &deadline;
        sleepers[0].result = -1;
        thread_start(&sleepers[0].thread, sleep_there, &sleepers[0]);
        UNTIL(atomic_load(&sleepers[0].thread.tid) != 0);
        while (atomic_load(&awake) == 0)
            signal_once(0);
        assert_true(ns_since(deadline) >= 0);
        thread_join(&sleepers[0].thread);
        assert_int_equal(sleepers[0].result, ETIMEDOUT);
    }
}

/* Cancellation. */

static atomic_int cancel_is_pending, steps_taken;

static void acquire_with_a_cancel_pending(void *arg)
{
    (void)arg;
    UNTIL(atomic_load(&cancel_is_pending));
    const struct timespec soon = monotonic_in_ns(1000000);
    REQUIRE(ops->acquire(&sem, NULL) == 0); /* a token is there */
    REQUIRE(ops->acquire(&sem, &soon) == ETIMEDOUT);
    atomic_store(&steps_taken, 1);
    REQUIRE(ops->acquire(&sem, NULL) == 0); /* it must sleep for a token */
    atomic_store(&steps_taken, 2);
    pthread_testcancel();
    atomic_store(&steps_taken, 3);
}

static void acquire_is_no_cancellation_point_and_leaves_cancelability_as_it_was(void **unused)
{
    (void)unused;
    thread_t thread;
    atomic_store(&cancel_is_pending, 0);
    atomic_store(&steps_taken, 0);
    ops->release(&sem, 1);
    thread_start(&thread, acquire_with_a_cancel_pending, NULL);
    assert_int_equal(pthread_cancel(thread.handle), 0);
    atomic_store(&cancel_is_pending, 1);
    UNTIL(atomic_load(&steps_taken) == 1);
    until_asleep(&thread);
    ops->release(&sem, 1);
    assert_ptr_equal(thread_join(&thread), PTHREAD_CANCELED);
    assert_int_equal(atomic_load(&steps_taken), 2);
}

static void assert_cancelability_is_off(void)
{
    int before;
    REQUIRE(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
    REQUIRE(before == PTHREAD_CANCEL_DISABLE);
}

static void acquire_with_cancelability_off(void *arg)
{
    (void)arg;
    int before;
    const struct timespec soon = monotonic_in_ns(1000000);
    REQUIRE(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
    REQUIRE(ops->acquire(&sem, NULL) == 0);
    assert_cancelability_is_off();
    REQUIRE(ops->acquire(&sem, &soon) == ETIMEDOUT);
    assert_cancelability_is_off();
}

static void acquire_leaves_cancelability_off_where_it_was_off(void **unused)
{
    (void)unused;
    thread_t thread;
    ops->release(&sem, 1);
    thread_start(&thread, acquire_with_cancelability_off, NULL);
    thread_join(&thread);
}

static void a_cancel_while_asleep_wakes_nobody(void **unused)
{
    (void)unused;
    start_sleepers(1, NULL);
    assert_int_equal(pthread_cancel(sleepers[0].thread.handle), 0);
    until_asleep(&sleepers[0].thread);
    assert_int_equal(atomic_load(&awake), 0);
    ops->release(&sem, 1);
    /* After the acquire there may be no cancellation point, so the thread may end in either way. */
    thread_join(&sleepers[0].thread);
    assert_int_equal(sleepers[0].result, 0);
}

/*
 * The last touch.  The thread that takes the last token destroys the semaphore and
 * unmaps its page.  If a release touches the semaphore after that, the program dies by
 * SIGSEGV.  The unmap must come between two instructions of the release, so there are
 * many rounds.
 */

typedef struct page {
    sem_bytes_t *sem;
    atomic_uint inside; /* waiters that have not returned */
    unsigned waiters;
    atomic_uint ready;
} page_t;

static void take_and_unmap(void *arg)
{
    page_t *const page = arg;
    atomic_fetch_add(&page->ready, 1);
    REQUIRE(ops->acquire(page->sem, NULL) == 0);
    if (atomic_fetch_sub(&page->inside, 1) != 1)
        return;
    ops->destroy(page->sem);
    REQUIRE(munmap(page->sem, 4096) == 0);
}

static void unmap_rounds(unsigned waiters, int rounds, bool asleep)
{
    for (int round = 0; round < rounds; round++) {
        page_t page = { .waiters = waiters };
        thread_t threads[8];
        atomic_init(&page.inside, waiters);
        atomic_init(&page.ready, 0);
        page.sem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(page.sem != MAP_FAILED);
        assert_int_equal(ops->init(page.sem, false), 0);
        for (unsigned i = 0; i < waiters; i++)
            thread_start(&threads[i], take_and_unmap, &page);
        if (asleep)
            for (unsigned i = 0; i < waiters; i++)
                until_asleep(&threads[i]);
        else
            UNTIL(atomic_load(&page.ready) > 0);
        ops->release(page.sem, waiters);
        for (unsigned i = 0; i < waiters; i++)
            thread_join(&threads[i]);
    }
}

static void the_semaphore_may_vanish_when_its_last_token_is_taken_by_a_sleeper(void **unused)
{
    (void)unused;
    unmap_rounds(1, 300, true);
    unmap_rounds(3, 100, true);
}

static void the_semaphore_may_vanish_when_its_last_token_is_taken_in_passing(void **unused)
{
    (void)unused;
    unmap_rounds(1, 1000, false);
    unmap_rounds(3, 300, false);
}

/* Memory that was used before. */

static void init_asks_for_nothing_but_zeroes_and_may_follow_destroy(void **unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++) {
        ops->release(&sem, 2);
        ops->destroy(&sem); /* with tokens left */
        memset(&sem, 0, sizeof sem);
        assert_int_equal(ops->init(&sem, false), 0);
        assert_no_token();
    }
}

static void it_has_a_name_and_all_four_functions(void **unused)
{
    (void)unused;
    assert_non_null(ops->name);
    assert_true(ops->init != NULL && ops->destroy != NULL && ops->acquire != NULL && ops->release != NULL);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        OF_A_SEMAPHORE(it_has_a_name_and_all_four_functions),
        OF_A_SEMAPHORE(a_new_semaphore_has_no_token),
        OF_A_SEMAPHORE(tokens_are_counted),
        OF_A_SEMAPHORE(a_time_that_has_passed_is_no_error),
        OF_A_SEMAPHORE(a_deadline_is_never_early),
        OF_A_SEMAPHORE(errno_is_left_alone),
        OF_A_SEMAPHORE(one_release_wakes_as_many_as_it_has_tokens),
        OF_A_SEMAPHORE(two_releases_wake_what_both_have),
        OF_A_SEMAPHORE(many_releases_of_one_wake_all),
        OF_A_SEMAPHORE(three_tokens_wake_three_of_eight),
        OF_A_SEMAPHORE(the_farthest_deadline_sleeps_until_a_token_comes),
        OF_A_SEMAPHORE(signals_wake_nobody),
        OF_A_SEMAPHORE(a_deadline_holds_under_a_storm_of_signals),
        OF_A_SEMAPHORE(acquire_is_no_cancellation_point_and_leaves_cancelability_as_it_was),
        OF_A_SEMAPHORE(acquire_leaves_cancelability_off_where_it_was_off),
        OF_A_SEMAPHORE(a_cancel_while_asleep_wakes_nobody),
        OF_A_SEMAPHORE(the_semaphore_may_vanish_when_its_last_token_is_taken_by_a_sleeper),
        OF_A_SEMAPHORE(the_semaphore_may_vanish_when_its_last_token_is_taken_in_passing),
        OF_A_SEMAPHORE(init_asks_for_nothing_but_zeroes_and_may_follow_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
