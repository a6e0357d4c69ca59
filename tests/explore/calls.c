/* SPDX-License-Identifier: 0BSD */
/* calls.c: the functions that gcc's -fsanitize=thread calls, and the renamed calls of the system. */
#include "runtime.h"

#include "clock.h"
#include "futex.h"

#include <errno.h>
#include <string.h>
#include <time.h>

extern char wgi_annotate_on[]; /* annotate.h: an atomic flag that nobody writes after the start */

static uint64_t atomic(operation_t op, bool *success)
{
    bool ignored;
    if (op.address == (uintptr_t)wgi_annotate_on)
        return rt_fetch(op.address, op.size);
    if (!rt_modelling) { /* not part of any execution */
        const uint64_t old = rt_fetch(op.address, op.size);
        if (op.kind != LOAD)
            rt_put(op.address, op.size, rt_trim(rt_modified(op.kind, old, op.operand), op.size));
        return old;
    }
    rt_arrive(&op);
    return rt_perform(&op, success != NULL ? success : &ignored);
}

/*
 * The functions that gcc calls.
 */
#define ATOMICS(bits, type) \
    type __tsan_atomic##bits##_load(const volatile type *a, int order); \
    type __tsan_atomic##bits##_load(const volatile type *a, int order) \
    { \
        return (type)atomic((operation_t){ LOAD, (uintptr_t)a, bits / 8, order, 0, 0, PC, false }, NULL); \
    } \
    void __tsan_atomic##bits##_store(volatile type *a, type v, int order); \
    void __tsan_atomic##bits##_store(volatile type *a, type v, int order) \
    { \
        (void)atomic((operation_t){ STORE, (uintptr_t)a, bits / 8, order, v, 0, PC, false }, NULL); \
    } \
    RMW(bits, type, exchange, EXCHANGE) \
    RMW(bits, type, fetch_add, ADD) \
    RMW(bits, type, fetch_sub, SUB) \
    RMW(bits, type, fetch_or, OR) \
    RMW(bits, type, fetch_and, AND) \
    RMW(bits, type, fetch_xor, XOR) \
    CAS(bits, type, strong, CAS_STRONG) \
    CAS(bits, type, weak, CAS_WEAK)

#define RMW(bits, type, name, kind) \
    type __tsan_atomic##bits##_##name(volatile type *a, type v, int order); \
    type __tsan_atomic##bits##_##name(volatile type *a, type v, int order) \
    { \
        return (type)atomic((operation_t){ kind, (uintptr_t)a, bits / 8, order, v, 0, PC, false }, NULL); \
    }

#define CAS(bits, type, name, kind) \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile type *a, type *c, type v, int order, int fail); \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile type *a, type *c, type v, int order, int fail) \
    { \
        bool success = false; \
        if (fail != __ATOMIC_RELAXED) \
            rt_give_up("an exchange that orders when it fails is not modelled"); \
        const type seen = \
            (type)atomic((operation_t){ kind, (uintptr_t)a, bits / 8, order, v, *c, PC, false }, &success); \
        if (!success) \
            *c = seen; \
        return success; \
    }

ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
    (void)order;
    rt_give_up("a fence is not modelled");
}

#define PLAIN(bytes) \
    void __tsan_read##bytes(void *a); \
    void __tsan_read##bytes(void *a) \
    { \
        rt_plain((uintptr_t)a, bytes, false, PC); \
    } \
    void __tsan_write##bytes(void *a); \
    void __tsan_write##bytes(void *a) \
    { \
        rt_plain((uintptr_t)a, bytes, true, PC); \
    } \
    void __tsan_unaligned_read##bytes(void *a); \
    void __tsan_unaligned_read##bytes(void *a) \
    { \
        rt_plain((uintptr_t)a, bytes, false, PC); \
    } \
    void __tsan_unaligned_write##bytes(void *a); \
    void __tsan_unaligned_write##bytes(void *a) \
    { \
        rt_plain((uintptr_t)a, bytes, true, PC); \
    } \
    void __tsan_volatile_read##bytes(void *a); \
    void __tsan_volatile_read##bytes(void *a) \
    { \
        rt_plain((uintptr_t)a, bytes, false, PC); \
    } \
    void __tsan_volatile_write##bytes(void *a); \
    void __tsan_volatile_write##bytes(void *a) \
    { \
        rt_plain((uintptr_t)a, bytes, true, PC); \
    }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *a, size_t size);
void __tsan_read_range(void *a, size_t size)
{
    rt_plain((uintptr_t)a, size, false, PC);
}

void __tsan_write_range(void *a, size_t size);
void __tsan_write_range(void *a, size_t size)
{
    rt_plain((uintptr_t)a, size, true, PC);
}

void __tsan_init(void);
void __tsan_init(void)
{
}

