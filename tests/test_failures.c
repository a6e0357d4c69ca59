/* SPDX-License-Identifier: 0BSD */
/* test_failures.c: each call to the system fails: what is returned, what is left, and what stops the program. */
#include "wg/scope.h"

#include "backends.h"
#include "death.h"
#include "fake_sem.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <time.h>

/* Each function that the library calls can be made to fail a number of times. */

static _Atomic unsigned failing; /* how many of the next calls fail */
static _Atomic unsigned calls;
static atomic_int allocated; /* blocks that the library has not freed yet */
static atomic_int failure;   /* the errno */
/* Atomic: the last done of one test may still be in a call when the next test sets what fails. */
static _Atomic(const char *) victim = "";

static bool fails(const char *name)
{
    if (strcmp(name, victim) != 0)
        return false;
    atomic_fetch_add(&calls, 1);
    if (atomic_load(&failing) == 0)
        return false;
    atomic_fetch_sub(&failing, 1);
    errno = failure;
    return true;
}

static void let_fail(const char *name, int error, unsigned times)
{
    victim = name;
    failure = error;
    atomic_store(&calls, 0);
    atomic_store(&failing, times);
}

static void heal(void)
{
    let_fail("", 0, 0);
}

void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
void __wrap_free(void *block);
void __real_free(void *block);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *arg);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *arg);
#if defined(__USE_TIME_BITS64) && __TIMESIZE == 32 /* glibc's name for it where time_t is wider than long */
#define __wrap_clock_gettime __wrap___clock_gettime64
#define __real_clock_gettime __real___clock_gettime64
#endif
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_sem_init(sem_t *sem, int shared, unsigned value);
int __real_sem_init(sem_t *sem, int shared, unsigned value);
int __wrap_sem_destroy(sem_t *sem);
int __real_sem_destroy(sem_t *sem);
int __wrap_sem_post(sem_t *sem);
int __real_sem_post(sem_t *sem);
int __wrap_sem_wait(sem_t *sem);
int __real_sem_wait(sem_t *sem);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
void *__wrap_dispatch_semaphore_create(intptr_t value);
__attribute__((weak)) void *__real_dispatch_semaphore_create(intptr_t value);

void __wrap_dispatch_retain(void *object);
__attribute__((weak)) void __real_dispatch_retain(void *object);
void __wrap_dispatch_release(void *object);
__attribute__((weak)) void __real_dispatch_release(void *object);
intptr_t __wrap_dispatch_semaphore_signal(void *object);
__attribute__((weak)) intptr_t __real_dispatch_semaphore_signal(void *object);

void *__wrap_malloc(size_t size)
{
    if (fails("malloc"))
        return NULL;
    atomic_fetch_add(&allocated, 1);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    if (fails("calloc"))
        return NULL;
    atomic_fetch_add(&allocated, 1);
    return __real_calloc(count, size);
}

void __wrap_free(void *block)
{
    if (block != NULL)
        atomic_fetch_sub(&allocated, 1);
    __real_free(block);
}

static size_t stack_bytes, guard_bytes; /* of the last thread that was made */
static int scheduling;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *arg)
{
    if (attributes != NULL) {
        REQUIRE(pthread_attr_getstacksize(attributes, &stack_bytes) == 0);
        REQUIRE(pthread_attr_getguardsize(attributes, &guard_bytes) == 0);
        REQUIRE(pthread_attr_getinheritsched(attributes, &scheduling) == 0);
    }
    if (fails("pthread_create"))
        return failure;
    return __real_pthread_create(thread, attributes, fn, arg);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    return fails("clock_gettime") ? -1 : __real_clock_gettime(clock, now);
}

int __wrap_sem_init(sem_t *sem, int shared, unsigned value)
{
    return fails("sem_init") ? -1 : __real_sem_init(sem, shared, value);
}

int __wrap_sem_destroy(sem_t *sem)
{
    return fails("sem_destroy") ? -1 : __real_sem_destroy(sem);
}

int __wrap_sem_post(sem_t *sem)
{
    return fails("sem_post") ? -1 : __real_sem_post(sem);
}

int __wrap_sem_wait(sem_t *sem)
{
    return fails("sem_wait") ? -1 : __real_sem_wait(sem);
}

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    return fails("syscall") ? -1 : __real_syscall(number, a, b, c, d, e, f);
}

