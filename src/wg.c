/* SPDX-License-Identifier: 0BSD */
/*
 * wg.c: the public calls.  Each asks the state, then acts; the only file that
 * knows both the state word and the semaphore.
 */
#include "wg/wg.h"

#include "annotate.h"
#include "clock.h"
#include "deadline.h"
#include "go.h"
#include "panic.h"
#include "sem.h"
#include "spin.h"
#include "state.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

struct wg {
    _Alignas(8) wgi_state_t state; /* decides */
    wgi_sem_t sem;                 /* sleeps and wakes */
    unsigned char on_heap;
    unsigned char shadow; /* stands for the group in race detectors; holds nothing */
    unsigned char no_spin;
    wgi_spin_memory_t spins;
    atomic_uchar misused; /* a misuse was reported, and what it left: from now on only wg_destroy() */
};
enum { MISUSED = 1, STRANDED = 2 /* threads may sleep there for ever */ };

_Static_assert(sizeof(wg_t) <= sizeof(wg_storage_t) && _Alignof(wg_t) == 8, "must fit");
_Static_assert(_Alignof(wg_t) <= _Alignof(max_align_t), "malloc must do");

#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD NOT_INSTRUMENTED __attribute__((cold, noinline))
#define OPAQUE __attribute__((noinline)) /* else gcc -flto warns that wg_destroy() gets no memory of malloc */

/*
 * The fast paths are external functions, as the header has them.  To inline them
 * into a user's program with -flto, gcc wants the word; clang does not, and warns.
 *
 * libwg.a offers gcc an LTO half.  If the user's program is linked by gcc with
 * -fsanitize=thread, that instruments it as far as it still can, which is not all:
 * the exchanges are out of its sight by then.  So it must leave these alone, whose
 * order the hooks tell; unless this is compiled so itself.
 */
#ifdef __clang__
#define FAST
#define NOT_INSTRUMENTED
#elif defined(__SANITIZE_THREAD__)
#define FAST inline
#define NOT_INSTRUMENTED
#else
#define FAST NOT_INSTRUMENTED inline
#define NOT_INSTRUMENTED __attribute__((no_sanitize_thread))
#endif

static COLD noreturn void misuse(wg_t *wg, wg_misuse_t what, uint64_t word, int64_t delta)
{
    const unsigned char left = wgi_state_waiters(word) != 0 ? MISUSED | STRANDED : MISUSED;
    atomic_fetch_or_explicit(&wg->misused, left, memory_order_relaxed);
    wgi_panic(wg, what, (int32_t)wgi_state_counter(word), wgi_state_waiters(word), delta);
}

/*
 * Counting.  From wg_done() to the wake: add to the word; if that brought the
 * counter to zero under waiters, take them out of the word; release their tokens.
 */

static COLD void let_go(wg_t *wg, uint64_t now, int delta)
{
    const uint32_t waiters = wgi_state_waiters(now);
    const uint64_t was = wgi_state_reset(&wg->state, waiters);
    if ((was & ~WGI_STATE_CLOSED) != waiters)
        misuse(wg, WG_MISUSE_ADD_DURING_WAIT, was, delta);
    wgi_annotate_wake_begins(&wg->sem);
    wgi_sem_release(&wg->sem, waiters); /* the last touch: the group may be gone */
    wgi_annotate_wake_ends();
}

/* An add after which the group is not plain: somebody waits, or it is closed, or this is misuse. */
static COLD void settle(wg_t *wg, uint64_t now, int delta)
{
    switch (wgi_state_judge(now, delta)) {
    case WGI_KEEP:
    case WGI_REFUSED:
        return;
    case WGI_LET_GO:
        let_go(wg, now, delta);
        return;
    case WGI_NEGATIVE:
        misuse(wg, WG_MISUSE_NEGATIVE_COUNTER, now, delta);
    case WGI_OVERFLOW:
        misuse(wg, WG_MISUSE_COUNTER_OVERFLOW, now, delta);
    case WGI_DURING_WAIT:
        misuse(wg, WG_MISUSE_ADD_DURING_WAIT, now, delta);
    case WGI_AFTER_CLOSE:
        misuse(wg, WG_MISUSE_ADD_AFTER_CLOSE, now, delta);
    }
}

/* wg_add() where a race detector may watch. */
static COLD void add_watched(wg_t *wg, int delta, void *caller)
{
    uint64_t now;
    if (delta < 0) {
        wgi_annotate_release(wg);
        now = wgi_state_done(&wg->state, delta);
    } else {
        now = wgi_state_add(&wg->state, delta);
        wgi_annotate_add(&wg->shadow, (int32_t)wgi_state_counter(now), delta, caller);
    }
    if (!wgi_state_plain(now))
        settle(wg, now, delta);
}

