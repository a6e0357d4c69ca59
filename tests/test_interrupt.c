/* SPDX-License-Identifier: 0BSD */
/*
 * test_interrupt.c: an event at each instruction of the calls for notices, by the trap
 * flag of x86-64.
 *
 * A call is single-stepped.  After its first, second, third instruction and so on, a
 * handler interrupts it.  The handler counts tasks off on the same thread, as a signal
 * handler may, or it stops, and other threads go on with the group.
 */
#include "backends.h"
#include "group.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define PAGE 4096
#define TRAP_FLAG 0x100

/* A semaphore without system calls and locks: it may be interrupted anywhere.  A sleep with a deadline is short. */

static int spin_init(void *sem, bool process_shared)
{
    REQUIRE(!process_shared);
    atomic_init((atomic_uint *)sem, 0);
    return 0;
}

static void spin_destroy(void *sem)
{
    REQUIRE(atomic_load((atomic_uint *)sem) == 0);
}

static int spin_acquire(void *sem, const struct timespec *deadline)
{
    for (;;) {
        unsigned tokens = atomic_load((atomic_uint *)sem);
        if (tokens != 0 && atomic_compare_exchange_strong((atomic_uint *)sem, &tokens, tokens - 1))
            return 0;
        if (tokens == 0 && deadline != NULL)
            return ETIMEDOUT;
        sched_yield();
    }
}

static void spin_release(void *sem, uint32_t n)
{
    atomic_fetch_add((atomic_uint *)sem, n);
}

static const wg_sem_ops_t spinning = { "spinning", spin_init, spin_destroy, spin_acquire, spin_release };
static wg_t *wg;

/* Steps. */

static volatile sig_atomic_t stepping, fired;
static volatile long steps_left;
static void (*interruption)(void);
static long interrupted;

static void step(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info;
    if (stepping && steps_left-- > 0)
        return;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    if (stepping) {
        stepping = 0;
        fired = 1;
        interrupted++;
        interruption();
    }
}

static void prepare_to_step(void)
{
    const struct sigaction action = { .sa_sigaction = step, .sa_flags = SA_SIGINFO };
    REQUIRE(sigaction(SIGTRAP, &action, NULL) == 0);
}

static void step_from_here(long steps, void (*then)(void))
{
    steps_left = steps;
    interruption = then;
    fired = 0;
    stepping = 1;
    /* Skips the red zone, which the compiler may use. */
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\torq %0, (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp"
                     :
                     : "i"(TRAP_FLAG)
                     : "memory", "cc");
}

/* False: the call returned before that instruction. */
static bool was_interrupted(void)
{
    stepping = 0; /* so the next trap is the last one */
    return fired;
}

/* The group and its notices are in a page that can be unmapped. */

typedef struct scene {
    wg_storage_t storage;
    wg_notice_t first, second;
} scene_t;

static scene_t *scene;
static unsigned calls[3];
static unsigned order[3], order_count;

static void note(void *arg)
{
    const size_t number = (size_t)arg;
    REQUIRE(calls[number]++ == 0);
    order[order_count++] = (unsigned)number;
    errno = ENOTEMPTY; /* as any fn may do */
}

static void begin(int tasks)
{
    memset(calls, 0, sizeof calls);
    order_count = 0;
    wg = init_over(&scene->storage, &spinning);
    memset(&scene->first, 0, sizeof scene->first);
    memset(&scene->second, 0, sizeof scene->second);
    wg_add(wg, tasks);
    errno = EILSEQ;
}

static void finish(void)
{
    REQUIRE(errno == EILSEQ);
    REQUIRE(wgi_state_relaxed(&wg->state) == 0 && atomic_load(&wg->notices) == 0);
    wg_destroy(wg);
}

static int make_page(void **unused)
{
    (void)unused;
    prepare_to_step();
    interrupted = 0;
    scene = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return scene == MAP_FAILED;
}

static int end_page(void **unused)
{
    (void)unused;
    return munmap(scene, PAGE);
}

/* Asserts that both outcomes of each race were met. */
static void assert_both(long yes, long no)
{
    print_message("interrupted %ld times; true %ld times, false %ld times\n", interrupted, yes, no);
    assert_true(interrupted > 5);
    assert_true(yes > 0);
    assert_true(no > 0);
}

/* On the same thread, as in a signal handler. */

static void last_done(void)
{
    wg_done(wg);
}

static int cancel_state_in_fn;

static void note_cancel_state(void *arg)
{
    REQUIRE(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state_in_fn) == 0);
    note(arg);
}

static void the_last_done_interrupts_a_registration_beside_another(void **unused)
{
    long yes = 0, no = 0;
    (void)unused;
    for (long at = 0;; at++) {
        int after;
        begin(1);
        cancel_state_in_fn = -1;
        assert_true(wg_notify(wg, &scene->first, note_cancel_state, (void *)1));
        step_from_here(at, last_done);
        const bool registered = wg_notify(wg, &scene->second, note, (void *)2);
        const bool was = was_interrupted();
        if (!was)
            wg_done(wg);
        assert_int_equal(calls[1], 1); /* by the done, or by the call that the done interrupts */
        assert_int_equal(calls[2], registered ? 1 : 0);
        assert_int_equal(order[0], 1);
        /* Cancellation is off during fn, whichever call runs fn, and is restored afterwards. */
        assert_int_equal(cancel_state_in_fn, PTHREAD_CANCEL_DISABLE);
        assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &after), 0);
        assert_int_equal(after, PTHREAD_CANCEL_ENABLE);
        finish();
        if (!was)
            break;
        registered ? yes++ : no++;
    }
    assert_both(yes, no);
}