void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc)
{
    (void)pc;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

void *wgx_memset(void *to, int byte, size_t size);
void *wgx_memset(void *to, int byte, size_t size)
{
    rt_plain((uintptr_t)to, size, true, PC);
    return memset(to, byte, size);
}

void *wgx_memcpy(void *to, const void *from, size_t size);
void *wgx_memcpy(void *to, const void *from, size_t size)
{
    rt_plain((uintptr_t)from, size, false, PC);
    rt_plain((uintptr_t)to, size, true, PC);
    return memcpy(to, from, size);
}

_Noreturn void wgx_abort(void);
void wgx_abort(void)
{
    wgx_fail("abort(), which no program may reach here");
}

long wgx_write(int file, const void *text, size_t size);
long wgx_write(int file, const void *text, size_t size)
{
    (void)file, (void)text;
    return (long)size;
}

struct timespec wgi_clock_now(void)
{
    return (struct timespec){ .tv_sec = 1000 };
}

/* A thread that polls goes on when the word that it loaded last has changed. */
static void yield(uintptr_t pc)
{
    if (rt_running == MAIN)
        rt_give_up("setup and finish may not spin");
    rt_arrive(&(operation_t){ .kind = YIELD,
                              .address = rt_threads[rt_running].loaded,
                              .size = rt_threads[rt_running].loaded_size,
                              .pc = pc });
}

int wgx_sched_yield(void);
int wgx_sched_yield(void)
{
    yield(PC);
    return 0;
}

void wgi_clock_nap(void)
{
    yield(PC);
}

void wgx_await(_Atomic uint32_t *word, uint32_t value)
{
    (void)atomic((operation_t){ AWAIT, (uintptr_t)word, 4, __ATOMIC_ACQUIRE, 0, value, PC, false }, NULL);
}

bool wgx_take(_Atomic uint32_t *tokens, bool timed)
{
    bool taken = false;
    (void)atomic((operation_t){ TAKE, (uintptr_t)tokens, 4, __ATOMIC_ACQUIRE, 0, 0, PC, timed }, &taken);
    return taken;
}

int wgi_futex_check(bool shared)
{
    (void)shared;
    return 0;
}

/* The look and the sleep are one step, as in the kernel. */
bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    (void)shared;
    thread_t *const self = &rt_threads[rt_running];
    operation_t op = { FUTEX_WAIT, (uintptr_t)word, 4, __ATOMIC_RELAXED, 0, expected, PC, deadline != NULL };
    if (rt_running == MAIN)
        rt_give_up("setup and finish may not sleep");
    rt_arrive(&op);

    event_t *event = rt_event_now();
    rt_touch(op.address, 4, ATOMIC_READ, op.pc);
    self->hb.at[rt_running]++;
    event->before = event->after = rt_fetch(op.address, 4);
    event->stale = false;
    event->print = (footprint_t){ .word = op.address, .size = 4 };
    if (event->before != expected) {
        event->note = ", it has changed";
        return true;
    }
    event->note = ", sleeps";
    event->print.queue = op.address;
    self->asleep = true;
    op.kind = FUTEX_SLEEP;
    rt_arrive(&op);

    event = rt_event_now();
    event->before = event->after = 0;
    event->stale = false;
    if (!self->asleep) { /* woken: no choice, and no effect on other threads */
        event->note = "";
        event->print = (footprint_t){ 0 };
        return true;
    }
    self->asleep = false;
    event->print = (footprint_t){ .queue = op.address, .role = SLEEPER };
    const bool may_time_out = deadline != NULL, may_be_spurious = self->spurious > 0;
    const bool spurious = !may_time_out || (may_be_spurious && rt_choose(2) == 1);
    if (spurious)
        self->spurious--;
    event->note = spurious ? " for no reason" : ", timed out";
    return spurious;
}

/* Wakes any n of the sleepers: the kernel promises no order. */
void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)shared;
    if (rt_running == MAIN)
        return; /* no thread sleeps in setup or finish */
    rt_arrive(&(operation_t){ FUTEX_WAKE, (uintptr_t)word, 4, __ATOMIC_RELAXED, n, 0, PC, false });
    event_t *const event = rt_event_now();
    unsigned set = 0, count = 0, ways = 0, ways_of[1 << WGX_THREADS];
    for (unsigned t = 0; t < rt_thread_count; t++)
        if (rt_threads[t].asleep && rt_threads[t].next.address == (uintptr_t)word) {
            set |= 1u << t;
            count++;
        }
    const unsigned wake = n < count ? n : count;
    for (unsigned subset = 0; subset <= set; subset++)
        if ((subset & ~set) == 0 && (unsigned)__builtin_popcount(subset) == wake)
            ways_of[ways++] = subset;
    const unsigned woken = ways_of[rt_choose(ways)];
    for (unsigned t = 0; t < rt_thread_count; t++)
        if ((woken >> t & 1) != 0) {
            rt_threads[t].asleep = false;
            rt_threads[t].next.kind = FUTEX_WOKEN;
            rt_threads[t].woken_by = (int)rt_step_now;
        }
    rt_threads[rt_running].hb.at[rt_running]++;
    event->before = n;
    event->after = woken;
    event->stale = false;
    event->note = "";
    event->print = (footprint_t){ .queue = (uintptr_t)word, .role = count == 0 ? WAKE_NONE : WAKE_SOME };
}
