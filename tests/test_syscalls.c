/* SPDX-License-Identifier: 0BSD */
/* test_syscalls.c: only the system calls that the manual names are made: the kernel kills a process for any other. */
#include "wg/wg.h"

#include "death.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static wg_storage_t storage;
static wg_t *wg;

/* From here on the process may only exit. */
static void forbid_system_calls(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { COUNT_OF(filter), filter };
    REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void one_system_call(void *arg)
{
    (void)arg;
    forbid_system_calls();
    (void)getppid();
}

static void the_kernel_kills_whoever_makes_a_call(void **unused)
{
    (void)unused;
    assert_dies_by(one_system_call, NULL, SIGSYS);
}

static void count_and_look(void *arg)
{
    wg = arg != NULL ? wg_init(&storage, arg) : wg_attach(&storage);
    REQUIRE(wg != NULL);
    forbid_system_calls();
    for (int i = 0; i < 3; i++) {
        wg_add(wg, 5);
        wg_done(wg);
        REQUIRE(wg_try_add(wg, 3));
        wg_add(wg, -6);
        REQUIRE(wg_count(wg) == 1 && wg_waiters(wg) == 0);
        REQUIRE(!wg_try_wait(wg));
        REQUIRE(wg_wait_for(wg, 0) == ETIMEDOUT);
        wg_close(wg);
        REQUIRE(wg_is_closed(wg) && !wg_try_add(wg, 1));
        wg_done(wg);
        wg_reopen(wg);
        wg_add(wg, 1);
        wg_done(wg);
        REQUIRE(wg_try_wait(wg));
        wg_wait(wg);
        REQUIRE(wg_wait_for(wg, INT64_MAX) == 0);
        REQUIRE(wg_wait_until(wg, NULL) == 0);
        REQUIRE(wg_attach(&storage) == wg);
    }
}

static void while_nobody_sleeps_no_call_is_made(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { NULL, wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    assert_survives(count_and_look, NULL);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_config_t config = { sizeof config, all[i], 0 };
        assert_survives(count_and_look, &config);
    }
}

static unsigned called;

static void count_call(void *arg)
{
    (void)arg;
    called++;
}

/* No other thread holds the list.  A notice is registered, withdrawn, called, or too late for both. */
static void register_and_withdraw(void *arg)
{
    static wg_notice_t notices[3];
    const struct timespec past = { 0, 0 };
    size_t which;
    wg = arg != NULL ? wg_init(&storage, arg) : wg_attach(&storage);
    REQUIRE(wg != NULL);
    wg_choice_t choice = { .wg = wg };
    forbid_system_calls();
    for (unsigned round = 1; round <= 3; round++) {
        wg_add(wg, 2);
        for (size_t i = 0; i < COUNT_OF(notices); i++)
            REQUIRE(wg_notify(wg, &notices[i], count_call, NULL));
        REQUIRE(wg_notify_cancel(wg, &notices[1]));
        REQUIRE(!wg_notify_cancel(wg, &notices[1]));
        REQUIRE(wg_wait_any(&choice, 1, &past, &which) == ETIMEDOUT);
        wg_done(wg);
        wg_done(wg);
        REQUIRE(called == 2 * round);
        REQUIRE(!wg_notify(wg, &notices[0], count_call, NULL));
        REQUIRE(!wg_notify_cancel(wg, &notices[0]));
        REQUIRE(wg_wait_any(&choice, 1, NULL, &which) == 0);
    }
}

static void a_notice_makes_no_call(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { NULL, wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    assert_survives(register_and_withdraw, NULL);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_config_t config = { sizeof config, all[i], 0 };
        assert_survives(register_and_withdraw, &config);
    }
}

/* The check works: a wait that must sleep makes a system call. */
static void wait_for_a_task(void *arg)
{
    wg = wg_init(&storage, arg);
    REQUIRE(wg != NULL);
    wg_add(wg, 1);
    forbid_system_calls();
    wg_wait(wg);
}

static void a_wait_that_sleeps_does_make_a_call(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_config_t config = { sizeof config, all[i], 0 };
        if (all[i] != NULL)
            assert_dies_by(wait_for_a_task, &config, SIGSYS);
    }
}

#ifndef SYS_futex /* 32-bit RISC-V */
#define SYS_futex SYS_futex_time64
#endif
#ifndef SYS_futex_time64 /* a 64-bit system */
#define SYS_futex_time64 SYS_futex
#endif

/* The same for this thread, but it may also sleep and wake. */
static void forbid_all_but_sleep(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex_time64, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = { COUNT_OF(filter), filter };
    REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void count_off_whoever_waits(void *arg)
{
    (void)arg;
    for (int waits = 0; waits < 2; waits++) {
        UNTIL(wg_waiters(wg) == 1);
        wg_done(wg);
        UNTIL(wg_count(wg) == 1 || waits == 1);
    }
}

/* The first wait of the process polls first, then sleeps; it must not ask the system anything about processors. */
static void wait_asleep(void *arg)
{
    thread_t worker;
    wg = arg != NULL ? wg_init(&storage, arg) : wg_attach(&storage);
    REQUIRE(wg != NULL);
    wg_add(wg, 1);
    thread_start(&worker, count_off_whoever_waits, NULL);
    forbid_all_but_sleep();
    REQUIRE(wg_wait_for(wg, 1000000) == ETIMEDOUT || wg_count(wg) == 0);
    wg_wait(wg);
    wg_add(wg, 1);
    REQUIRE(wg_wait_for(wg, INT64_MAX) == 0);
    _exit(0);
}

static void a_wait_makes_no_call_but_its_sleep(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    assert_survives(wait_asleep, NULL);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_config_t config = { sizeof config, all[i], 0 };
        if (all[i] != NULL)
            assert_survives(wait_asleep, &config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_kills_whoever_makes_a_call),
        cmocka_unit_test(while_nobody_sleeps_no_call_is_made),
        cmocka_unit_test(a_notice_makes_no_call),
        cmocka_unit_test(a_wait_that_sleeps_does_make_a_call),
        cmocka_unit_test(a_wait_makes_no_call_but_its_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
