/* SPDX-License-Identifier: 0BSD */
/*
 * thread_win32.c: Windows threads.
 *
 * When a thread ends by ExitThread() or _endthreadex(), the loader calls
 * on_loader_event() on that thread.  TerminateThread() runs nothing: then the end of
 * a job is never told.  Nor is it when there was no memory to remember the job by.
 */
#include <windows.h>

#include "compiler.h"
#include "thread.h"

#include <errno.h>
#include <process.h>
#include <stdint.h>

/* What a thread is inside of: the job that it runs, and the jobs around that one. */
typedef struct guard {
    const wgi_job_t *job;
    struct guard *around;
} guard_t;

/* Each thread's innermost guard.  Written while the program or DLL is loaded. */
static DWORD slot = TLS_OUT_OF_INDEXES;

/* On a thread that ends while it is inside of its guards. */
static void tell_all(void)
{
    for (guard_t *guard = TlsGetValue(slot); guard != NULL; guard = TlsGetValue(slot)) {
        TlsSetValue(slot, guard->around);
        guard->job->ended(guard->job->that);
    }
}

static void NTAPI on_loader_event(void *module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    switch (reason) {
    case DLL_PROCESS_ATTACH:
        slot = TlsAlloc();
        break;
    case DLL_THREAD_DETACH:
        if (slot != TLS_OUT_OF_INDEXES)
            tell_all();
        break;
    case DLL_PROCESS_DETACH:
        if (slot != TLS_OUT_OF_INDEXES)
            TlsFree(slot);
        break;
    default:
        break;
    }
}

/* The loader's list of such functions. */
WGI_IN_SECTION(".CRT$XLG") static const PIMAGE_TLS_CALLBACK loader_entry = on_loader_event;

void wgi_thread_guard(const wgi_job_t *job)
{
    /* Fails if there is no memory for this thread's slots.  Only a job that ends its thread itself needs them. */
    guard_t guard = { job, TlsGetValue(slot) };
    const BOOL remembered = TlsSetValue(slot, &guard);
    job->fn(job->arg);
    if (remembered)
        TlsSetValue(slot, guard.around);
}

static unsigned __stdcall start(void *job)
{
    wgi_thread_run(job);
    return 0;
}

/*
 * Keeps the module of this code, the DLL or what libwg.a was linked into, loaded for
 * ever: the thread is still in it when the wait that it lets go has returned, and
 * FreeLibrary() would take the code away from under it.
 */
static BOOL pin_this_code(void)
{
    HMODULE module;
    return GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                              (LPCSTR)(uintptr_t)start, &module);
}

int wgi_thread_create(wgi_job_t *job)
{
    if (slot == TLS_OUT_OF_INDEXES)
        return EAGAIN; /* the process has used them all up */
    if (!pin_this_code())
        return EAGAIN; /* no thread rather than one that may lose its code */
    const uintptr_t thread = _beginthreadex(NULL, 0, start, job, 0, NULL);
    if (thread == 0)
        return errno == ENOMEM ? ENOMEM : EAGAIN;
    CloseHandle((HANDLE)thread);
    return 0;
}
