/* SPDX-License-Identifier: 0BSD */
/*
 * runtime.c: runs the library's real code under every interleaving.
 *
 * The library and the clients are compiled with -fsanitize=thread and linked to
 * the __tsan_* functions of this file, so that every atomic and plain access comes
 * here.  Logical threads are coroutines.  A step is one atomic or futex operation
 * of one thread and all that it does up to its next one.
 *
 * Search: depth first, each execution run from the start; source sets and sleep
 * sets (Abdulla, Aronis, Jonsson, Sagonas: Optimal dynamic partial order reduction,
 * POPL 2014) keep one execution per class of equivalent ones, but for some that are
 * cut when they turn out to be known.
 *
 * Memory orders: one vector clock per thread and per store.  An acquire joins the
 * clock of the store that it reads; a release stores the thread's; a
 * read-modify-write keeps what it overwrites, a plain store cuts it.  Accesses that
 * are not both atomic, and one of which writes, must be ordered.  free() writes.
 * With 'stale' a load may return each older store that coherence and
 * happens-before leave possible; a read-modify-write takes the newest.  Where all
 * that several threads write is written by read-modify-writes, as in the library,
 * this is all of RC11.
 */
#include "explore.h"

#include "clock.h"
#include "futex.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    MAIN = WGX_THREADS, /* runs setup and finish */
    SLOTS,
    MAX_STEPS = 400,
    MAX_LOCATIONS = 64,
    MAX_STORES = 160,
    STACK = 64 * 1024,
    ARENA = 8192,
    MAX_BLOCKS = 16,
    MAX_NAMES = 32,
};

/* What the explorer finds wrong with itself is no finding about the library. */
static _Noreturn void give_up(const char *why)
{
    (void)fflush(stdout);
    (void)fprintf(stderr, "explore: %s\n", why);
    exit(3);
}

/*
 * Clocks
 */
typedef struct vclock {
    uint16_t at[SLOTS];
} vclock_t;

static void join(vclock_t *into, const vclock_t *from)
{
    for (int i = 0; i < SLOTS; i++)
        if (into->at[i] < from->at[i])
            into->at[i] = from->at[i];
}

/*
 * Steps
 */
typedef enum kind {
    LOAD,
    STORE,
    EXCHANGE,
    ADD,
    SUB,
    OR,
    AND,
    XOR,
    CAS_STRONG,
    CAS_WEAK,
    AWAIT,
    TAKE,
    YIELD,       /* blocks until what was loaded last has changed */
    FUTEX_WAIT,  /* looks, and goes to sleep */
    FUTEX_SLEEP, /* ends a sleep without a wake */
    FUTEX_WOKEN, /* ends a sleep after a wake */
    FUTEX_WAKE,
} kind_t;

static const char *const kind_names[] = {
    "load",
    "store",
    "exchange",
    "fetch_add",
    "fetch_sub",
    "fetch_or",
    "fetch_and",
    "fetch_xor",
    "cas",
    "cas",
    "await",
    "take a token",
    "yield until it changes",
    "futex_wait",
    "end of sleep",
    "woken",
    "futex_wake",
};

/* What a step may do to whom: two steps are dependent if these meet. */
typedef struct footprint {
    uintptr_t word;  /* 0: none */
    uintptr_t queue; /* the sleepers on this address; 0: none */
    uint8_t size;
    bool write;
    enum { SLEEPER, WAKE_NONE, WAKE_SOME } role; /* sleepers commute, so do wakes that meet nobody */
} footprint_t;

typedef struct operation {
    kind_t kind;
    uintptr_t address;
    unsigned size;
    int order;
    uint64_t operand, expected;
    uintptr_t pc;
    bool timed;
} operation_t;

typedef struct event {
    operation_t op;
    footprint_t print;
    vclock_t past; /* at[t] = k: the first k steps of the execution, as far as they are of thread t, may be before */
    uint64_t before, after;
    const char *note;
    bool stale;
} event_t;

static bool dependent(const footprint_t *a, const footprint_t *b)
{
    if (a->word != 0 && b->word != 0 && (a->write || b->write) && a->word < b->word + b->size &&
        b->word < a->word + a->size)
        return true;
    return a->queue != 0 && a->queue == b->queue && !(a->role == b->role && a->role != WAKE_SOME);
}

/*
 * The search: node[i] is the state before step i.
 */
typedef struct node {
    unsigned thread, choice, choices;
    unsigned enabled, backtrack, done, sleep; /* sets of threads */
    unsigned cost;                            /* bounded search: preemptions up to here */
    event_t event;
} node_t;

static node_t node[MAX_STEPS];
static unsigned depth;    /* nodes that are given */
static unsigned step_now; /* the step that runs */
static unsigned steps;    /* of the execution that has ended */

typedef enum search {
    EXHAUSTIVE, /* source sets and sleep sets */
    SLEEP_ONLY, /* every thread at every step, and sleep sets */
    BOUNDED,    /* every thread at every step, up to a number of preemptions */
    REPLAY,
} search_t;
static search_t search;
static unsigned bound, length_limit;

/*
 * The world of one execution
 */
typedef struct thread {
    jmp_buf here, base;
    ucontext_t context;
    bool started, finished, panicked, asleep;
    operation_t next;
    int last_step;                      /* -1: none yet */
    int woken_by;                       /* step, while FUTEX_WOKEN is next */
    vclock_t hb;                        /* C11 happens-before */
    unsigned spurious, weak_cas, stale; /* how often it still may */
    int saved_errno;
    uintptr_t loaded; /* what was loaded last, and which store that was */
    unsigned loaded_store;
    char stack[STACK];
} thread_t;

static thread_t threads[SLOTS];
static unsigned running = MAIN;
static unsigned thread_count;
static jmp_buf scheduler;
static bool modelling; /* accesses count */
static const wgx_client_t *client;

static unsigned panic_set, panic_count;
static char failure[512];
static bool failed;
static char failure_pcs[2][32];

typedef struct store {
    uint64_t value;
    vclock_t release;
    uint16_t slot, epoch;
} store_t;

typedef struct access {
    uint16_t slot, epoch, store;
} access_t;

typedef struct location {
    uintptr_t address;
    unsigned size, stores, accesses;
    store_t store[MAX_STORES];
    access_t access[MAX_STORES * 2];
} location_t;

static location_t locations[MAX_LOCATIONS];
static unsigned location_count;

typedef struct range {
    uintptr_t start;
    size_t size;
    const char *name;
    bool gone;
} range_t;

static range_t names[MAX_NAMES];
static unsigned name_count;
static _Alignas(64) unsigned char arena[ARENA];
static size_t arena_used;
static range_t blocks[MAX_BLOCKS];
static unsigned block_count;

