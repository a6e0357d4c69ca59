/* SPDX-License-Identifier: 0BSD */
/* life.c: how a group is made, what its config may say, and how it ends. */
#include "group.h"

#include "annotate.h"
#include "compiler.h"
#include "config.h"
#include "panic.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(wg_t) <= sizeof(wg_storage_t) && _Alignof(wg_t) == 8, "must fit");
_Static_assert(_Alignof(wg_t) <= _Alignof(max_align_t), "malloc must do");

/* The config of version 0.1.0, which every later version accepts.  Later members begin after its last byte. */
typedef struct first_config {
    size_t size;
    const wg_sem_ops_t *sem;
    unsigned flags;
} first_config_t;
_Static_assert(sizeof(wg_config_t) >= sizeof(first_config_t), "a config never shrinks");

/* Reads the caller's config.  No config asks for nothing. */
static bool read_config(wg_config_t *config, const wg_config_t *given)
{
    memset(config, 0, sizeof *config);
    if (given == NULL)
        return true;
    const size_t size = given->size;
    if (!wgi_config_valid(given, size, sizeof(first_config_t), sizeof *config))
        return false;
    memcpy(config, given, size < sizeof *config ? size : sizeof *config);
    return true;
}

/* 0 | errno.  On failure the memory is as it was. */
static int set_up(wg_t *wg, const wg_config_t *given, bool on_heap)
{
    const unsigned known = on_heap ? WG_NO_SPIN : WG_NO_SPIN | WG_PROCESS_SHARED;
    wg_config_t config;
    if (!read_config(&config, given) || (config.flags & ~known) != 0)
        return EINVAL;
    const int error = wgi_sem_init(&wg->sem, config.sem, (config.flags & WG_PROCESS_SHARED) != 0);
    if (error != 0)
        return error;
    unsigned flags = on_heap ? WGI_ON_HEAP : 0;
    /* A user's table may block fibers.  Then the task to poll for may be a fiber of this very thread. */
    if ((config.flags & WG_NO_SPIN) != 0 || !wgi_sem_is_builtin(&wg->sem))
        flags |= WGI_QUIET;
    if ((config.flags & WG_PROCESS_SHARED) != 0)
        flags |= WGI_SHARED;
    atomic_init(&wg->state, 0);
    atomic_init(&wg->notices, 0);
    atomic_init(&wg->spins, 0);
    atomic_init(&wg->flags, (unsigned char)flags);
    wg->shadow = 0;
    wgi_annotate_new(wg, sizeof *wg, &wg->shadow);
    return 0;
}

static wg_t *fail(int error)
{
    errno = error;
    return NULL;
}

wg_t *wg_create_with(const wg_config_t *config)
{
    wg_t *const wg = malloc(sizeof *wg);
    if (wg == NULL)
        return fail(ENOMEM);
    const int error = set_up(wg, config, true);
    if (error == 0)
        return wg;
    free(wg);
    return fail(error);
}

wg_t *wg_create(void)
{
    return wg_create_with(NULL);
}

static bool aligned(const wg_storage_t *storage)
{
    return (uintptr_t)storage % _Alignof(wg_t) == 0;
}

/* Not inlined, also by gcc -flto: gcc would warn that wg_destroy() gets memory that is not from malloc(). */
WGI_NOINLINE wg_t *wg_init(wg_storage_t *storage, const wg_config_t *config)
{
    if (!aligned(storage))
        return fail(EINVAL);
    wg_t *const wg = (wg_t *)storage;
    const int error = set_up(wg, config, false);
    return error == 0 ? wg : fail(error);
}

WGI_NOINLINE wg_t *wg_attach(wg_storage_t *storage)
{
    if (!aligned(storage))
        return fail(EINVAL);
    wg_t *const wg = (wg_t *)storage;
    wgi_annotate_new(wg, sizeof *wg, &wg->shadow);
    return wg;
}

void wg_destroy(wg_t *wg)
{
    if (wg == NULL)
        return;
    const uint64_t word = wgi_state_relaxed(&wg->state);
    if (!wgi_state_idle(word) && !wgi_group_has(wg, WGI_MISUSED))
        wgi_group_misuse(wg, WG_MISUSE_DESTROYED_IN_USE, word, 0);

    /* What threads sleep in must stay.  The word alone does not tell: a misuse may be found after the reset. */
    const bool stranded = wgi_group_has(wg, WGI_STRANDED) || wgi_state_waiters(word) != 0;
    const bool free_it = wgi_group_has(wg, WGI_ON_HEAP) && !stranded;
    const int saved = errno;
    wgi_sem_destroy(&wg->sem, stranded);
    atomic_store_explicit(&wg->state, 0, memory_order_relaxed);
    atomic_store_explicit(&wg->notices, 0, memory_order_relaxed);
    atomic_store_explicit(&wg->spins, 0, memory_order_relaxed);
    atomic_store_explicit(&wg->flags, 0, memory_order_relaxed);
    wgi_annotate_gone(wg, sizeof *wg);
    if (free_it)
        free(wg);
    errno = saved;
}

void wgi_group_misuse(wg_t *wg, wg_misuse_t what, uint64_t word, int64_t delta)
{
    const unsigned char left = wgi_state_waiters(word) != 0 ? WGI_MISUSED | WGI_STRANDED : WGI_MISUSED;
    atomic_fetch_or_explicit(&wg->flags, left, memory_order_relaxed);
    wgi_panic(wg, what, (int32_t)wgi_state_counter(word), wgi_state_waiters(word), delta);
}

#define STRING_(x) #x
#define STRING(x) STRING_(x)

const char *wg_version(void)
{
    return STRING(WG_VERSION_MAJOR) "." STRING(WG_VERSION_MINOR) "." STRING(WG_VERSION_PATCH);
}
