/* SPDX-License-Identifier: 0BSD */
/*
 * ideal.h: the least that a wait group can cost.  One inline C11 atomic and one futex:
 * no check of misuse, no count of waiters, no promise about lifetime.
 *
 * The counter is in the high half; bit 0 says that a thread sleeps on the low half.
 * The last done clears that bit before it wakes, so a late done can wake a thread that
 * it should not wake, but it never leaves one asleep.
 */
#ifndef BENCH_IDEAL_H
#define BENCH_IDEAL_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef struct ideal {
    _Atomic uint64_t word;
} ideal_t;

#define IDEAL_ONE ((uint64_t)1 << 32)

static inline void *ideal_futex(ideal_t *g)
{
    return (char *)&g->word + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
}

static __attribute__((noinline, cold, unused)) void ideal_wake(ideal_t *g)
{
    atomic_fetch_and_explicit(&g->word, ~(uint64_t)1, memory_order_acquire);
    syscall(SYS_futex, ideal_futex(g), FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static __attribute__((noinline, cold, unused)) int ideal_sleep(ideal_t *g, const struct timespec *deadline)
{
    for (;;) {
        uint64_t word = atomic_load_explicit(&g->word, memory_order_acquire);
        if (word >> 32 == 0)
            return 0;
        if ((word & 1) == 0 && !atomic_compare_exchange_weak_explicit(&g->word, &word, word | 1, memory_order_relaxed,
                                                                      memory_order_relaxed))
            continue;
        if (syscall(SYS_futex, ideal_futex(g), FUTEX_WAIT_BITSET_PRIVATE, 1, deadline, NULL, FUTEX_BITSET_MATCH_ANY) <
                0 &&
            errno == ETIMEDOUT)
            return ETIMEDOUT;
    }
}

static inline void ideal_add(ideal_t *g, int n)
{
    atomic_fetch_add_explicit(&g->word, (uint64_t)(int64_t)n << 32, memory_order_relaxed);
}

static inline void ideal_done(ideal_t *g)
{
    if (__builtin_expect(atomic_fetch_sub_explicit(&g->word, IDEAL_ONE, memory_order_release) == (IDEAL_ONE | 1), 0))
        ideal_wake(g);
}

static inline void ideal_wait(ideal_t *g)
{
    if (__builtin_expect(atomic_load_explicit(&g->word, memory_order_acquire) >> 32 != 0, 0))
        ideal_sleep(g, NULL);
}

static inline int ideal_wait_until(ideal_t *g, const struct timespec *deadline)
{
    return atomic_load_explicit(&g->word, memory_order_acquire) >> 32 == 0 ? 0 : ideal_sleep(g, deadline);
}

#endif