static void the_last_done_interrupts_a_withdrawal(void **unused)
{
    long yes = 0, no = 0;
    (void)unused;
    for (long at = 0;; at++) {
        begin(1);
        assert_true(wg_notify(wg, &scene->first, note, (void *)1));
        step_from_here(at, last_done);
        const bool withdrawn = wg_notify_cancel(wg, &scene->first);
        const bool was = was_interrupted();
        if (!was)
            wg_done(wg);
        assert_int_equal(calls[1], withdrawn ? 0 : 1);
        finish();
        if (!was)
            break;
        withdrawn ? yes++ : no++;
    }
    assert_both(yes, no);
}

static void the_last_done_interrupts_a_withdrawal_beside_another(void **unused)
{
    for (int newest = 0; newest < 2; newest++) {
        long yes = 0, no = 0;
        (void)unused;
        for (long at = 0;; at++) {
            begin(1);
            assert_true(wg_notify(wg, &scene->first, note, (void *)1));
            assert_true(wg_notify(wg, &scene->second, note, (void *)2));
            step_from_here(at, last_done);
            const bool withdrawn = wg_notify_cancel(wg, newest ? &scene->second : &scene->first);
            const bool was = was_interrupted();
            if (!was)
                wg_done(wg);
            assert_int_equal(calls[1 + newest], withdrawn ? 0 : 1);
            assert_int_equal(calls[2 - newest], 1);
            finish();
            if (!was)
                break;
            withdrawn ? yes++ : no++;
        }
        assert_both(yes, no);
    }
}

static void count_in_and_off(void)
{
    wg_add(wg, 1);
    wg_add(wg, 2);
    wg_done(wg);
    REQUIRE(wg_try_add(wg, 1));
    wg_add(wg, -3);
    REQUIRE(wg_count(wg) == 1 && !wg_try_wait(wg));
    wg_close(wg);
    wg_reopen(wg);
}

static void tasks_come_and_go_within_a_registration_and_a_withdrawal(void **unused)
{
    (void)unused;
    for (long at = 0;; at += 3) {
        begin(1);
        step_from_here(at, count_in_and_off);
        assert_true(wg_notify(wg, &scene->first, note, (void *)1));
        assert_true(wg_notify(wg, &scene->second, note, (void *)2));
        assert_true(wg_notify_cancel(wg, &scene->first));
        const bool was = was_interrupted();
        assert_int_equal(order_count, 0);
        wg_done(wg);
        assert_int_equal(calls[1], 0);
        assert_int_equal(calls[2], 1);
        finish();
        if (!was)
            break;
    }
    assert_true(interrupted > 10);
}

/* fn ends the group and unmaps its memory while wg_notify() has not returned. */
static bool taken;

static void take_the_page(void *arg)
{
    (void)arg;
    wg_destroy(wg);
    taken = true;
    REQUIRE(mprotect(scene, PAGE, PROT_NONE) == 0);
}

static void the_last_done_interrupts_a_registration_and_fn_takes_the_memory(void **unused)
{
    long yes = 0, no = 0;
    (void)unused;
    for (long at = 0;; at++) {
        begin(1);
        taken = false;
        step_from_here(at, last_done);
        const bool registered = wg_notify(wg, &scene->first, take_the_page, NULL);
        const bool was = was_interrupted();
        if (!was)
            wg_done(wg);
        assert_int_equal(taken, registered);
        assert_int_equal(errno, EILSEQ);
        if (taken)
            assert_int_equal(mprotect(scene, PAGE, PROT_READ | PROT_WRITE), 0);
        else
            finish();
        if (!was)
            break;
        registered ? yes++ : no++;
    }
    assert_both(yes, no);
}

/*
 * Independence.  This thread stops at an instruction until others have waited, added
 * and counted off.  If they needed this thread, they would hang.
 */

static atomic_int turn; /* 0: nobody's; 1: of the other threads; 2: they have had it */
static atomic_bool stop;
static atomic_int waiter_round, waiter_done;

static void wait_in_each_round(void *arg)
{
    (void)arg;
    for (int round = 1;; round++) {
        UNTIL(atomic_load(&waiter_round) == round || atomic_load(&stop));
        if (atomic_load(&stop))
            return;
        wg_wait(wg);
        atomic_store(&waiter_done, round);
    }
}

