/* SPDX-License-Identifier: 0BSD */
/*
 * go_win32.c: tasks on Windows threads.
 *
 * A task is done when fn returns, or when its thread ends by ExitThread() or
 * _endthreadex(): the loader then calls on_loader_event() on that thread.  After
 * TerminateThread(), which runs nothing, it is never done; nor is one that ends by
 * ExitThread() when there was no memory to remember its group by.
 */
#include <windows.h>

#include "compiler.h"
#include "go.h"

#include <errno.h>
#include <process.h>
#include <stdint.h>
#include <stdlib.h>

/* Each thread's group that is to be told when the thread ends.  Written while the program or DLL is loaded. */
static DWORD slot = TLS_OUT_OF_INDEXES;

/* On a thread that ends while it runs its task. */
static void count_off(void)
{
    wg_t *const wg = TlsGetValue(slot);
    if (wg == NULL)
        return;
    TlsSetValue(slot, NULL);
    wg_done(wg);
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
            count_off();
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

static unsigned __stdcall run(void *given)
{
    const wgi_task_t task = *(wgi_task_t *)given;
    free(given); /* now: fn may never come back */
    /* Fails if there is no memory for this thread's slots.  Only a task that ends its thread itself needs them. */
    const BOOL remembered = TlsSetValue(slot, task.wg);
    task.fn(task.arg);
    if (remembered)
        TlsSetValue(slot, NULL);
    wg_done(task.wg);
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
                              (LPCSTR)(uintptr_t)run, &module);
}

int wgi_go_start(wgi_task_t *task)
{
    if (slot == TLS_OUT_OF_INDEXES)
        return EAGAIN; /* the process has used them all up */
    if (!pin_this_code())
        return EAGAIN; /* no thread rather than one that may lose its code */
    const uintptr_t thread = _beginthreadex(NULL, 0, run, task, 0, NULL);
    if (thread == 0)
        return errno == ENOMEM ? ENOMEM : EAGAIN;
    CloseHandle((HANDLE)thread);
    return 0;
}