void *__wrap_dispatch_semaphore_create(intptr_t value)
{
    return fails("dispatch_semaphore_create") ? NULL : __real_dispatch_semaphore_create(value);
}

static int references; /* beyond the first one, which the maker has */
static unsigned signals_without_reference;

void __wrap_dispatch_retain(void *object)
{
    references++;
    __real_dispatch_retain(object);
}

void __wrap_dispatch_release(void *object)
{
    references--;
    __real_dispatch_release(object);
}

intptr_t __wrap_dispatch_semaphore_signal(void *object)
{
    if (references <= 0)
        signals_without_reference++;
    errno = EILSEQ; /* as the real function may do */
    return __real_dispatch_semaphore_signal(object);
}

static int early_timeouts; /* how many of the next waits give up at once */

intptr_t __wrap_dispatch_semaphore_wait(void *object, uint64_t timeout);
__attribute__((weak)) intptr_t __real_dispatch_semaphore_wait(void *object, uint64_t timeout);

intptr_t __wrap_dispatch_semaphore_wait(void *object, uint64_t timeout)
{
    if (early_timeouts > 0) {
        early_timeouts--;
        return 49; /* a wait that times out returns any number but 0 */
    }
    return __real_dispatch_semaphore_wait(object, timeout);
}

static int healthy(void **unused)
{
    (void)unused;
    heal();
    fake_reset();
    atomic_store(&allocated, 0);
    return 0;
}

/* Memory. */

static void create_without_memory_returns_null_with_enomem(void **unused)
{
    (void)unused;
    const wg_config_t config = WG_CONFIG_INIT;
    let_fail("malloc", EILSEQ, 2);
    errno = 0;
    assert_null(wg_create());
    assert_int_equal(errno, ENOMEM);
    errno = 0;
    assert_null(wg_create_with(&config));
    assert_int_equal(errno, ENOMEM);
    assert_int_equal(atomic_load(&calls), 2);
    assert_int_equal(atomic_load(&allocated), 0);
    wg_t *const group = wg_create();
    assert_non_null(group);
    assert_int_equal(atomic_load(&allocated), 1);
    wg_destroy(group);
    assert_int_equal(atomic_load(&allocated), 0);
}

static void a_refused_create_leaks_nothing(void **unused)
{
    (void)unused;
    const wg_config_t no_size = { 0, NULL, 0 };
    const wg_config_t bad_init = { sizeof bad_init, &fake_sem_ops, 0 };
    fake_reset();
    fake.init_result = ENOSPC;
    assert_null(wg_create_with(&no_size));
    assert_null(wg_create_with(&bad_init));
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(atomic_load(&allocated), 0);
}

static void init_attach_and_waiting_allocate_nothing(void **unused)
{
    (void)unused;
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix() };
    let_fail("malloc", ENOMEM, 1000);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        wg_storage_t storage = WG_STORAGE_INIT;
        if (all[i] == NULL)
            continue;
        const wg_config_t config = { sizeof config, all[i], 0 };
        wg_t *const group = wg_init(&storage, &config);
        assert_non_null(group);
        assert_non_null(wg_attach(&storage));
        wg_add(group, 1);
        assert_int_equal(wg_wait_for(group, 1000), ETIMEDOUT);
        wg_done(group);
        wg_wait(group);
        wg_destroy(group);
    }
    assert_int_equal(atomic_load(&calls), 0);
}

static unsigned called;

static void count_call(void *arg)
{
    (void)arg;
    called++;
}

static void notices_and_waits_for_any_allocate_nothing(void **unused)
{
    (void)unused;
    static const char *const names[] = { "malloc", "calloc" };
    const wg_sem_ops_t *const all[] = { wg_sem_futex(), wg_sem_posix() };
    for (size_t i = 0; i < COUNT_OF(all) * COUNT_OF(names); i++) {
        const wg_config_t config = { sizeof config, all[i / 2], 0 };
        wg_notice_t notices[3] = { WG_NOTICE_INIT, WG_NOTICE_INIT, WG_NOTICE_INIT };
        wg_storage_t storage = WG_STORAGE_INIT;
        size_t which;
        if (all[i / 2] == NULL)
            continue;
        let_fail(names[i % 2], ENOMEM, 1000);
        called = 0;
        wg_t *const group = wg_init(&storage, &config);
        assert_non_null(group);
        wg_add(group, 1);
        for (size_t n = 0; n < 3; n++)
            assert_true(wg_notify(group, &notices[n], count_call, NULL));
        assert_true(wg_notify_cancel(group, &notices[1]));
        wg_choice_t choices[2] = { { .wg = group }, { .wg = group } };
        const struct timespec soon = monotonic_in_ns(1000000);
        assert_int_equal(wg_wait_any(choices, 2, &soon, &which), ETIMEDOUT);
        wg_done(group);
        assert_int_equal(called, 2);
        assert_int_equal(wg_wait_any(choices, 2, NULL, &which), 0);
        wg_destroy(group);
        assert_int_equal(atomic_load(&calls), 0);
    }
}