static _Noreturn void leave(void)
{
    _longjmp(scheduler, 1);
}

static _Noreturn void end_execution(void)
{
    failed = true;
    if (running == MAIN)
        _longjmp(threads[MAIN].base, 1);
    leave();
}

void wgx_fail(const char *what)
{
    modelling = false;
    (void)snprintf(failure, sizeof failure, "%s", what);
    end_execution();
}

static const char *describe(uintptr_t address, char text[64])
{
    for (unsigned i = 0; i < name_count; i++)
        if (address - names[i].start < names[i].size) {
            (void)snprintf(text, 64, "%s+%zu", names[i].name, (size_t)(address - names[i].start));
            return text;
        }
    (void)snprintf(text, 64, "0x%zx", (size_t)address);
    return text;
}

/*
 * Plain and atomic accesses: are they ordered?
 */
enum { READ, WRITE, ATOMIC_READ, ATOMIC_WRITE, FREE, ACCESSES };
static const char *const access_names[] = { "read", "write", "atomic read", "atomic write", "free" };

typedef struct cell {
    uint16_t epoch[ACCESSES][SLOTS];
    uint32_t pc[ACCESSES][SLOTS];
} cell_t;

typedef struct granule {
    uintptr_t address; /* of 8 bytes */
    unsigned long execution;
    cell_t cell[8];
} granule_t;

enum { GRANULES = 4096 };
static granule_t granules[GRANULES];
static unsigned long execution_number;

static granule_t *granule_of(uintptr_t address)
{
    size_t at = (address >> 3) * 2654435761u % GRANULES;
    for (unsigned tries = 0; tries < GRANULES; tries++, at = (at + 1) % GRANULES) {
        granule_t *const g = &granules[at];
        if (g->execution != execution_number) {
            memset(g, 0, sizeof *g);
            g->execution = execution_number;
            g->address = address & ~(uintptr_t)7;
            return g;
        }
        if (g->address == (address & ~(uintptr_t)7))
            return g;
    }
    give_up("too much memory in use");
}

static void check_alive(uintptr_t address, size_t size, const char *what, uintptr_t pc)
{
    if (address - (uintptr_t)arena >= ARENA)
        return;
    char text[64];
    for (unsigned i = 0; i < block_count; i++)
        if (address - blocks[i].start < blocks[i].size) {
            if (address + size > blocks[i].start + blocks[i].size)
                break;
            if (!blocks[i].gone)
                return;
            modelling = false;
            (void)snprintf(failure, sizeof failure, "%s of freed memory: %s, by T%u", what, describe(address, text),
                           running);
            (void)snprintf(failure_pcs[0], sizeof failure_pcs[0], "0x%zx", (size_t)pc);
            end_execution();
        }
    modelling = false;
    (void)snprintf(failure, sizeof failure, "%s outside any block: %s, by T%u", what, describe(address, text), running);
    end_execution();
}

static bool conflict(unsigned a, unsigned b)
{
    static const bool writes[] = { false, true, false, true, true };
    const bool both_atomic = (a == ATOMIC_READ || a == ATOMIC_WRITE) && (b == ATOMIC_READ || b == ATOMIC_WRITE);
    return !both_atomic && (writes[a] || writes[b]);
}

static bool private_memory(uintptr_t address)
{
    return address - (uintptr_t)&errno < sizeof errno ||
           (running != MAIN && address - (uintptr_t)threads[running].stack < STACK);
}

static void touch(uintptr_t address, size_t size, unsigned what, uintptr_t pc)
{
    if (private_memory(address))
        return;
    check_alive(address, size, access_names[what], pc);
    const vclock_t *const hb = &threads[running].hb;
    for (uintptr_t at = address; at < address + size; at++) {
        cell_t *const cell = &granule_of(at)->cell[at & 7];
        for (unsigned other = 0; other < ACCESSES; other++) {
            if (!conflict(what, other))
                continue;
            for (unsigned slot = 0; slot < SLOTS; slot++)
                if (slot != running && cell->epoch[other][slot] > hb->at[slot]) {
                    char text[64];
                    modelling = false;
                    (void)snprintf(failure, sizeof failure, "data race on %s: %s by T%u, not ordered after %s by T%u",
                                   describe(at, text), access_names[what], running, access_names[other], slot);
                    (void)snprintf(failure_pcs[0], sizeof failure_pcs[0], "0x%zx", (size_t)pc);
                    (void)snprintf(failure_pcs[1], sizeof failure_pcs[1], "0x%zx", (size_t)cell->pc[other][slot]);
                    end_execution();
                }
        }
        cell->epoch[what][running] = hb->at[running];
        cell->pc[what][running] = (uint32_t)pc;
    }
}

static void forget_atomics(uintptr_t address, size_t size)
{
    /* A plain write: what was there as an atomic object has ended; the next access starts a new history. */
    for (unsigned i = 0; i < location_count; i++)
        if (locations[i].address < address + size && address < locations[i].address + locations[i].size)
            locations[i].stores = locations[i].accesses = 0;
}

static void plain(uintptr_t address, size_t size, bool write, uintptr_t pc)
{
    if (!modelling)
        return;
    touch(address, size, write ? WRITE : READ, pc);
    if (write)
        forget_atomics(address, size);
}

/*
 * Atomic memory
 */
static uint64_t fetch(uintptr_t address, unsigned size)
{
    switch (size) {
    case 1:
        return *(const volatile uint8_t *)address;
    case 2:
        return *(const volatile uint16_t *)address;
    case 4:
        return *(const volatile uint32_t *)address;
    default:
        return *(const volatile uint64_t *)address;
    }
}

static void put(uintptr_t address, unsigned size, uint64_t value)
{
    switch (size) {
    case 1:
        *(volatile uint8_t *)address = (uint8_t)value;
        break;
    case 2:
        *(volatile uint16_t *)address = (uint16_t)value;
        break;
    case 4:
        *(volatile uint32_t *)address = (uint32_t)value;
        break;
    default:
        *(volatile uint64_t *)address = value;
    }
}

static uint64_t trim(uint64_t value, unsigned size)
{
    return size == 8 ? value : value & (((uint64_t)1 << (size * 8)) - 1);
}

static location_t *location_of(uintptr_t address, unsigned size)
{
    location_t *at = NULL;
    for (unsigned i = 0; i < location_count && at == NULL; i++)
        if (locations[i].address == address) {
            if (locations[i].size != size)
                give_up("one atomic object, two sizes");
            at = &locations[i];
        }
    if (at == NULL) {
        if (location_count == MAX_LOCATIONS)
            give_up("too many atomic objects");
        at = &locations[location_count++];
        at->address = address;
        at->size = size;
        at->stores = at->accesses = 0;
    }
    if (at->stores == 0) {
        at->store[0] = (store_t){ .value = fetch(address, size), .slot = MAIN };
        at->stores = 1;
    }
    return at;
}

