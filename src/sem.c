/* SPDX-License-Identifier: 0BSD */
/* sem.c: the tables that are built in, and the choice among them. */
#include "sem.h"

#include "optional.h"
#include "panic.h"

#include <errno.h>
#include <string.h>

/*
 * The numbers are the same in every build, as processes with different builds may
 * share a group.  To add a semaphore: its file, its number at the end, and its line.
 * Number 4 was the semaphore of Windows before the futex came there, and stays empty.
 */
enum { ZERO_FILLED, KIND_FUTEX, KIND_POSIX, KIND_DISPATCH, KIND_NONE_4, KINDS };

static const wg_sem_ops_t *const builtin[KINDS] = {
    [ZERO_FILLED] = &WGI_SEM_ZERO, /* what zero-filled groups sleep in, whatever the default is */
    [KIND_FUTEX] = WGI_OPTIONAL(WGI_HAVE_FUTEX, wgi_sem_futex),
    [KIND_POSIX] = WGI_OPTIONAL(WGI_HAVE_POSIX, wgi_sem_posix),
    [KIND_DISPATCH] = WGI_OPTIONAL(WGI_HAVE_DISPATCH, wgi_sem_dispatch),
};

/* A semaphore of the build that the running system lacks refuses its init.  The probe holds nothing to end. */
static bool runs_here(const wg_sem_ops_t *ops)
{
    wgi_sem_t probe;
    return ops->init(probe.bytes, false) == 0;
}

const wg_sem_ops_t *wg_sem_futex(void)
{
    const wg_sem_ops_t *const ops = builtin[KIND_FUTEX];
    return ops != NULL && runs_here(ops) ? ops : NULL;
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

const wg_sem_ops_t *wgi_sem_ready(void)
{
    return wg_sem_futex();
}

static uintptr_t table_of(const wg_sem_ops_t *ops)
{
    for (uintptr_t kind = ZERO_FILLED + 1; kind < KINDS; kind++)
        if (builtin[kind] == ops)
            return kind;
    return (uintptr_t)ops;
}

/* Relaxed: init comes before every use, by the rules of the public header. */
static uintptr_t read_table(const wgi_sem_t *sem)
{
    return atomic_load_explicit(&sem->table, memory_order_relaxed);
}

static const wg_sem_ops_t *ops_of(const wgi_sem_t *sem)
{
    const uintptr_t table = read_table(sem);
    if (table >= KINDS)
        return (const wg_sem_ops_t *)table;
    if (builtin[table] == NULL)
        wgi_panic_system("this build has no such semaphore: using the group of another process", ENOSYS);
    return builtin[table];
}

bool wgi_sem_is_builtin(const wgi_sem_t *sem)
{
    return read_table(sem) < KINDS;
}

static int init(wgi_sem_t *sem, const wg_sem_ops_t *ops, bool process_shared)
{
    if (ops->init == NULL || ops->destroy == NULL || ops->acquire == NULL || ops->release == NULL)
        return EINVAL;
    const uintptr_t table = table_of(ops);
    if (process_shared && table >= KINDS)
        return ENOTSUP;

    unsigned char before[sizeof sem->bytes];
    memcpy(before, sem->bytes, sizeof before);
    memset(sem->bytes, 0, sizeof sem->bytes);
    const int error = ops->init(sem->bytes, process_shared);
    if (error != 0)
        memcpy(sem->bytes, before, sizeof before);
    else
        atomic_store_explicit(&sem->table, table, memory_order_relaxed);
    return error;
}

int wgi_sem_init(wgi_sem_t *sem, const wg_sem_ops_t *ops, bool process_shared)
{
    if (ops != NULL)
        return init(sem, ops, process_shared);
    const int error = init(sem, wg_sem_default(), process_shared);
    /* The default serves one process only: take the semaphore that serves several, if there is one. */
    const wg_sem_ops_t *const other = error == ENOTSUP ? wg_sem_futex() : NULL;
    return other != NULL ? init(sem, other, process_shared) : error;
}

bool wgi_sem_is_like(const wgi_sem_t *sem, const wgi_sem_t *model)
{
    return ops_of(sem) == ops_of(model);
}

int wgi_sem_init_like(wgi_sem_t *sem, const wgi_sem_t *model)
{
    if (read_table(model) != ZERO_FILLED)
        return wgi_sem_init(sem, ops_of(model), false);
    memset(sem, 0, sizeof *sem);
    wgi_sem_prepare(sem);
    return 0;
}

void wgi_sem_destroy(wgi_sem_t *sem, bool in_use)
{
    if (!in_use)
        ops_of(sem)->destroy(sem->bytes);
    memset(sem->bytes, 0, sizeof sem->bytes);
    atomic_store_explicit(&sem->table, ZERO_FILLED, memory_order_relaxed);
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