/* wg_wait_any() makes a semaphore to sleep in. */
static void a_wait_for_any_without_a_semaphore_says_so_and_leaves_no_trace(void **unused)
{
    (void)unused;
    static const char *const names[] = { "sem_init", "dispatch_semaphore_create" };
    static const int errors[] = { ENOSPC, ENOMEM };
    const wg_sem_ops_t *const all[] = { wg_sem_posix(), wg_sem_dispatch() };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        const wg_config_t config = { sizeof config, all[i], 0 };
        wg_storage_t storage;
        size_t which = 77;
        if (all[i] == NULL)
            continue;
        heal();
        wg_t *const group = wg_init(&storage, &config);
        assert_non_null(group);
        wg_choice_t choice = { .wg = group };
        wg_add(group, 1);
        let_fail(names[i], errors[i], 1000);
        errno = EILSEQ;
        const int error = wg_wait_any(&choice, 1, NULL, &which);
        assert_int_equal(error, errors[i]);
        assert_int_equal(which, 77);
        heal();
        wg_done(group);
        assert_int_equal(wg_wait_any(&choice, 1, NULL, &which), 0);
        assert_int_equal(which, 0);
        wg_destroy(group); /* no misuse: nothing is registered */
    }
}

/* wg_go. */

static atomic_uint runs;

static void count_run(void *arg)
{
    (void)arg;
    atomic_fetch_add(&runs, 1);
}

static void assert_go_fails(wg_t *wg, int error)
{
    errno = EILSEQ;
    assert_int_equal(wg_go(wg, count_run, NULL), error);
    assert_int_equal(errno, EILSEQ);
    assert_int_equal(wg_count(wg), 0);
    assert_true(wg_try_wait(wg));
    assert_int_equal(atomic_load(&runs), 0);
}

static void a_failed_go_leaves_no_count_and_no_memory_and_does_not_run(void **unused)
{
    (void)unused;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = wg_attach(&storage);
    atomic_store(&runs, 0);
    let_fail("malloc", EILSEQ, 1);
    assert_go_fails(wg, ENOMEM);
    let_fail("pthread_create", EAGAIN, 1);
    assert_go_fails(wg, EAGAIN);
    let_fail("pthread_create", EPERM, 1);
    assert_go_fails(wg, EPERM);
    assert_int_equal(atomic_load(&allocated), 0);

    errno = EILSEQ;
    assert_int_equal(wg_go(wg, count_run, NULL), 0);
    assert_int_equal(errno, EILSEQ);
    wg_wait(wg);
    assert_int_equal(atomic_load(&runs), 1);
    assert_int_equal(atomic_load(&allocated), 0);
    wg_destroy(wg);
}

static void the_thread_of_go_has_the_default_attributes(void **unused)
{
    (void)unused;
    pthread_attr_t plain;
    size_t stack, guard;
    int inherits;
    assert_int_equal(pthread_attr_init(&plain), 0);
    assert_int_equal(pthread_attr_getstacksize(&plain, &stack), 0);
    assert_int_equal(pthread_attr_getguardsize(&plain, &guard), 0);
    assert_int_equal(pthread_attr_getinheritsched(&plain, &inherits), 0);

    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = wg_attach(&storage);
    stack_bytes = guard_bytes = 1;
    assert_int_equal(wg_go(wg, count_run, NULL), 0);
    wg_wait(wg);
    assert_int_equal(stack_bytes, stack);
    assert_int_equal(guard_bytes, guard);
    assert_int_equal(scheduling, inherits);
    wg_destroy(wg);
    pthread_attr_destroy(&plain);
}

/* Scopes. */

static int task_run(void *arg)
{
    (void)arg;
    atomic_fetch_add(&runs, 1);
    return 0;
}

