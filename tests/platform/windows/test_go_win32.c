/* SPDX-License-Identifier: 0BSD */
/* test_go_win32.c: wg_go on Windows threads: each way a thread can end, and the DLL that comes and goes. */
#include <windows.h>

#include "wg/wg.h"

#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <process.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* Each way to end a task's thread. */

static _Atomic int ran;

static void end_by_return(void *arg)
{
    (void)arg;
    atomic_fetch_add(&ran, 1);
}

static void end_by_exit_thread(void *arg)
{
    (void)arg;
    atomic_fetch_add(&ran, 1);
    ExitThread(0);
}

static void end_by_endthreadex(void *arg)
{
    (void)arg;
    atomic_fetch_add(&ran, 1);
    _endthreadex(0);
}

static void end_by_pthread_exit(void *arg)
{
    (void)arg;
    atomic_fetch_add(&ran, 1);
    pthread_exit(NULL);
}

enum { ROUNDS = 50, TASKS = 8 };

/* The group is freed after each wait.  A done that comes twice or late would hit it, or the next group in its place. */
static void whichever_way_a_task_ends_it_is_done_once(void **unused)
{
    (void)unused;
    void (*const ways[])(void *) = { end_by_return, end_by_exit_thread, end_by_endthreadex, end_by_pthread_exit };
    for (unsigned round = 0; round < ROUNDS; round++) {
        wg_t *const wg = wg_create();
        assert_non_null(wg);
        atomic_store(&ran, 0);
        for (unsigned i = 0; i < TASKS; i++)
            assert_int_equal(wg_go(wg, ways[(round + i) % COUNT_OF(ways)], NULL), 0);
        assert_int_equal(wg_wait_for(wg, 30 * (int64_t)1000000000), 0);
        assert_int_equal(atomic_load(&ran), TASKS);
        assert_int_equal(wg_count(wg), 0);
        wg_destroy(wg);
    }
}

/* A thread that is no task counts nothing off when it ends.  The task, still at work, stays counted. */
static _Atomic int may_end;

static void end_when_let(void *arg)
{
    (void)arg;
    UNTIL(atomic_load(&may_end));
}

static unsigned __stdcall start_a_task(void *wg)
{
    REQUIRE(wg_go(wg, end_when_let, NULL) == 0);
    return 0;
}

static void only_the_task_counts_off_not_the_thread_that_started_it(void **unused)
{
    (void)unused;
    wg_t *const wg = wg_create();
    assert_non_null(wg);
    atomic_store(&may_end, 0);
    wg_add(wg, 1);
    const HANDLE starter = (HANDLE)_beginthreadex(NULL, 0, start_a_task, wg, 0, NULL);
    assert_non_null(starter);
    /* A thread has ended only when the loader has told all DLLs so. */
    assert_int_equal(WaitForSingleObject(starter, 30000), WAIT_OBJECT_0);
    CloseHandle(starter);
    assert_int_equal(wg_count(wg), 2);
    atomic_store(&may_end, 1);
    UNTIL(wg_count(wg) != 2);
    assert_int_equal(wg_wait_for(wg, 1000000), ETIMEDOUT);
    assert_int_equal(wg_count(wg), 1);
    wg_done(wg);
    wg_wait(wg);
    wg_destroy(wg);
}

static void a_task_may_start_tasks(void *wg);
static _Atomic int to_start;

static void a_task_may_start_tasks(void *wg)
{
    while (atomic_fetch_sub(&to_start, 1) > 0)
        REQUIRE(wg_go(wg, a_task_may_start_tasks, wg) == 0);
    ExitThread(0);
}

static void tasks_start_tasks_and_leave_by_exit_thread(void **unused)
{
    (void)unused;
    wg_t *const wg = wg_create();
    assert_non_null(wg);
    atomic_store(&to_start, 100);
    assert_int_equal(wg_go(wg, a_task_may_start_tasks, wg), 0);
    assert_int_equal(wg_wait_for(wg, 30 * (int64_t)1000000000), 0);
    wg_destroy(wg);
}

/*
 * The import table of the program, where the library finds what it calls of Windows.
 * Here the test puts in calls that fail.
 */
static void import(void *entry, const void *function, size_t size)
{
    DWORD before;
    assert_true(VirtualProtect(entry, size, PAGE_READWRITE, &before));
    memcpy(entry, function, size);
}
#define IMPORT(entry, function) import(&(entry), &(function), sizeof(entry))

extern uintptr_t(__cdecl *__imp__beginthreadex)(void *, unsigned, unsigned(__stdcall *)(void *), void *, unsigned,
                                                unsigned *);
static int no_thread_error;

static uintptr_t __cdecl no_thread(void *security, unsigned stack, unsigned(__stdcall *start)(void *), void *arg,
                                   unsigned flags, unsigned *id)
{
    (void)security, (void)stack, (void)start, (void)arg, (void)flags, (void)id;
    errno = no_thread_error;
    return 0;
}