static void go_on_in_each_round(void *arg)
{
    const struct timespec past = { 0, 0 };
    (void)arg;
    for (;;) {
        UNTIL(atomic_load(&turn) == 1 || atomic_load(&stop));
        if (atomic_load(&stop))
            return;
        wg_add(wg, 2);
        wg_add(wg, -1);
        REQUIRE(wg_try_add(wg, 1));
        wg_add(wg, -2);
        wg_close(wg);
        wg_reopen(wg);
        REQUIRE(wg_wait_until(wg, &past) == ETIMEDOUT);
        REQUIRE(wg_wait_for(wg, 1) == ETIMEDOUT);
        wg_done(wg);
        wg_wait(wg);
        UNTIL(atomic_load(&waiter_done) == atomic_load(&waiter_round));
        atomic_store(&turn, 2);
    }
}

static void stop_here(void)
{
    atomic_store(&turn, 1);
    UNTIL(atomic_load(&turn) == 2);
    atomic_store(&turn, 0);
}

static thread_t waiter, worker;

static int make_others(void **unused)
{
    atomic_store(&turn, 0);
    atomic_store(&stop, false);
    atomic_store(&waiter_round, 0);
    atomic_store(&waiter_done, 0);
    thread_start(&waiter, wait_in_each_round, NULL);
    thread_start(&worker, go_on_in_each_round, NULL);
    return make_page(unused);
}

static int end_others(void **unused)
{
    atomic_store(&stop, true);
    thread_join(&waiter);
    thread_join(&worker);
    return end_page(unused);
}

static void begin_with_a_waiter(void)
{
    begin(1);
    atomic_fetch_add(&waiter_round, 1);
    UNTIL(wg_waiters(wg) == 1);
    errno = EILSEQ;
}

static void until_all_are_through(bool was)
{
    if (!was)
        stop_here(); /* the last round: the call is over, and the others go on by themselves */
}

static void a_thread_that_stops_in_wg_notify_holds_up_nobody(void **unused)
{
    long yes = 0, no = 0;
    (void)unused;
    for (long at = 0;; at += 3) {
        begin_with_a_waiter();
        assert_true(wg_notify(wg, &scene->first, note, (void *)1));
        step_from_here(at, stop_here);
        const bool registered = wg_notify(wg, &scene->second, note, (void *)2);
        const bool was = was_interrupted();
        until_all_are_through(was);
        assert_int_equal(calls[1], 1);
        assert_int_equal(calls[2], registered ? 1 : 0);
        finish();
        if (!was)
            break;
        registered ? yes++ : no++;
    }
    assert_both(yes, no);
}

static void a_thread_that_stops_in_wg_notify_cancel_holds_up_nobody(void **unused)
{
    long yes = 0, no = 0;
    (void)unused;
    for (long at = 0;; at += 3) {
        begin_with_a_waiter();
        assert_true(wg_notify(wg, &scene->first, note, (void *)1));
        step_from_here(at, stop_here);
        const bool withdrawn = wg_notify_cancel(wg, &scene->first);
        const bool was = was_interrupted();
        until_all_are_through(was);
        assert_int_equal(calls[1], withdrawn ? 0 : 1);
        finish();
        if (!was)
            break;
        withdrawn ? yes++ : no++;
    }
    assert_both(yes, no);
}

/* The call has thousands of instructions.  Most belong to the two other calls, for one group after another. */
#define EVERY 53

static void a_thread_that_stops_in_wg_wait_any_holds_up_nobody(void **unused)
{
    const struct timespec far = { (time_t)INT32_MAX, 0 };
    static wg_storage_t storage;
    long yes = 0, no = 0;
    (void)unused;
    for (long at = 0;; at += EVERY) {
        size_t which = 9;
        wg_t *const never = init_over(&storage, &spinning);
        begin_with_a_waiter();
        wg_choice_t choice[2] = { { .wg = never }, { .wg = wg } };
        wg_add(never, 1);
        step_from_here(at, stop_here);
        const int result = wg_wait_any(choice, 2, &far, &which);
        const bool was = was_interrupted();
        REQUIRE(result == 0 || result == ETIMEDOUT);
        assert_int_equal(which, result == 0 ? 1 : 9);
        until_all_are_through(was);
        wg_done(never);
        wg_destroy(never);
        finish();
        if (!was)
            break;
        result == 0 ? yes++ : no++;
    }
    assert_both(yes, no);
}

#define OF_A_PAGE(test) cmocka_unit_test_setup_teardown(test, make_page, end_page)
#define AMONG_OTHERS(test) cmocka_unit_test_setup_teardown(test, make_others, end_others)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_A_PAGE(the_last_done_interrupts_a_registration_beside_another),
        OF_A_PAGE(the_last_done_interrupts_a_withdrawal),
        OF_A_PAGE(the_last_done_interrupts_a_withdrawal_beside_another),
        OF_A_PAGE(tasks_come_and_go_within_a_registration_and_a_withdrawal),
        OF_A_PAGE(the_last_done_interrupts_a_registration_and_fn_takes_the_memory),
        AMONG_OTHERS(a_thread_that_stops_in_wg_notify_holds_up_nobody),
        AMONG_OTHERS(a_thread_that_stops_in_wg_notify_cancel_holds_up_nobody),
        AMONG_OTHERS(a_thread_that_stops_in_wg_wait_any_holds_up_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