static void a_task_without_memory_is_refused_and_the_others_run(void **unused)
{
    (void)unused;
    wg_scope_storage_t storage;
    wg_scope_t *const scope =
        wg_scope_init(&storage, &(wg_scope_config_t){ sizeof(wg_scope_config_t), 1, 0, NULL, NULL });
    assert_non_null(scope);
    assert_int_equal(atomic_load(&allocated), 0);
    atomic_store(&runs, 0);
    assert_int_equal(wg_scope_go(scope, task_run, NULL), 0);
    let_fail("malloc", EILSEQ, 1);
    errno = EDOM;
    assert_int_equal(wg_scope_go(scope, task_run, NULL), ENOMEM);
    assert_int_equal(errno, EDOM);
    heal();
    assert_int_equal(wg_scope_wait(scope), 0);
    assert_int_equal(atomic_load(&runs), 1);
    assert_int_equal(atomic_load(&allocated), 0);
    wg_scope_destroy(scope);
}

/* The tasks need no memory, as the nodes are the caller's.  So what fails is the thread: its memory or its start. */
static void a_scope_that_gets_no_thread_runs_its_tasks_and_leaks_nothing(void **unused)
{
    (void)unused;
    const struct {
        const char *victim;
        int error;
        unsigned asked; /* for three tasks */
    } faults[] = { { "malloc", ENOMEM, 1 }, { "pthread_create", EAGAIN, 1 }, { "pthread_create", EPERM, 1 } };
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        wg_scope_storage_t storage;
        wg_scope_t *const scope =
            wg_scope_init(&storage, &(wg_scope_config_t){ sizeof(wg_scope_config_t), 3, 0, NULL, NULL });
        assert_non_null(scope);
        wg_task_t tasks[3];
        atomic_store(&runs, 0);
        let_fail(faults[i].victim, faults[i].error, 100);
        errno = EDOM;
        for (int t = 0; t < 3; t++) {
            tasks[t].fn = task_run;
            tasks[t].arg = NULL;
            wg_scope_go_task(scope, &tasks[t]);
        }
        assert_int_equal(atomic_load(&calls), faults[i].asked);
        assert_int_equal(wg_scope_wait(scope), 0);
        assert_int_equal(errno, EDOM);
        assert_int_equal(atomic_load(&calls), faults[i].asked);
        heal();
        assert_int_equal(atomic_load(&runs), 3);
        assert_int_equal(atomic_load(&allocated), 0);
        wg_scope_destroy(scope);
    }
}

static void go_that_fails_while_others_run(void *arg)
{
    (void)arg;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = wg_attach(&storage);
    wg_add(wg, 5);
    let_fail("pthread_create", EAGAIN, 1);
    REQUIRE(wg_go(wg, count_run, NULL) == EAGAIN);
    REQUIRE(wg_count(wg) == 5);
    wg_add(wg, -5);
    wg_wait(wg);
}

static void a_failed_go_takes_back_its_own_count_only(void **unused)
{
    (void)unused;
    assert_survives(go_that_fails_while_others_run, NULL);
}

/* The system's semaphores. */

static void a_semaphore_that_cannot_be_made_is_a_group_that_cannot_be_made(void **unused)
{
    (void)unused;
    if (wg_sem_posix() != NULL) {
        const wg_config_t config = { sizeof config, wg_sem_posix(), 0 };
        let_fail("sem_init", ENOSPC, 1);
        assert_null(wg_create_with(&config));
        assert_int_equal(errno, ENOSPC);
        assert_int_equal(atomic_load(&calls), 1);
    }
    if (wg_sem_dispatch() != NULL) {
        const wg_config_t config = { sizeof config, wg_sem_dispatch(), 0 };
        let_fail("dispatch_semaphore_create", EILSEQ, 1);
        assert_null(wg_create_with(&config));
        assert_int_equal(errno, ENOMEM);
        assert_int_equal(atomic_load(&calls), 1);
    }
    assert_int_equal(atomic_load(&allocated), 0);
}

static void post_later(void *sem)
{
    wg_sem_posix()->release(sem, 5);
}

static void a_full_semaphore_is_posted_again_until_all_tokens_are_in(void **unused)
{
    (void)unused;
    _Alignas(8) unsigned char sem[WG_SEM_SIZE] = { 0 };
    const struct timespec past = { 0, 0 };
    const wg_sem_ops_t *const ops = wg_sem_posix();
    if (ops == NULL)
        skip();
    assert_int_equal(ops->init(sem, false), 0);
    let_fail("sem_post", EOVERFLOW, 7);
    errno = 0;
    post_later(sem);
    assert_int_equal(errno, 0);
    assert_int_equal(atomic_load(&calls), 12);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ops->acquire(sem, NULL), 0);
    assert_int_equal(ops->acquire(sem, &past), ETIMEDOUT);
    ops->destroy(sem);
}

