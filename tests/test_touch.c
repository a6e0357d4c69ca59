/* SPDX-License-Identifier: 0BSD */
/*
 * test_touch.c: the last touch of a group, found without luck by the trap flag of x86-64.
 *
 * The page of the group is read-only.  Each write faults, and a single step lets it
 * through.  After the last write that is allowed, the page is gone.  So a read after it
 * fails, too.
 */
#include "backends.h"
#include "death.h"
#include "suite.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096
#define TRAP_FLAG 0x100

static unsigned char *page;
static volatile int writes_left;

static void let_one_write_through(int number, siginfo_t *info, void *context)
{
    const unsigned char *const at = info->si_addr;
    (void)number;
    if (writes_left == 0 || at < page || at >= page + PAGE) {
        static const char text[] = "touched after its last write\n";
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        _exit(1);
    }
    mprotect(page, PAGE, PROT_READ | PROT_WRITE);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void after_the_write(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
    mprotect(page, PAGE, --writes_left > 0 ? PROT_READ : PROT_NONE);
}

static void *make_page(void)
{
    struct sigaction action = { .sa_sigaction = let_one_write_through, .sa_flags = SA_SIGINFO };
    REQUIRE(sigaction(SIGSEGV, &action, NULL) == 0);
    action.sa_sigaction = after_the_write;
    REQUIRE(sigaction(SIGTRAP, &action, NULL) == 0);
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(page != MAP_FAILED);
    return page;
}

static void allow_writes(int writes)
{
    writes_left = writes;
    REQUIRE(mprotect(page, PAGE, PROT_READ) == 0);
}

/* All the allowed writes must have come. */
static void bring_it_back(void)
{
    REQUIRE(writes_left == 0);
    REQUIRE(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
}

/* Each of these runs in a child process, so its signal handlers disturb no other test. */

static void count_down_without_waiters(void *arg)
{
    wg_t *const wg = init_over(make_page(), arg);
    void (*const last[])(wg_t *) = { wg_done, wg_close, wg_reopen };
    wg_add(wg, 1);
    for (size_t i = 0; i < COUNT_OF(last); i++) {
        allow_writes(1);
        last[i](wg);
        bring_it_back();
    }
    wg_add(wg, 3);
    allow_writes(1);
    wg_add(wg, -3);
    bring_it_back();
    wg_add(wg, 3);
    allow_writes(1);
    wg_done(wg); /* not the last done: another thread may overtake this one and free the group */
    bring_it_back();
}

static const wg_sem_ops_t *ops;

/* The built-in semaphore, but before its acquire comes the last done. */
static wg_t *waited_for;

static int acquire_after_the_last_done(void *sem, const struct timespec *deadline)
{
    allow_writes(3); /* to the counter, to take the waiters out, and to give the token */
    wg_done(waited_for);
    bring_it_back();
    return ops->acquire(sem, deadline);
}

static void count_down_with_a_waiter(void *arg)
{
    static wg_sem_ops_t table;
    ops = arg;
    table = *ops;
    table.acquire = acquire_after_the_last_done;
    waited_for = init_over(make_page(), &table);
    for (int round = 0; round < 3; round++) {
        wg_add(waited_for, 1);
        wg_wait(waited_for);
    }
}

static void release_tokens(void *arg)
{
    ops = arg;
    void *const sem = make_page();
    REQUIRE(ops->init(sem, false) == 0);
    static const uint32_t counts[] = { 1, 2, 64 };
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        const uint32_t n = counts[i];
        /* sem_post() adds one token a call. */
        allow_writes(ops == wg_sem_posix() ? (int)n : 1);
        ops->release(sem, n);
        bring_it_back();
        for (uint32_t token = 0; token < n; token++)
            REQUIRE(ops->acquire(sem, NULL) == 0);
    }
}

static void once_too_often(void *arg)
{
    unsigned char *const byte = make_page();
    (void)arg;
    allow_writes(1);
    *(volatile unsigned char *)byte = 1;
    (void)*(volatile unsigned char *)byte;
}

static void a_read_after_the_last_write_is_seen(void **unused)
{
    (void)unused;
    const death_t death = death_of(once_too_often, NULL);
    assert_string_equal(death.text, "touched after its last write\n");
}

static void a_done_without_waiters_touches_the_group_once(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i] != NULL)
            assert_survives(count_down_without_waiters, (void *)all[i]);
}

static void the_token_is_the_last_touch_of_the_last_done(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix() };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i] != NULL)
            assert_survives(count_down_with_a_waiter, (void *)all[i]);
}

static void the_last_token_is_the_last_touch_of_a_release(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix() };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i] != NULL)
            assert_survives(release_tokens, (void *)all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_after_the_last_write_is_seen),
        cmocka_unit_test(a_done_without_waiters_touches_the_group_once),
        cmocka_unit_test(the_token_is_the_last_touch_of_the_last_done),
        cmocka_unit_test(the_last_token_is_the_last_touch_of_a_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