static bool acquires(int order)
{
    return order == __ATOMIC_ACQUIRE || order == __ATOMIC_CONSUME || order == __ATOMIC_ACQ_REL ||
           order == __ATOMIC_SEQ_CST;
}

static bool releases(int order)
{
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

static void note_access(location_t *at, unsigned store)
{
    if (at->accesses == MAX_STORES * 2)
        give_up("too many accesses");
    at->access[at->accesses++] =
        (access_t){ .slot = (uint16_t)running, .epoch = threads[running].hb.at[running], .store = (uint16_t)store };
}

/* The oldest store that this thread may still read. */
static unsigned oldest_readable(const location_t *at)
{
    unsigned oldest = 0;
    for (unsigned i = 0; i < at->accesses; i++)
        if (at->access[i].epoch <= threads[running].hb.at[at->access[i].slot] && at->access[i].store > oldest)
            oldest = at->access[i].store;
    return oldest;
}

static uint64_t read_store(location_t *at, unsigned store, int order)
{
    if (acquires(order))
        join(&threads[running].hb, &at->store[store].release);
    note_access(at, store);
    threads[running].loaded = at->address;
    threads[running].loaded_store = store;
    return at->store[store].value;
}

static void write_store(location_t *at, uint64_t value, int order, bool modify)
{
    if (at->stores == MAX_STORES)
        give_up("too many stores");
    store_t *const store = &at->store[at->stores];
    *store = (store_t){ .value = value, .slot = (uint16_t)running, .epoch = threads[running].hb.at[running] };
    if (modify)
        store->release = at->store[at->stores - 1].release;
    if (releases(order))
        join(&store->release, &threads[running].hb);
    note_access(at, at->stores++);
    put(at->address, at->size, value);
}

/* Which of n ways this step goes. */
static unsigned choose(unsigned n)
{
    if (running == MAIN || n <= 1)
        return 0;
    node[step_now].choices = n;
    if (node[step_now].choice >= n)
        give_up("this schedule has a choice that does not exist");
    return node[step_now].choice;
}

static event_t *event_now(void)
{
    static event_t of_main;
    return running == MAIN ? &of_main : &node[step_now].event;
}

static uint64_t modified(kind_t kind, uint64_t old, uint64_t operand)
{
    switch (kind) {
    case ADD:
        return old + operand;
    case SUB:
        return old - operand;
    case OR:
        return old | operand;
    case AND:
        return old & operand;
    case XOR:
        return old ^ operand;
    default:
        return operand;
    }
}

/* A load, or a failed exchange: from which store?  Newest first; those with 'except' are no choice. */
static unsigned pick_store(const location_t *at, bool has_except, uint64_t except, unsigned extra, unsigned *choice)
{
    unsigned list[MAX_STORES], n = 0;
    list[n++] = at->stores - 1;
    if (running != MAIN && threads[running].stale > 0) {
        const unsigned oldest = oldest_readable(at);
        for (unsigned i = at->stores - 1; i-- > oldest;)
            if (!has_except || at->store[i].value != except)
                list[n++] = i;
    }
    *choice = choose(n + extra);
    if (*choice > 0 && *choice < n)
        threads[running].stale--;
    return *choice < n ? list[*choice] : at->stores - 1;
}

/* Runs the atomic operation that this thread was at; the result is what was read. */
static uint64_t perform(const operation_t *op, bool *success)
{
    event_t *const event = event_now();
    thread_t *const self = &threads[running];
    location_t *const at = location_of(op->address, op->size);
    const store_t *const newest = &at->store[at->stores - 1];
    uint64_t result = newest->value;
    unsigned choice = 0;
    bool write = true;
    *success = true;
    event->note = "";
    event->stale = false;

    switch (op->kind) {
    case LOAD: {
        const unsigned store = pick_store(at, false, 0, 0, &choice);
        event->stale = store + 1 != at->stores;
        touch(op->address, op->size, ATOMIC_READ, op->pc);
        result = read_store(at, store, op->order);
        write = false;
        break;
    }
    case STORE:
        touch(op->address, op->size, ATOMIC_WRITE, op->pc);
        write_store(at, op->operand, op->order, false);
        break;
    case CAS_STRONG:
    case CAS_WEAK: {
        const bool equal = result == op->expected;
        const bool may_fail = equal && op->kind == CAS_WEAK && self->weak_cas > 0 && running != MAIN;
        const unsigned store = pick_store(at, true, op->expected, may_fail, &choice);
        event->stale = store + 1 != at->stores;
        const bool for_no_reason = may_fail && choice != 0 && !event->stale;
        if (equal && !event->stale && !for_no_reason) {
            touch(op->address, op->size, ATOMIC_WRITE, op->pc);
            result = read_store(at, store, op->order);
            write_store(at, op->operand, op->order, true);
            break;
        }
        touch(op->address, op->size, ATOMIC_READ, op->pc);
        /* The orders of failed exchanges in the library are all relaxed; a stronger one would only hide a finding. */
        result = read_store(at, store, __ATOMIC_RELAXED);
        if (for_no_reason) {
            self->weak_cas--;
            event->note = ", fails for no reason";
        } else {
            event->note = ", fails";
        }
        *success = write = false;
        break;
    }
    case AWAIT:
        touch(op->address, op->size, ATOMIC_READ, op->pc);
        result = read_store(at, at->stores - 1, op->order);
        write = false;
        break;
    case TAKE: {
        /* May say that time is over though a token is there. */
        const bool out = result == 0 || (op->timed && choose(2) == 1);
        if (out) {
            touch(op->address, op->size, ATOMIC_READ, op->pc);
            result = read_store(at, at->stores - 1, __ATOMIC_RELAXED);
            event->note = ", timed out";
            *success = write = false;
            break;
        }
        touch(op->address, op->size, ATOMIC_WRITE, op->pc);
        result = read_store(at, at->stores - 1, op->order);
        write_store(at, result - 1, op->order, true);
        break;
    }
    default:
        touch(op->address, op->size, ATOMIC_WRITE, op->pc);
        result = read_store(at, at->stores - 1, op->order);
        write_store(at, trim(modified(op->kind, result, op->operand), op->size), op->order, true);
        break;
    }
    self->hb.at[running]++;
    event->before = result;
    event->after = write ? at->store[at->stores - 1].value : result;
    event->print = (footprint_t){ .word = op->address, .size = (uint8_t)op->size, .write = write };
    return result;
}

/* Hands over to the scheduler; returns when it is this operation's turn. */
static void arrive(const operation_t *op)
{
    thread_t *const self = &threads[running];
    self->next = *op;
    if (running == MAIN)
        return;
    self->saved_errno = errno;
    if (_setjmp(self->here) == 0)
        leave();
    errno = self->saved_errno;
}

extern char wgi_annotate_on[]; /* annotate.h: an atomic flag that nobody writes after the start */

static uint64_t atomic(operation_t op, bool *success)
{
    bool ignored;
    if (op.address == (uintptr_t)wgi_annotate_on)
        return fetch(op.address, op.size);
    if (!modelling) { /* not part of any execution */
        const uint64_t old = fetch(op.address, op.size);
        if (op.kind != LOAD)
            put(op.address, op.size, trim(modified(op.kind, old, op.operand), op.size));
        return old;
    }
    arrive(&op);
    return perform(&op, success != NULL ? success : &ignored);
}

#define PC ((uintptr_t)__builtin_return_address(0) - 1)

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
            give_up("an exchange that orders when it fails: not modelled, and not for this library"); \
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
    give_up("a fence: not modelled, and not for this library");
}