/* A waiter may end the semaphore as soon as it has its token, while the signal still reads the object. */
static void libdispatch_is_signalled_with_a_reference_in_hand(void **unused)
{
    (void)unused;
    _Alignas(8) unsigned char sem[WG_SEM_SIZE] = { 0 };
    const wg_sem_ops_t *const ops = wg_sem_dispatch();
    if (ops == NULL)
        skip();
    references = 0;
    signals_without_reference = 0;
    assert_int_equal(ops->init(sem, false), 0);
    errno = 0;
    ops->release(sem, 3);
    assert_int_equal(errno, 0);
    assert_int_equal(signals_without_reference, 0);
    assert_int_equal(references, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ops->acquire(sem, NULL), 0);
    ops->destroy(sem);
    assert_int_equal(references, -1);
}

/* The clock of libdispatch may be ahead of ours or behind it: ours decides. */
static void libdispatch_that_gives_up_early_is_asked_again(void **unused)
{
    (void)unused;
    _Alignas(8) unsigned char sem[WG_SEM_SIZE] = { 0 };
    const wg_sem_ops_t *const ops = wg_sem_dispatch();
    if (ops == NULL)
        skip();
    const struct timespec far = monotonic_in_ns(3600ll * 1000000000), soon = monotonic_in_ns(2000000);
    assert_int_equal(ops->init(sem, false), 0);
    ops->release(sem, 1);
    early_timeouts = 3;
    assert_int_equal(ops->acquire(sem, &far), 0);
    assert_int_equal(early_timeouts, 0);
    early_timeouts = 2;
    assert_int_equal(ops->acquire(sem, &soon), ETIMEDOUT);
    assert_true(ns_since(soon) >= 0);
    early_timeouts = 0;
    ops->destroy(sem);
}

/* If the system does what it never should, the program stops with a message. */

static void wait_a_little(void *arg)
{
    wg_storage_t storage;
    wg_t *const wg = init_over(&storage, arg);
    wg_add(wg, 1);
    (void)!wg_wait_for(wg, 1000);
}

static void wait_without_a_clock(void *arg)
{
    let_fail("clock_gettime", EINVAL, 1);
    wait_a_little(arg);
}

static void a_clock_that_cannot_be_read_stops_the_program(void **unused)
{
    (void)unused;
    char text[100];
    snprintf(text, sizeof text, "libwg: reading CLOCK_MONOTONIC failed: errno %d; see libwg(7)\n", EINVAL);
    assert_aborts(wait_without_a_clock, (void *)&fake_sem_ops, text);
}

static void wait_without_a_futex(void *arg)
{
    (void)arg;
    let_fail("syscall", ENOSYS, 1000);
    wait_a_little((void *)wg_sem_futex());
}

static void wait_on_a_bad_futex(void *arg)
{
    (void)arg;
    let_fail("syscall", EFAULT, 1000);
    wait_a_little((void *)wg_sem_futex());
}

static void a_kernel_that_refuses_to_wait_stops_the_program(void **unused)
{
    (void)unused;
    char text[100];
    if (wg_sem_futex() == NULL)
        skip();
    snprintf(text, sizeof text, "libwg: futex wait failed: errno %d; see libwg(7)\n", ENOSYS);
    assert_aborts(wait_without_a_futex, NULL, text);
    snprintf(text, sizeof text, "libwg: futex wait failed: errno %d; see libwg(7)\n", EFAULT);
    assert_aborts(wait_on_a_bad_futex, NULL, text);
}

static void release_with_a_failing_wake(void *arg)
{
    (void)arg;
    _Alignas(8) unsigned char sem[WG_SEM_SIZE] = { 0 };
    REQUIRE(wg_sem_futex()->init(sem, false) == 0);
    let_fail("syscall", EFAULT, 1); /* as if the memory were gone */
    errno = 0;
    wg_sem_futex()->release(sem, 1);
    REQUIRE(errno == 0);
    REQUIRE(atomic_load(&calls) == 1);
    REQUIRE(wg_sem_futex()->acquire(sem, NULL) == 0);
}