static void without_a_thread_no_count_is_left_and_errno_is_kept(void **unused)
{
    (void)unused;
    const int errors[][2] = { { EAGAIN, EAGAIN }, { ENOMEM, ENOMEM }, { EACCES, EAGAIN } };
    wg_t *const wg = wg_create();
    assert_non_null(wg);
    const __typeof__(__imp__beginthreadex) real = __imp__beginthreadex;
    for (unsigned i = 0; i < COUNT_OF(errors); i++) {
        const __typeof__(__imp__beginthreadex) fake = no_thread;
        no_thread_error = errors[i][0];
        IMPORT(__imp__beginthreadex, fake);
        atomic_store(&ran, 0);
        errno = 4711;
        const int error = wg_go(wg, end_by_return, NULL);
        const int kept = errno;
        IMPORT(__imp__beginthreadex, real);
        assert_int_equal(error, errors[i][1]);
        assert_int_equal(kept, 4711);
        assert_int_equal(wg_count(wg), 0);
        assert_int_equal(atomic_load(&ran), 0);
    }
    wg_destroy(wg);
}

/* A thread has the first 64 slots.  Its first value in another slot makes the memory for the rest. */
extern BOOL(WINAPI *__imp_TlsSetValue)(DWORD, void *);

static BOOL WINAPI no_memory_for_slots(DWORD index, void *value)
{
    (void)index, (void)value;
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return FALSE;
}

static void a_task_that_returns_is_done_without_memory_for_its_slots(void **unused)
{
    (void)unused;
    wg_t *const wg = wg_create();
    assert_non_null(wg);
    const __typeof__(__imp_TlsSetValue) real = __imp_TlsSetValue, fake = no_memory_for_slots;
    IMPORT(__imp_TlsSetValue, fake);
    atomic_store(&ran, 0);
    const int error = wg_go(wg, end_by_return, NULL);
    const int waited = wg_wait_for(wg, 10 * (int64_t)1000000000);
    IMPORT(__imp_TlsSetValue, real);
    assert_int_equal(error, 0);
    assert_int_equal(waited, 0);
    assert_int_equal(atomic_load(&ran), 1);
    wg_destroy(wg);
}

extern BOOL(WINAPI *__imp_GetModuleHandleExA)(DWORD, LPCSTR, HMODULE *);

static BOOL WINAPI no_module(DWORD flags, LPCSTR name, HMODULE *module)
{
    (void)flags, (void)name, (void)module;
    return FALSE;
}

static void no_task_is_started_whose_code_may_be_unloaded(void **unused)
{
    (void)unused;
    wg_t *const wg = wg_create();
    assert_non_null(wg);
    const __typeof__(__imp_GetModuleHandleExA) real = __imp_GetModuleHandleExA, fake = no_module;
    IMPORT(__imp_GetModuleHandleExA, fake);
    atomic_store(&ran, 0);
    const int error = wg_go(wg, end_by_return, NULL);
    IMPORT(__imp_GetModuleHandleExA, real);
    assert_int_equal(error, EAGAIN);
    assert_int_equal(wg_count(wg), 0);
    assert_int_equal(atomic_load(&ran), 0);
    wg_destroy(wg);
}

/* The DLL: loaded and freed more often than there are slots of thread-local storage (1088). */

typedef wg_t *create_fn(void);
typedef int go_fn(wg_t *wg, void (*fn)(void *arg), void *arg);
typedef int wait_for_fn(wg_t *wg, int64_t timeout_ns);
typedef void destroy_fn(wg_t *wg);

static FARPROC find(HMODULE dll, const char *name)
{
    const FARPROC found = GetProcAddress(dll, name);
    REQUIRE(found != NULL);
    return found;
}

static void the_dll_may_be_loaded_and_freed_any_number_of_times_before_a_task_keeps_it(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < 1200; i++) {
        const HMODULE dll = LoadLibraryA(WG_DLL);
        assert_non_null(dll);
        assert_true(FreeLibrary(dll));
    }
    assert_null(GetModuleHandleA(WG_DLL)); /* or nothing was ever freed */
    const HMODULE dll = LoadLibraryA(WG_DLL);
    assert_non_null(dll);
    create_fn *create;
    go_fn *go;
    wait_for_fn *wait_for;
    destroy_fn *destroy;
    const FARPROC found[] = { find(dll, "wg_create"), find(dll, "wg_go"), find(dll, "wg_wait_for"),
                              find(dll, "wg_destroy") };
    memcpy(&create, &found[0], sizeof create);
    memcpy(&go, &found[1], sizeof go);
    memcpy(&wait_for, &found[2], sizeof wait_for);
    memcpy(&destroy, &found[3], sizeof destroy);
    wg_t *const wg = create();
    assert_non_null(wg);
    void (*const ways[])(void *) = { end_by_return, end_by_exit_thread, end_by_endthreadex };
    for (unsigned i = 0; i < COUNT_OF(ways); i++)
        assert_int_equal(go(wg, ways[i], NULL), 0);
    assert_int_equal(wait_for(wg, 30 * (int64_t)1000000000), 0);
    destroy(wg);
    /* The threads of the tasks may still be in the code of the DLL. */
    assert_true(FreeLibrary(dll));
    assert_non_null(GetModuleHandleA(WG_DLL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whichever_way_a_task_ends_it_is_done_once),
        cmocka_unit_test(only_the_task_counts_off_not_the_thread_that_started_it),
        cmocka_unit_test(tasks_start_tasks_and_leave_by_exit_thread),
        cmocka_unit_test(without_a_thread_no_count_is_left_and_errno_is_kept),
        cmocka_unit_test(a_task_that_returns_is_done_without_memory_for_its_slots),
        cmocka_unit_test(no_task_is_started_whose_code_may_be_unloaded),
        cmocka_unit_test(the_dll_may_be_loaded_and_freed_any_number_of_times_before_a_task_keeps_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