#define PLAIN(bytes) \
    void __tsan_read##bytes(void *a); \
    void __tsan_read##bytes(void *a) \
    { \
        plain((uintptr_t)a, bytes, false, PC); \
    } \
    void __tsan_write##bytes(void *a); \
    void __tsan_write##bytes(void *a) \
    { \
        plain((uintptr_t)a, bytes, true, PC); \
    } \
    void __tsan_unaligned_read##bytes(void *a); \
    void __tsan_unaligned_read##bytes(void *a) \
    { \
        plain((uintptr_t)a, bytes, false, PC); \
    } \
    void __tsan_unaligned_write##bytes(void *a); \
    void __tsan_unaligned_write##bytes(void *a) \
    { \
        plain((uintptr_t)a, bytes, true, PC); \
    } \
    void __tsan_volatile_read##bytes(void *a); \
    void __tsan_volatile_read##bytes(void *a) \
    { \
        plain((uintptr_t)a, bytes, false, PC); \
    } \
    void __tsan_volatile_write##bytes(void *a); \
    void __tsan_volatile_write##bytes(void *a) \
    { \
        plain((uintptr_t)a, bytes, true, PC); \
    }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *a, size_t size);
void __tsan_read_range(void *a, size_t size)
{
    plain((uintptr_t)a, size, false, PC);
}