/* The fast paths: no call but as the last thing, so nothing to save.  docs/performance.md counts their instructions. */

FAST void wg_done(wg_t *wg)
{
    if (wgi_annotate_watched()) {
        add_watched(wg, -1, NULL);
        return;
    }
    const uint64_t now = wgi_state_done(&wg->state, -1);
    if (unlikely(!wgi_state_plain(now)))
        settle(wg, now, -1);
}

FAST void wg_add(wg_t *wg, int delta)
{
    if (wgi_annotate_watched()) {
        add_watched(wg, delta, WGI_CALLER);
        return;
    }
    const uint64_t now = delta < 0 ? wgi_state_done(&wg->state, delta) : wgi_state_add(&wg->state, delta);
    if (unlikely(!wgi_state_plain(now)))
        settle(wg, now, delta);
}

void wgi_add_from(wg_t *wg, int delta, void *caller)
{
    if (wgi_annotate_watched())
        add_watched(wg, delta, caller);
    else
        wg_add(wg, delta);
}

bool wg_try_add(wg_t *wg, uint32_t n)
{
    uint64_t seen;
    switch (wgi_state_try_add(&wg->state, n, &seen)) {
    case WGI_REFUSED:
        return false;
    case WGI_OVERFLOW:
        misuse(wg, WG_MISUSE_COUNTER_OVERFLOW, seen, n);
    case WGI_DURING_WAIT:
        misuse(wg, WG_MISUSE_ADD_DURING_WAIT, seen, n);
    default:
        return true;
    }
}

void wg_close(wg_t *wg)
{
    wgi_state_close(&wg->state);
}

void wg_reopen(wg_t *wg)
{
    wgi_state_reopen(&wg->state);
}

bool wg_is_closed(const wg_t *wg)
{
    return (wgi_state_peek(&wg->state) & WGI_STATE_CLOSED) != 0;
}

uint32_t wg_count(const wg_t *wg)
{
    return wgi_state_counter(wgi_state_peek(&wg->state));
}

uint32_t wg_waiters(const wg_t *wg)
{
    return wgi_state_waiters(wgi_state_peek(&wg->state));
}

/*
 * Waiting.  Look; poll, if that may be worth it; register; take one token.  Who timed out withdraws, unless its
 * token is already owed.
 */

FAST bool wg_try_wait(wg_t *wg)
{
    const bool zero = wgi_state_counter(wgi_state_look(&wg->state)) == 0;
    if (zero)
        wgi_annotate_acquire(wg);
    return zero;
}

/* False: timed out. */
static COLD bool wait_blocking(wg_t *wg, const struct timespec *deadline, void *caller)
{
    /* Under a race detector it registers at once: the luck of a poll must not hide a race. */
    if (wg->no_spin == 0 && !wgi_annotate_watched() && wgi_spin(&wg->state, &wg->spins, deadline))
        return true;
    const bool is_new = atomic_load_explicit(&wg->sem.kind, memory_order_relaxed) == 0;
    wgi_sem_prepare(&wg->sem);
    if (is_new)
        wgi_annotate_set_up(&wg->sem);
    switch (wgi_state_enlist(&wg->state)) {
    case WGI_ZERO:
        wgi_annotate_acquire(wg);
        return true;
    case WGI_FULL:
        misuse(wg, WG_MISUSE_COUNTER_OVERFLOW, wgi_state_peek(&wg->state), 0);
    case WGI_ENLISTED:
        break;
    }
    wgi_annotate_wait(&wg->shadow, caller);

    if (!wgi_sem_acquire(&wg->sem, deadline)) {
        if (wgi_state_retract(&wg->state))
            return false;
        (void)wgi_sem_acquire(&wg->sem, NULL); /* owed: the last done is between two instructions */
    }

    /* Acquire, though the token was one: if generations overlap, the token may be another's. */
    const uint64_t word = wgi_state_look(&wg->state);
    if (unlikely(!wgi_state_idle(word)))
        misuse(wg, WG_MISUSE_REUSED_TOO_SOON, word, 0);
    wgi_annotate_acquire(wg);
    return true;
}

static COLD void wait_or_watched(wg_t *wg, void *caller)
{
    if (!wg_try_wait(wg))
        (void)wait_blocking(wg, NULL, caller);
}