static void an_error_of_the_wake_is_ignored(void **unused)
{
    (void)unused;
    if (wg_sem_futex() == NULL)
        skip();
    assert_survives(release_with_a_failing_wake, NULL);
}

static void post_in_vain(void *arg)
{
    (void)arg;
    _Alignas(8) unsigned char sem[WG_SEM_SIZE] = { 0 };
    REQUIRE(wg_sem_posix()->init(sem, false) == 0);
    let_fail("sem_post", EINVAL, 1);
    wg_sem_posix()->release(sem, 1);
}

static void destroy_in_vain(void *arg)
{
    (void)arg;
    _Alignas(8) unsigned char sem[WG_SEM_SIZE] = { 0 };
    REQUIRE(wg_sem_posix()->init(sem, false) == 0);
    let_fail("sem_destroy", EBUSY, 1);
    wg_sem_posix()->destroy(sem);
}

static void wait_in_vain(void *arg)
{
    (void)arg;
    wg_storage_t storage;
    wg_t *const wg = init_over(&storage, wg_sem_posix());
    wg_add(wg, 1);
    let_fail("sem_wait", EINVAL, 1);
    wg_wait(wg);
}

static void a_posix_semaphore_that_does_the_impossible_stops_the_program(void **unused)
{
    (void)unused;
    char text[100];
    if (wg_sem_posix() == NULL)
        skip();
    snprintf(text, sizeof text, "libwg: sem_post failed: errno %d; see libwg(7)\n", EINVAL);
    assert_aborts(post_in_vain, NULL, text);
    snprintf(text, sizeof text, "libwg: sem_destroy failed: errno %d; see libwg(7)\n", EBUSY);
    assert_aborts(destroy_in_vain, NULL, text);
    snprintf(text, sizeof text, "libwg: acquiring a semaphore failed: errno %d; see libwg(7)\n", EINVAL);
    assert_aborts(wait_in_vain, NULL, text);
}

/* Whatever the default is, a zero-filled group sleeps in a semaphore that needs no set-up.  For others: test_zero.c. */
static void a_zero_filled_group_sleeps_without_any_set_up(void **unused)
{
    (void)unused;
    static const char *const set_ups[] = { "malloc", "calloc", "sem_init", "dispatch_semaphore_create" };
    for (size_t i = 0; i < COUNT_OF(set_ups); i++) {
        wg_storage_t storage = WG_STORAGE_INIT;
        wg_t *const wg = wg_attach(&storage);
        let_fail(set_ups[i], ENOMEM, 1000);
        wg_add(wg, 1);
        assert_int_equal(wg_wait_for(wg, 1000), ETIMEDOUT);
        wg_done(wg);
        wg_destroy(wg);
        assert_int_equal(atomic_load(&calls), 0);
    }
}

#define HEALTHY(test) cmocka_unit_test_setup_teardown(test, healthy, healthy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HEALTHY(create_without_memory_returns_null_with_enomem),
        HEALTHY(a_refused_create_leaks_nothing),
        HEALTHY(init_attach_and_waiting_allocate_nothing),
        HEALTHY(notices_and_waits_for_any_allocate_nothing),
        HEALTHY(a_wait_for_any_without_a_semaphore_says_so_and_leaves_no_trace),
        HEALTHY(the_thread_of_go_has_the_default_attributes),
        HEALTHY(a_failed_go_leaves_no_count_and_no_memory_and_does_not_run),
        HEALTHY(a_task_without_memory_is_refused_and_the_others_run),
        HEALTHY(a_scope_that_gets_no_thread_runs_its_tasks_and_leaks_nothing),
        HEALTHY(a_failed_go_takes_back_its_own_count_only),
        HEALTHY(a_semaphore_that_cannot_be_made_is_a_group_that_cannot_be_made),
        HEALTHY(a_full_semaphore_is_posted_again_until_all_tokens_are_in),
        HEALTHY(libdispatch_is_signalled_with_a_reference_in_hand),
        HEALTHY(libdispatch_that_gives_up_early_is_asked_again),
        HEALTHY(a_clock_that_cannot_be_read_stops_the_program),
        HEALTHY(a_kernel_that_refuses_to_wait_stops_the_program),
        HEALTHY(an_error_of_the_wake_is_ignored),
        HEALTHY(a_posix_semaphore_that_does_the_impossible_stops_the_program),
        HEALTHY(a_zero_filled_group_sleeps_without_any_set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