void __tsan_write_range(void *a, size_t size);
void __tsan_write_range(void *a, size_t size)
{
    plain((uintptr_t)a, size, true, PC);
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

/*
 * The system, as the library and the clients see it: the build renames these calls.
 */
void *wgx_malloc(size_t size);
void *wgx_malloc(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (arena_used + size + 16 > ARENA || block_count == MAX_BLOCKS)
        give_up("the arena is full");
    unsigned char *const start = arena + arena_used;
    arena_used += size + 16; /* with a gap that belongs to nobody; nothing is used twice */
    blocks[block_count++] = (range_t){ .start = (uintptr_t)start, .size = size };
    memset(start, 0xa5, size);
    return start;
}

void *wgx_calloc(size_t count, size_t size);
void *wgx_calloc(size_t count, size_t size)
{
    void *const block = wgx_malloc(count * size);
    plain((uintptr_t)block, count * size, true, PC);
    return memset(block, 0, count * size);
}

void wgx_free(void *block);
void wgx_free(void *block)
{
    for (unsigned i = 0; i < block_count; i++)
        if (blocks[i].start == (uintptr_t)block) {
            touch(blocks[i].start, blocks[i].size, FREE, PC);
            blocks[i].gone = true;
            return;
        }
    if (block != NULL)
        wgx_fail("free of what is no block");
}

void *wgx_memset(void *to, int byte, size_t size);
void *wgx_memset(void *to, int byte, size_t size)
{
    plain((uintptr_t)to, size, true, PC);
    return memset(to, byte, size);
}

void *wgx_memcpy(void *to, const void *from, size_t size);
void *wgx_memcpy(void *to, const void *from, size_t size)
{
    plain((uintptr_t)from, size, false, PC);
    plain((uintptr_t)to, size, true, PC);
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

int wgx_sched_yield(void);
int wgx_sched_yield(void)
{
    if (running == MAIN)
        give_up("setup and finish may not spin");
    arrive(&(operation_t){ .kind = YIELD, .address = threads[running].loaded, .size = 4, .pc = PC });
    return 0;
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

/* The look and the sleep are one step, as in the kernel. */
bool wgi_futex_wait(_Atomic uint32_t *word, uint32_t expected, bool shared, const struct timespec *deadline)
{
    (void)shared;
    thread_t *const self = &threads[running];
    operation_t op = { FUTEX_WAIT, (uintptr_t)word, 4, __ATOMIC_RELAXED, 0, expected, PC, deadline != NULL };
    if (running == MAIN)
        give_up("setup and finish may not sleep");
    arrive(&op);

    event_t *event = event_now();
    const location_t *const at = location_of(op.address, 4);
    touch(op.address, 4, ATOMIC_READ, op.pc);
    self->hb.at[running]++;
    event->before = event->after = at->store[at->stores - 1].value;
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
    arrive(&op);

    event = event_now();
    event->before = event->after = 0;
    event->stale = false;
    if (!self->asleep) { /* woken: no choice, and nobody else is concerned */
        event->note = "";
        event->print = (footprint_t){ 0 };
        return true;
    }
    self->asleep = false;
    event->print = (footprint_t){ .queue = op.address, .role = SLEEPER };
    const bool may_time_out = deadline != NULL, may_be_spurious = self->spurious > 0;
    const bool spurious = !may_time_out || (may_be_spurious && choose(2) == 1);
    if (spurious)
        self->spurious--;
    event->note = spurious ? " for no reason" : ", timed out";
    return spurious;
}

/* Any n of the sleepers: the kernel promises no order. */
void wgi_futex_wake(_Atomic uint32_t *word, uint32_t n, bool shared)
{
    (void)shared;
    if (running == MAIN)
        return; /* nobody sleeps before and after the threads */
    arrive(&(operation_t){ FUTEX_WAKE, (uintptr_t)word, 4, __ATOMIC_RELAXED, n, 0, PC, false });
    event_t *const event = event_now();
    unsigned set = 0, count = 0, ways = 0, ways_of[1 << WGX_THREADS];
    for (unsigned t = 0; t < thread_count; t++)
        if (threads[t].asleep && threads[t].next.address == (uintptr_t)word) {
            set |= 1u << t;
            count++;
        }
    const unsigned wake = n < count ? n : count;
    for (unsigned subset = 0; subset <= set; subset++)
        if ((subset & ~set) == 0 && (unsigned)__builtin_popcount(subset) == wake)
            ways_of[ways++] = subset;
    const unsigned woken = ways_of[choose(ways)];
    for (unsigned t = 0; t < thread_count; t++)
        if ((woken >> t & 1) != 0) {
            threads[t].asleep = false;
            threads[t].next.kind = FUTEX_WOKEN;
            threads[t].woken_by = (int)step_now;
        }
    threads[running].hb.at[running]++;
    event->before = n;
    event->after = woken;
    event->stale = false;
    event->note = "";
    event->print = (footprint_t){ .queue = (uintptr_t)word, .role = count == 0 ? WAKE_NONE : WAKE_SOME };
}

/*
 * Panics
 */
static void on_panic(const wg_t *wg, wg_misuse_t what, const char *message)
{
    (void)wg;
    panic_set |= WGX_MISUSE(what);
    panic_count++;
    if ((client->panics & WGX_MISUSE(what)) == 0) {
        char text[400];
        (void)snprintf(text, sizeof text, "panic in T%u that this program does not deserve: %s", running, message);
        wgx_fail(text);
    }
    if (running == MAIN)
        wgx_fail("panic in setup or finish");
    threads[running].finished = threads[running].panicked = true; /* as by longjmp out of the handler */
    leave();
}

unsigned wgx_panicked(void)
{
    return panic_set;
}

unsigned wgx_panics(void)
{
    return panic_count;
}

bool wgx_finished(unsigned thread)
{
    return threads[thread].finished && !threads[thread].panicked;
}

bool wgx_step(const void *word, unsigned number, wgx_step_t *step)
{
    for (unsigned i = 0; i < steps; i++) {
        const event_t *const event = &node[i].event;
        if (event->print.word != (uintptr_t)word || event->op.kind == YIELD || event->op.kind == FUTEX_WAIT)
            continue;
        if (number-- == 0) {
            *step = (wgx_step_t){ .thread = node[i].thread,
                                  .load = event->op.kind == LOAD,
                                  .write = event->print.write,
                                  .before = event->before,
                                  .after = event->after };
            return true;
        }
    }
    return false;
}

void wgx_name(const void *start, size_t size, const char *name)
{
    if (name_count == MAX_NAMES)
        give_up("too many names");
    names[name_count++] = (range_t){ .start = (uintptr_t)start, .size = size, .name = name };
}

/* A call of no function, or a pointer to nowhere: a finding, too. */
static void on_crash(int number)
{
    if (!modelling) {
        (void)signal(number, SIG_DFL);
        (void)raise(number);
    }
    wgx_fail(number == SIGSEGV ? "crash: segmentation fault" : "crash");
}

static void catch_crashes(void)
{
    const struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_NODEFER };
    if (sigaction(SIGSEGV, &action, NULL) != 0 || sigaction(SIGBUS, &action, NULL) != 0)
        give_up("sigaction");
}

/*
 * The scheduler
 */
static void coroutine(void)
{
    /* Entered once by swapcontext; every execution starts again from here, as nothing is left on the stack. */
    if (_setjmp(threads[running].base) == 0)
        (void)swapcontext(&threads[running].context, &threads[MAIN].context);
    modelling = true;
    client->thread[running]();
    threads[running].finished = true;
    leave();
}

static void resume(unsigned t, jmp_buf where)
{
    running = t;
    modelling = true;
    if (_setjmp(scheduler) == 0)
        _longjmp(where, 1);
    modelling = false;
    running = MAIN;
}

static footprint_t possible(const thread_t *t)
{
    const operation_t *const op = &t->next;
    footprint_t print = { .word = op->address, .size = (uint8_t)op->size };
    switch (op->kind) {
    case LOAD:
    case AWAIT:
    case YIELD:
        break;
    case FUTEX_WAIT:
        print.queue = op->address;
        break;
    case FUTEX_SLEEP:
        print = (footprint_t){ .queue = op->address };
        break;
    case FUTEX_WOKEN:
        print = (footprint_t){ 0 };
        break;
    case FUTEX_WAKE:
        print = (footprint_t){ .queue = op->address, .role = WAKE_SOME };
        break;
    default:
        print.write = true;
    }
    return print;
}

static bool enabled(const thread_t *t)
{
    const operation_t *const op = &t->next;
    if (t->finished)
        return false;
    switch (op->kind) {
    case AWAIT:
        return fetch(op->address, 4) == op->expected;
    case TAKE:
        return op->timed || fetch(op->address, 4) != 0;
    case YIELD:
        return op->address != 0 && location_of(op->address, 4)->stores != t->loaded_store + 1;
    case FUTEX_SLEEP:
        return op->timed || t->spurious > 0;
    default:
        return true;
    }
}

static bool blocking(kind_t kind)
{
    return kind == AWAIT || kind == TAKE || kind == YIELD;
}

static unsigned enabled_set(void)
{
    unsigned set = 0;
    for (unsigned t = 0; t < thread_count; t++)
        if (enabled(&threads[t]))
            set |= 1u << t;
    return set;
}

/* Step j and a later step i are in a race: let some execution do i first. */
static void reverse(unsigned j, unsigned i)
{
    unsigned initials = 0, members = 0;
    unsigned member[MAX_STEPS];
    for (unsigned k = j + 1; k <= i; k++) {
        const vclock_t *const past = &node[k].event.past;
        if (k != i && past->at[node[j].thread] > j)
            continue; /* after j */
        const unsigned t = node[k].thread;
        bool first = true;
        for (unsigned m = 0; m < members && first; m++)
            first = past->at[node[member[m]].thread] <= member[m];
        if (first)
            initials |= 1u << t;
        member[members++] = k;
    }
    initials &= node[j].enabled;
    if (initials == 0 || (initials & (node[j].backtrack | node[j].done | node[j].sleep)) != 0)
        return;
    node[j].backtrack |= initials & -initials;
}

/* Step i has run: which steps were before it, and with which of those is it in a race? */
static void note_past(unsigned i, int previous, int woken_by)
{
    event_t *const event = &node[i].event;
    const unsigned t = node[i].thread;
    vclock_t past = { { 0 } };
    if (previous >= 0)
        past = node[previous].event.past;
    if (woken_by >= 0)
        join(&past, &node[woken_by].event.past);
    const vclock_t own = past;
    unsigned races[MAX_STEPS], count = 0;
    for (unsigned j = i; j-- > 0;) {
        if (node[j].thread == t || !dependent(&node[j].event.print, &event->print))
            continue;
        const bool direct = past.at[node[j].thread] <= j;
        if (direct || (blocking(event->op.kind) && own.at[node[j].thread] <= j))
            races[count++] = j;
        join(&past, &node[j].event.past);
    }
    event->past = past;
    event->past.at[t] = (uint16_t)(i + 1);
    if (search == EXHAUSTIVE)
        for (unsigned r = 0; r < count; r++) {
            /* In 'past' of i are, besides its own, those that come by j itself: reverse() needs those without. */
            const vclock_t full = event->past;
            vclock_t without = own;
            for (unsigned k = i; k-- > 0;)
                if (node[k].thread != t && without.at[node[k].thread] <= k && k > races[r] &&
                    node[k].event.past.at[node[races[r]].thread] <= races[r] &&
                    dependent(&node[k].event.print, &event->print))
                    join(&without, &node[k].event.past);
            event->past = without;
            reverse(races[r], i);
            event->past = full;
        }
}

typedef enum outcome { COMPLETE, CUT, FAILED } outcome_t;

static void reset_world(void)
{
    execution_number++;
    location_count = name_count = block_count = 0;
    arena_used = 0;
    panic_set = panic_count = 0;
    failed = false;
    failure[0] = failure_pcs[0][0] = failure_pcs[1][0] = '\0';
    for (unsigned t = 0; t < SLOTS; t++) {
        thread_t *const self = &threads[t];
        self->finished = self->panicked = self->asleep = false;
        self->last_step = self->woken_by = -1;
        self->spurious = client->spurious;
        self->weak_cas = client->weak_cas;
        self->stale = client->stale;
        self->loaded = 0;
        self->saved_errno = 0;
        memset(&self->hb, 0, sizeof self->hb);
        self->hb.at[t] = 1;
    }
}

static void prepare_coroutines(void)
{
    for (volatile unsigned i = 0; i < thread_count; i++) {
        const unsigned t = i;
        if (threads[t].started)
            continue;
        if (getcontext(&threads[t].context) != 0)
            give_up("getcontext");
        threads[t].context.uc_stack.ss_sp = threads[t].stack;
        threads[t].context.uc_stack.ss_size = STACK;
        makecontext(&threads[t].context, coroutine, 0);
        running = t;
        (void)swapcontext(&threads[MAIN].context, &threads[t].context);
        running = MAIN;
        threads[t].started = true;
    }
}

static void take_client(const wgx_client_t *which)
{
    client = which;
    for (thread_count = 0; thread_count < WGX_THREADS && client->thread[thread_count] != NULL; thread_count++)
        continue;
    prepare_coroutines();
}

/* Runs a function of the client outside its threads.  False: it failed. */
static bool run_main(void (*function)(void))
{
    if (function == NULL)
        return true;
    modelling = true;
    if (_setjmp(threads[MAIN].base) == 0)
        function();
    modelling = false;
    return !failed;
}

static unsigned costs(unsigned i, unsigned t)
{
    /* A preemption: the thread before could have gone on. */
    return i > 0 && node[i - 1].thread != t && (node[i].enabled >> node[i - 1].thread & 1) != 0;
}

static bool may_run(unsigned i, unsigned t)
{
    const unsigned before = i == 0 ? 0 : node[i - 1].cost + (node[i - 1].choice != 0);
    return search != BOUNDED || before + costs(i, t) <= bound;
}

static unsigned first_of(unsigned set, unsigned i)
{
    if (i > 0 && (set >> node[i - 1].thread & 1) != 0)
        return node[i - 1].thread;
    return (unsigned)__builtin_ctz(set);
}

static outcome_t execute(void)
{
    reset_world();
    if (!run_main(client->setup))
        return FAILED;
    for (unsigned t = 0; t < thread_count && !failed; t++) {
        join(&threads[t].hb, &threads[MAIN].hb);
        resume(t, threads[t].base);
    }

    unsigned i = 0;
    bool cut = false;
    for (; !failed; i++) {
        const unsigned able = enabled_set();
        if (able == 0)
            break;
        if (i == MAX_STEPS || (search == BOUNDED && i >= length_limit)) {
            if (search == BOUNDED) {
                cut = true;
                break;
            }
            (void)snprintf(failure, sizeof failure, "no end: somebody loops for ever");
            failed = true;
            break;
        }
        node_t *const n = &node[i];
        const bool given = i < depth;
        const bool known = search != REPLAY && i + 1 < depth; /* nothing new is learnt from it */
        if (!given) {
            if (search == REPLAY) {
                cut = true;
                break;
            }
            n->choice = 0;
            n->done = 0;
            n->enabled = able;
            if (search != BOUNDED) {
                n->sleep = 0;
                if (i > 0)
                    for (unsigned t = 0; t < thread_count; t++)
                        if (((node[i - 1].sleep | node[i - 1].done) >> t & 1) != 0 && (able >> t & 1) != 0) {
                            const footprint_t print = possible(&threads[t]);
                            const bool woken =
                                threads[t].woken_by == (int)i - 1; /* then what it could have done is over */
                            if (t != node[i - 1].thread && !woken && !dependent(&print, &node[i - 1].event.print))
                                n->sleep |= 1u << t;
                        }
                const unsigned awake = able & ~n->sleep;
                if (awake == 0) {
                    cut = true;
                    break;
                }
                n->thread = first_of(awake, i);
                n->backtrack = search == SLEEP_ONLY ? able : 1u << n->thread;
            } else {
                n->sleep = 0;
                n->backtrack = 0;
                for (unsigned t = 0; t < thread_count; t++)
                    if ((able >> t & 1) != 0 && may_run(i, t))
                        n->backtrack |= 1u << t;
                if (n->backtrack == 0) {
                    cut = true;
                    break;
                }
                n->thread = first_of(n->backtrack, i);
            }
        }
        if (!known)
            n->choices = 1;
        n->enabled = able;
        n->cost = i == 0 ? 0 : node[i - 1].cost + (node[i - 1].choice != 0) + costs(i, n->thread);
        thread_t *const self = &threads[n->thread];
        if (!enabled(self))
            give_up("this schedule runs a thread that cannot run");
        const int woken_by = self->woken_by, previous = self->last_step;
        self->woken_by = -1;
        self->last_step = (int)i;
        n->event.op = self->next;
        step_now = i;
        n->event.print = possible(self);
        n->event.before = n->event.after = 0;
        n->event.note = "";
        n->event.stale = false;
        steps = i + 1;
        resume(n->thread, self->here);
        if (known)
            continue;
        note_past(i, previous, woken_by);
        if (search == EXHAUSTIVE && !failed)
            for (unsigned t = 0; t < thread_count; t++)
                if (t != n->thread && (able >> t & 1) != 0 &&
                    (!enabled(&threads[t]) || threads[t].woken_by == (int)i) && (n->sleep >> t & 1) == 0)
                    n->backtrack |= 1u << t; /* what it could have done is over */
    }
    steps = i;
    if (failed)
        return FAILED;
    depth = i;
    if (cut)
        return CUT;

    bool all = true;
    char stuck[128] = "";
    for (unsigned t = 0; t < thread_count; t++)
        if (!threads[t].finished) {
            char word[64];
            all = false;
            (void)snprintf(stuck + strlen(stuck), sizeof stuck - strlen(stuck), " T%u (%s %s)", t,
                           threads[t].asleep ? "asleep on" : "waits for", describe(threads[t].next.address, word));
        }
    if (!all && panic_count == 0) {
        (void)snprintf(failure, sizeof failure, "for ever:%s", stuck);
        return FAILED;
    }
    if (client->must_panic && panic_count == 0) {
        (void)snprintf(failure, sizeof failure, "a misuse passed silently");
        return FAILED;
    }
    for (unsigned t = 0; t < thread_count; t++)
        join(&threads[MAIN].hb, &threads[t].hb);
    if (panic_count == 0 && !run_main(client->finish))
        return FAILED;
    return run_main(client->judge) ? COMPLETE : FAILED;
}

/* The next execution of the search.  False: there is none. */
static bool next(void)
{
    while (depth > 0) {
        node_t *const n = &node[depth - 1];
        const unsigned i = depth - 1;
        if (n->choice + 1 < n->choices && (search != BOUNDED || n->cost + 1 <= bound)) {
            n->choice++;
            return true;
        }
        n->done |= 1u << n->thread;
        const unsigned left = n->backtrack & ~n->done & ~n->sleep;
        if (left != 0) {
            n->thread = first_of(left, i);
            n->choice = 0;
            n->choices = 1;
            return true;
        }
        depth--;
    }
    return false;
}

/*
 * The explorer's own proof: the classes of executions that the reduced search sees
 * are those that the unreduced one sees.
 */
enum { CLASSES = 1 << 20 };
static uint64_t class_of[2][CLASSES];
static unsigned long class_count[2];

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

/* The same for executions that differ only in the order of independent steps. */
static uint64_t class_now(void)
{
    uint64_t sum = 1;
    unsigned ordinal[MAX_STEPS], count[WGX_THREADS] = { 0 };
    for (unsigned i = 0; i < steps; i++) {
        const event_t *const event = &node[i].event;
        ordinal[i] = ++count[node[i].thread];
        uint64_t hash = mix(node[i].thread, ordinal[i]);
        for (unsigned t = 0; t < thread_count; t++)
            hash = mix(hash, event->past.at[t] == 0 ? 0 : ordinal[event->past.at[t] - 1]);
        hash = mix(mix(mix(hash, event->before), event->after), (uint64_t)event->stale);
        hash = mix(mix(hash, event->op.kind), event->note == NULL ? 0 : (uintptr_t)event->note);
        sum += mix(hash, 1);
    }
    return sum | 1;
}

static void note_class(unsigned which)
{
    const uint64_t hash = class_now();
    size_t at = hash % CLASSES;
    while (class_of[which][at] != 0) {
        if (class_of[which][at] == hash)
            return;
        at = (at + 1) % CLASSES;
    }
    class_of[which][at] = hash;
    if (++class_count[which] > CLASSES / 2)
        give_up("too many classes");
}

static bool has_class(unsigned which, uint64_t hash)
{
    for (size_t at = hash % CLASSES; class_of[which][at] != 0; at = (at + 1) % CLASSES)
        if (class_of[which][at] == hash)
            return true;
    return false;
}

/* True: the searches agree.  Where the unreduced one is too long, sleep sets alone stand in for it. */
static bool compare_searches(unsigned long max)
{
    static const search_t with[2] = { BOUNDED, EXHAUSTIVE };
    unsigned long executions[2] = { 0, 0 };
    const char *against = "unreduced";
    memset(class_of, 0, sizeof class_of);
    class_count[0] = class_count[1] = 0;
    bound = UINT_MAX;
    length_limit = MAX_STEPS;
    search = with[0];
    for (unsigned which = 0; which < 2; which++) {
        depth = 0;
        do {
            if (which == 0 && executions[0] == max) {
                if (search == SLEEP_ONLY) {
                    (void)printf("%-24s too large to compare\n", client->name);
                    return true;
                }
                search = SLEEP_ONLY;
                against = "by sleep sets";
                memset(class_of, 0, sizeof class_of);
                class_count[0] = executions[0] = 0;
                depth = 0;
                continue;
            }
            const outcome_t outcome = execute();
            if (outcome == FAILED) {
                (void)printf("%-24s FAILED: %s\n", client->name, failure);
                return false;
            }
            if (outcome == COMPLETE) {
                executions[which]++;
                note_class(which);
            }
        } while (depth == 0 || next());
        search = with[1];
    }
    unsigned long missing = 0;
    for (size_t i = 0; i < CLASSES; i++)
        missing += class_of[0][i] != 0 && !has_class(1, class_of[0][i]);
    (void)printf("%-24s %8lu executions %s, %6lu reduced, %6lu classes, %lu missed\n", client->name, executions[0],
                 against, executions[1], class_count[0], missing);
    (void)fflush(stdout);
    return missing == 0 && class_count[0] == class_count[1];
}

/*
 * Reports
 */
static void print_source(const char *pc)
{
    char command[256], line[512];
    (void)fflush(stdout);
    (void)snprintf(command, sizeof command, "addr2line -f -i -p -s -e /proc/%ld/exe %s", (long)getpid(), pc);
    FILE *const pipe = popen(command, "r");
    const char *between = "";
    while (pipe != NULL && fgets(line, sizeof line, pipe) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const char *const text = strncmp(line, " (inlined by) ", 14) == 0 ? line + 14 : line;
        (void)printf("%s%s", between, text);
        between = " < ";
    }
    if (pipe != NULL)
        (void)pclose(pipe);
}

static const char *order_name(int order)
{
    static const char *const text[] = { "relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst" };
    return text[order];
}

static void print_trace(void)
{
    for (unsigned i = 0; i < steps; i++) {
        const event_t *const event = &node[i].event;
        const operation_t *const op = &event->op;
        char where[64], what[256], pc[32];
        (void)describe(op->address, where);
        switch (op->kind) {
        case LOAD:
        case AWAIT:
            (void)snprintf(what, sizeof what, "%s %s %s = %#llx%s", kind_names[op->kind], order_name(op->order), where,
                           (unsigned long long)event->before, event->stale ? " (stale)" : "");
            break;
        case YIELD:
        case FUTEX_WAIT:
        case FUTEX_SLEEP:
        case FUTEX_WOKEN:
            (void)snprintf(what, sizeof what, "%s %s%s", kind_names[op->kind], where, event->note);
            break;
        case FUTEX_WAKE:
            (void)snprintf(what, sizeof what, "%s %s, at most %llu, set of woken threads %#llx", kind_names[op->kind],
                           where, (unsigned long long)event->before, (unsigned long long)event->after);
            break;
        default:
            (void)snprintf(what, sizeof what, "%s %s %s: %#llx -> %#llx%s%s", kind_names[op->kind],
                           order_name(op->order), where, (unsigned long long)event->before,
                           (unsigned long long)event->after, event->note, event->stale ? " (stale)" : "");
        }
        (void)printf("  %3u  T%u  %-72s  ", i + 1, node[i].thread, what);
        (void)snprintf(pc, sizeof pc, "0x%zx", (size_t)op->pc);
        print_source(pc);
        (void)printf("\n");
    }
}

/* A schedule as text: one digit per step, the thread; a letter behind it, its choice if not the first. */
static void schedule_text(char text[2 * MAX_STEPS + 1])
{
    for (unsigned i = 0; i < steps; i++) {
        *text++ = (char)('0' + node[i].thread);
        if (node[i].choice != 0)
            *text++ = (char)('a' + node[i].choice - 1);
    }
    *text = '\0';
}

static bool read_schedule(const char *text)
{
    depth = 0;
    for (; *text != '\0'; text++) {
        if (*text >= 'a' && *text <= 'z' && depth > 0) {
            node[depth - 1].choice = (unsigned)(*text - 'a') + 1;
        } else if (*text >= '0' && *text < '0' + (char)WGX_THREADS && depth < MAX_STEPS) {
            node[depth].thread = (unsigned)(*text - '0');
            node[depth].choice = 0;
            depth++;
        } else {
            return false;
        }
    }
    return true;
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *schedule)
{
    search = REPLAY;
    if (!read_schedule(schedule))
        give_up("what is that schedule?");
    const outcome_t outcome = execute();
    print_trace();
    if (outcome == FAILED) {
        (void)printf("  %s\n", failure);
        for (int i = 0; i < 2; i++)
            if (failure_pcs[i][0] != '\0') {
                (void)printf("    %s at ", i == 0 ? "this" : "that");
                print_source(failure_pcs[i]);
                (void)printf("\n");
            }
    } else {
        (void)printf("  %s\n", outcome == CUT ? "the schedule ends before the program" : "no failure");
    }
}

/* Looks for a failure with fewer preemptions and fewer steps than the one found. */
static void shorten(char best[2 * MAX_STEPS + 1], unsigned best_steps, unsigned long limit)
{
    const double start = seconds();
    bool found = false;
    search = BOUNDED;
    length_limit = MAX_STEPS;
    for (bound = 0; bound <= 4 && !found; bound++) {
        unsigned long executions = 0;
        depth = 0;
        do {
            if (execute() == FAILED) {
                if (!found || steps < best_steps) {
                    best_steps = steps;
                    schedule_text(best);
                }
                found = true;
                length_limit = best_steps > 1 ? best_steps - 1 : 1;
                depth = steps;
            }
            executions++;
        } while (next() && executions < limit && seconds() - start < 20);
    }
}

/* True: the client passed. */
static bool explore(unsigned long max, bool brief)
{
    const double start = seconds();
    unsigned long complete = 0, cut = 0;
    search = EXHAUSTIVE;
    depth = 0;
    do {
        const outcome_t outcome = execute();
        if (outcome == CUT) {
            cut++;
            continue;
        }
        complete++;
        if (outcome == FAILED) {
            char schedule[2 * MAX_STEPS + 1];
            schedule_text(schedule);
            (void)printf("%-24s FAILED after %lu executions: %s\n", client->name, complete, failure);
            if (brief)
                return false;
            shorten(schedule, steps, 300000);
            (void)printf("  shortest failing schedule found (%s):\n", client->what);
            report(schedule);
            (void)printf("  again: --client %s --replay %s\n", client->name, schedule);
            return false;
        }
        if (complete + cut >= max) {
            (void)printf("%-24s STOPPED after %lu executions: not all were seen\n", client->name, complete);
            return false;
        }
    } while (next());
    (void)printf("%-24s %9lu executions, %8lu cut, %6.1f s\n", client->name, complete, cut, seconds() - start);
    (void)fflush(stdout);
    return true;
}

int main(int argc, char **argv)
{
    const char *wanted[64], *replay = NULL;
    unsigned wants = 0;
    unsigned long max = 100000000ul;
    bool brief = false, large = false, compare = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--list") == 0) {
            for (const wgx_client_t *const *c = wgx_clients; *c != NULL; c++)
                (void)printf("%s%s: %s\n", (*c)->name, (*c)->large ? " (large)" : "", (*c)->what);
            return 0;
        } else if (strcmp(argv[i], "--brief") == 0) {
            brief = true;
        } else if (strcmp(argv[i], "--compare") == 0) {
            compare = true;
        } else if (strcmp(argv[i], "--large") == 0) {
            large = true;
        } else if (i + 1 < argc && strcmp(argv[i], "--client") == 0 && wants < 64) {
            wanted[wants++] = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--replay") == 0) {
            replay = argv[++i];
        } else if (i + 1 < argc && strcmp(argv[i], "--max") == 0) {
            max = strtoul(argv[++i], NULL, 10);
        } else {
            (void)fprintf(stderr,
                          "usage: %s [--list] [--large] [--brief] [--compare] [--max EXECUTIONS] "
                          "[--client NAME [--replay SCHEDULE]]...\n",
                          argv[0]);
            return 2;
        }
    }
    catch_crashes();
    (void)wg_set_panic_handler(on_panic);

    unsigned ran = 0, bad = 0;
    for (const wgx_client_t *const *c = wgx_clients; *c != NULL; c++) {
        bool run = wants == 0 && (large || !(*c)->large);
        for (unsigned w = 0; w < wants; w++)
            run = run || strcmp(wanted[w], (*c)->name) == 0;
        if (!run)
            continue;
        ran++;
        take_client(*c);
        if (compare) {
            bad += !compare_searches(max);
        } else if (replay != NULL) {
            report(replay);
            bad += failure[0] != '\0';
        } else {
            bad += !explore(max, brief);
        }
    }
    if (ran == 0 || ran < wants)
        give_up("no such client");
    return bad == 0 ? 0 : 1;
}