FAST void wg_wait(wg_t *wg)
{
    /* One branch for the two. */
    if (unlikely((wgi_state_counter(wgi_state_look(&wg->state)) | wgi_annotate_watched()) != 0))
        wait_or_watched(wg, WGI_CALLER);
}

int wg_wait_until(wg_t *wg, const struct timespec *deadline)
{
    if (deadline != NULL && !wgi_deadline_valid(deadline))
        return EINVAL;
    if (wg_try_wait(wg))
        return 0;
    if (deadline != NULL && wgi_deadline_left_ns(deadline, wgi_clock_now()) == 0)
        return ETIMEDOUT;
    return wait_blocking(wg, deadline, WGI_CALLER) ? 0 : ETIMEDOUT;
}

int wg_wait_for(wg_t *wg, int64_t timeout_ns)
{
    if (wg_try_wait(wg))
        return 0;
    if (timeout_ns <= 0)
        return ETIMEDOUT;
    const struct timespec deadline = wgi_deadline_after(wgi_clock_now(), timeout_ns);
    return wait_blocking(wg, &deadline, WGI_CALLER) ? 0 : ETIMEDOUT;
}

/*
 * Making and ending.
 */

static wg_t *fail(int error)
{
    errno = error;
    return NULL;
}

/* A later version's config is welcome if it asks for nothing that this one does not know.  None is larger than a page.
 */
#define CONFIG_SIZE_MAX 4096

static bool config_known(const wg_config_t *config, unsigned flags)
{
    if (config->size < sizeof *config || config->size > CONFIG_SIZE_MAX || (config->flags & ~flags) != 0)
        return false;
    const unsigned char *const bytes = (const unsigned char *)config;
    for (size_t i = sizeof *config; i < config->size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* 0 | errno. */
static int set_up(wg_t *wg, const wg_config_t *config, bool on_heap)
{
    const wg_config_t defaults = WG_CONFIG_INIT;
    if (config == NULL)
        config = &defaults;
    if (!config_known(config, on_heap ? WG_NO_SPIN : WG_NO_SPIN | WG_PROCESS_SHARED))
        return EINVAL;
    const int error = wgi_sem_init(&wg->sem, config->sem, (config->flags & WG_PROCESS_SHARED) != 0);
    if (error != 0)
        return error;
    atomic_init(&wg->state, 0);
    wg->on_heap = on_heap;
    wg->shadow = 0;
    /* A table of one's own may block fibers, and the task that would be polled for may be one of this thread. */
    wg->no_spin = (config->flags & WG_NO_SPIN) != 0 || wg->sem.custom != NULL;
    atomic_init(&wg->spins, 0);
    atomic_init(&wg->misused, 0);
    wgi_annotate_new(wg, sizeof *wg, &wg->shadow);
    return 0;
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

OPAQUE wg_t *wg_init(wg_storage_t *storage, const wg_config_t *config)
{
    if (!aligned(storage))
        return fail(EINVAL);
    wg_t *const wg = (wg_t *)storage;
    const int error = set_up(wg, config, false);
    return error == 0 ? wg : fail(error);
}

OPAQUE wg_t *wg_attach(wg_storage_t *storage)
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
    const uint64_t word = wgi_state_peek(&wg->state);
    const unsigned char misused = atomic_load_explicit(&wg->misused, memory_order_relaxed);
    if (!wgi_state_idle(word) && misused == 0)
        misuse(wg, WG_MISUSE_DESTROYED_IN_USE, word, 0);

    /* What threads sleep in must stay.  The word alone does not tell: a misuse may be found after the reset. */
    const bool stranded = (misused & STRANDED) != 0 || wgi_state_waiters(word) != 0;
    const bool free_it = wg->on_heap && !stranded;
    const int saved = errno;
    wgi_sem_destroy(&wg->sem, stranded);
    atomic_store_explicit(&wg->state, 0, memory_order_relaxed);
    atomic_store_explicit(&wg->misused, 0, memory_order_relaxed);
    wg->no_spin = 0;
    atomic_store_explicit(&wg->spins, 0, memory_order_relaxed);
    wgi_annotate_gone(wg, sizeof *wg);
    if (free_it)
        free(wg);
    errno = saved;
}

#define STRING_(x) #x
#define STRING(x) STRING_(x)

const char *wg_version(void)
{
    return STRING(WG_VERSION_MAJOR) "." STRING(WG_VERSION_MINOR) "." STRING(WG_VERSION_PATCH);
}
