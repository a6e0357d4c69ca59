/* SPDX-License-Identifier: 0BSD */
/* sem.c: the tables that are built in, and the choice among them. */
#include "sem.h"

#include "panic.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

/* To add a backend: its file, and one line in each of these two lists. */
#if WGI_HAVE_FUTEX
#define FUTEX &wgi_sem_futex
#else
#define FUTEX NULL
#endif
#if WGI_HAVE_POSIX
#define POSIX &wgi_sem_posix
#else
#define POSIX NULL
#endif
#if WGI_HAVE_DISPATCH
#define DISPATCH &wgi_sem_dispatch
#else
#define DISPATCH NULL
#endif
#if WGI_HAVE_WIN32
#define WIN32_TABLE &wgi_sem_win32
#else
#define WIN32_TABLE NULL
#endif

/* The numbers are the same in every build: processes with different builds may share a group. */
enum { UNSET, BEING_SET, CUSTOM, FIRST, KIND_FUTEX = FIRST, KIND_POSIX, KIND_DISPATCH, KIND_WIN32, KINDS };

static const wg_sem_ops_t *const builtin[KINDS] = {
    [KIND_FUTEX] = FUTEX,
    [KIND_POSIX] = POSIX,
    [KIND_DISPATCH] = DISPATCH,
    [KIND_WIN32] = WIN32_TABLE,
};

const wg_sem_ops_t *wg_sem_futex(void)
{
    return builtin[KIND_FUTEX];
}

const wg_sem_ops_t *wg_sem_posix(void)
{
    return builtin[KIND_POSIX];
}

const wg_sem_ops_t *wg_sem_dispatch(void)
{
    return builtin[KIND_DISPATCH];
}

const wg_sem_ops_t *wg_sem_default(void)
{
    return builtin[WGI_SEM_DEFAULT];
}

static uint32_t kind_of(const wg_sem_ops_t *ops)
{
    for (uint32_t kind = FIRST; kind < KINDS; kind++)
        if (builtin[kind] == ops)
            return kind;
    return CUSTOM;
}

/* Those for which zero-filled memory is a semaphore of one process already. */
static const bool ready_at_zero[KINDS] = { [KIND_FUTEX] = true, [KIND_WIN32] = true };

/* Relaxed is enough: setting up is ordered before by init, by prepare, or by ENLIST and RESET (state.h). */
static const wg_sem_ops_t *ops_of(const wgi_sem_t *sem)
{
    const uint32_t kind = atomic_load_explicit(&sem->kind, memory_order_relaxed);
    if (kind == CUSTOM)
        return sem->custom;
    if (kind >= KINDS || builtin[kind] == NULL)
        wgi_panic_system("this build has no such semaphore: using the group of another process", ENOSYS);
    return builtin[kind];
}

int wgi_sem_init(wgi_sem_t *sem, const wg_sem_ops_t *ops, bool process_shared)
{
    if (ops == NULL)
        ops = wg_sem_default();
    if (ops->init == NULL || ops->destroy == NULL || ops->acquire == NULL || ops->release == NULL)
        return EINVAL;
    const uint32_t kind = kind_of(ops);
    if (process_shared && kind == CUSTOM)
        return ENOTSUP;

    memset(sem->bytes, 0, sizeof sem->bytes);
    sem->custom = kind == CUSTOM ? ops : NULL;
    const int error = ops->init(sem->bytes, process_shared);
    atomic_store_explicit(&sem->kind, error == 0 ? kind : UNSET, memory_order_relaxed);
    return error;
}

void wgi_sem_prepare(wgi_sem_t *sem)
{
    uint32_t kind = atomic_load_explicit(&sem->kind, memory_order_relaxed);
    if (kind == UNSET && ready_at_zero[WGI_SEM_DEFAULT]) {
        /* Relaxed: nothing was written that another first waiter needs, and each stores the same. */
        atomic_store_explicit(&sem->kind, WGI_SEM_DEFAULT, memory_order_relaxed);
        return;
    }
    if (kind == UNSET && atomic_compare_exchange_strong_explicit(&sem->kind, &kind, BEING_SET, memory_order_relaxed,
                                                                 memory_order_relaxed)) {
        const int saved = errno;
        const int error = wg_sem_default()->init(sem->bytes, false);
        errno = saved;
        if (error != 0)
            wgi_panic_system("setting up a zero-filled group", error);
        /* Pairs with the acquire loads of the waiters that find it set up. */
        atomic_store_explicit(&sem->kind, kind_of(wg_sem_default()), memory_order_release);
        return;
    }
    while (atomic_load_explicit(&sem->kind, memory_order_acquire) <= BEING_SET)
        sched_yield();
}

void wgi_sem_destroy(wgi_sem_t *sem, bool in_use)
{
    if (atomic_load_explicit(&sem->kind, memory_order_relaxed) > BEING_SET && !in_use)
        ops_of(sem)->destroy(sem->bytes);
    memset(sem->bytes, 0, sizeof sem->bytes);
    sem->custom = NULL;
    atomic_store_explicit(&sem->kind, UNSET, memory_order_relaxed);
}

bool wgi_sem_acquire(wgi_sem_t *sem, const struct timespec *deadline)
{
    const int error = ops_of(sem)->acquire(sem->bytes, deadline);
    if (error != 0 && !(error == ETIMEDOUT && deadline != NULL))
        wgi_panic_system("acquiring a semaphore", error);
    return error == 0;
}

void wgi_sem_release(wgi_sem_t *sem, uint32_t n)
{
    ops_of(sem)->release(sem->bytes, n);
}
