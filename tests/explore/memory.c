/* SPDX-License-Identifier: 0BSD */
/*
 * memory.c: what an access may read, and what must be ordered.
 *
 * Each thread and each store has a vector clock.  An acquire joins the clock of the
 * store that it reads.  A release stores the clock of its thread.  A read-modify-write
 * keeps the clock of the store that it overwrites; a plain store drops it.  Two accesses
 * must be ordered if one of them writes and not both are atomic.  free() counts as a
 * write.
 *
 * With 'stale' a load may return any older store that coherence and happens-before
 * allow.  A read-modify-write takes the newest.  If all stores of several threads are
 * read-modify-writes, as in the library, this is all of RC11.
 */
#include "runtime.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_LOCATIONS = 64,
    MAX_STORES = 160,
    ARENA = 8192,
    MAX_BLOCKS = 16,
    MAX_NAMES = 32,
    MAX_LENT = 8,
};

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
static range_t lent[MAX_LENT]; /* parts of the threads' stacks that other threads may touch for a time */
static unsigned lent_count;

const char *rt_describe(uintptr_t address, char text[64])
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
 * Plain and atomic accesses: checks that they are ordered.
 */
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
    rt_give_up("too much memory in use");
}

static const range_t *find(const range_t *ranges, unsigned count, uintptr_t address)
{
    while (count-- > 0) /* the newest first, since a stack is reused */
        if (address - ranges[count].start < ranges[count].size)
            return &ranges[count];
    return NULL;
}

/* Only blocks of the arena and lent parts of stacks can be gone.  All other memory is static variables. */
static void check_alive(uintptr_t address, size_t size, const char *what, uintptr_t pc)
{
    const range_t *range;
    if (address - (uintptr_t)arena < ARENA)
        range = find(blocks, block_count, address);
    else if (address - (uintptr_t)rt_threads < sizeof rt_threads)
        range = find(lent, lent_count, address);
    else
        return;
    const bool inside = range != NULL && address + size <= range->start + range->size;
    if (inside && !range->gone)
        return;
    char text[64];
    rt_modelling = false;
    (void)snprintf(rt_failure, sizeof rt_failure, "%s %s: %s, by T%u", what,
                   inside ? "of freed memory" : "outside any block", rt_describe(address, text), rt_running);
    (void)snprintf(rt_failure_pcs[0], sizeof rt_failure_pcs[0], "0x%zx", (size_t)pc);
    rt_end_execution();
}

static bool conflict(unsigned a, unsigned b)
{
    static const bool writes[] = { false, true, false, true, true };
    const bool both_atomic = (a == ATOMIC_READ || a == ATOMIC_WRITE) && (b == ATOMIC_READ || b == ATOMIC_WRITE);
    return !both_atomic && (writes[a] || writes[b]);
}

static bool private_memory(uintptr_t address)
{
    if (address - (uintptr_t)&errno < sizeof errno)
        return true;
    if (rt_running == MAIN || address - (uintptr_t)rt_threads[rt_running].stack >= STACK)
        return false;
    const range_t *const range = find(lent, lent_count, address);
    return range == NULL || range->gone;
}

void rt_touch(uintptr_t address, size_t size, unsigned what, uintptr_t pc)
{
    if (private_memory(address))
        return;
    check_alive(address, size, access_names[what], pc);
    const vclock_t *const hb = &rt_threads[rt_running].hb;
    for (uintptr_t at = address; at < address + size; at++) {
        cell_t *const cell = &granule_of(at)->cell[at & 7];
        for (unsigned other = 0; other < ACCESSES; other++) {
            if (!conflict(what, other))
                continue;
            for (unsigned slot = 0; slot < SLOTS; slot++)
                if (slot != rt_running && cell->epoch[other][slot] > hb->at[slot]) {
                    char text[64];
                    rt_modelling = false;
                    (void)snprintf(rt_failure, sizeof rt_failure,
                                   "data race on %s: %s by T%u, not ordered after %s by T%u", rt_describe(at, text),
                                   access_names[what], rt_running, access_names[other], slot);
                    (void)snprintf(rt_failure_pcs[0], sizeof rt_failure_pcs[0], "0x%zx", (size_t)pc);
                    (void)snprintf(rt_failure_pcs[1], sizeof rt_failure_pcs[1], "0x%zx", (size_t)cell->pc[other][slot]);
                    rt_end_execution();
                }
        }
        cell->epoch[what][rt_running] = hb->at[rt_running];
        cell->pc[what][rt_running] = (uint32_t)pc;
    }
}

static void forget_atomics(uintptr_t address, size_t size)
{
    /* A plain write ends the atomic object that was there.  The next access starts a new history. */
    for (unsigned i = 0; i < location_count; i++)
        if (locations[i].address < address + size && address < locations[i].address + locations[i].size)
            locations[i].stores = locations[i].accesses = 0;
}

void rt_plain(uintptr_t address, size_t size, bool write, uintptr_t pc)
{
    if (!rt_modelling)
        return;
    rt_touch(address, size, write ? WRITE : READ, pc);
    if (write)
        forget_atomics(address, size);
}

/*
 * Atomic memory
 */
uint64_t rt_fetch(uintptr_t address, unsigned size)
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

void rt_put(uintptr_t address, unsigned size, uint64_t value)
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

uint64_t rt_trim(uint64_t value, unsigned size)
{
    return size == 8 ? value : value & (((uint64_t)1 << (size * 8)) - 1);
}

static location_t *location_of(uintptr_t address, unsigned size)
{
    location_t *at = NULL;
    for (unsigned i = 0; i < location_count && at == NULL; i++)
        if (locations[i].address == address) {
            at = &locations[i];
            if (at->size != size && at->stores != 0)
                rt_give_up("one atomic object, two sizes");
            at->size = size;
        }
    if (at == NULL) {
        if (location_count == MAX_LOCATIONS)
            rt_give_up("too many atomic objects");
        at = &locations[location_count++];
        at->address = address;
        at->size = size;
        at->stores = at->accesses = 0;
    }
    if (at->stores == 0) {
        at->store[0] = (store_t){ .value = rt_fetch(address, size), .slot = MAIN };
        at->stores = 1;
    }
    return at;
}

unsigned rt_stores(uintptr_t address, unsigned size)
{
    return location_of(address, size)->stores;
}

void rt_reset_memory(void)
{
    execution_number++;
    location_count = name_count = block_count = lent_count = 0;
    arena_used = 0;
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
        rt_give_up("too many accesses");
    at->access[at->accesses++] = (access_t){ .slot = (uint16_t)rt_running,
                                             .epoch = rt_threads[rt_running].hb.at[rt_running],
                                             .store = (uint16_t)store };
}

/* The oldest store that this thread may still read. */
static unsigned oldest_readable(const location_t *at)
{
    unsigned oldest = 0;
    for (unsigned i = 0; i < at->accesses; i++)
        if (at->access[i].epoch <= rt_threads[rt_running].hb.at[at->access[i].slot] && at->access[i].store > oldest)
            oldest = at->access[i].store;
    return oldest;
}

static uint64_t read_store(location_t *at, unsigned store, int order)
{
    if (acquires(order))
        rt_join(&rt_threads[rt_running].hb, &at->store[store].release);
    note_access(at, store);
    rt_threads[rt_running].loaded = at->address;
    rt_threads[rt_running].loaded_size = at->size;
    rt_threads[rt_running].loaded_store = store;
    return at->store[store].value;
}

static void write_store(location_t *at, uint64_t value, int order, bool modify)
{
    if (at->stores == MAX_STORES)
        rt_give_up("too many stores");
    store_t *const store = &at->store[at->stores];
    *store =
        (store_t){ .value = value, .slot = (uint16_t)rt_running, .epoch = rt_threads[rt_running].hb.at[rt_running] };
    if (modify)
        store->release = at->store[at->stores - 1].release;
    if (releases(order))
        rt_join(&store->release, &rt_threads[rt_running].hb);
    note_access(at, at->stores++);
    rt_put(at->address, at->size, value);
}

uint64_t rt_modified(kind_t kind, uint64_t old, uint64_t operand)
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

/*
 * A load, or a failed exchange: which store does it read?  The newest comes first.
 * Stores of the value 'except' are left out.
 */
static unsigned pick_store(const location_t *at, bool has_except, uint64_t except, unsigned extra, unsigned *choice)
{
    unsigned list[MAX_STORES], n = 0;
    list[n++] = at->stores - 1;
    if (rt_running != MAIN && rt_threads[rt_running].stale > 0) {
        const unsigned oldest = oldest_readable(at);
        for (unsigned i = at->stores - 1; i-- > oldest;)
            if (!has_except || at->store[i].value != except)
                list[n++] = i;
    }
    *choice = rt_choose(n + extra);
    if (*choice > 0 && *choice < n)
        rt_threads[rt_running].stale--;
    return *choice < n ? list[*choice] : at->stores - 1;
}

/* Runs the atomic operation that this thread has come to.  Returns what it read. */
uint64_t rt_perform(const operation_t *op, bool *success)
{
    event_t *const event = rt_event_now();
    thread_t *const self = &rt_threads[rt_running];
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
        rt_touch(op->address, op->size, ATOMIC_READ, op->pc);
        result = read_store(at, store, op->order);
        write = false;
        break;
    }
    case STORE:
        rt_touch(op->address, op->size, ATOMIC_WRITE, op->pc);
        write_store(at, op->operand, op->order, false);
        break;
    case CAS_STRONG:
    case CAS_WEAK: {
        const bool equal = result == op->expected;
        const bool may_fail = equal && op->kind == CAS_WEAK && self->weak_cas > 0 && rt_running != MAIN;
        const unsigned store = pick_store(at, true, op->expected, may_fail, &choice);
        event->stale = store + 1 != at->stores;
        const bool for_no_reason = may_fail && choice != 0 && !event->stale;
        if (equal && !event->stale && !for_no_reason) {
            rt_touch(op->address, op->size, ATOMIC_WRITE, op->pc);
            result = read_store(at, store, op->order);
            write_store(at, op->operand, op->order, true);
            break;
        }
        rt_touch(op->address, op->size, ATOMIC_READ, op->pc);
        /* Failed exchanges in the library are all relaxed.  A stronger order would only hide a finding. */
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
        rt_touch(op->address, op->size, ATOMIC_READ, op->pc);
        result = read_store(at, at->stores - 1, op->order);
        write = false;
        break;
    case TAKE: {
        /* May time out though a token is there. */
        const bool out = result == 0 || (op->timed && rt_choose(2) == 1);
        if (out) {
            rt_touch(op->address, op->size, ATOMIC_READ, op->pc);
            result = read_store(at, at->stores - 1, __ATOMIC_RELAXED);
            event->note = ", timed out";
            *success = write = false;
            break;
        }
        rt_touch(op->address, op->size, ATOMIC_WRITE, op->pc);
        result = read_store(at, at->stores - 1, op->order);
        write_store(at, result - 1, op->order, true);
        break;
    }
    default:
        rt_touch(op->address, op->size, ATOMIC_WRITE, op->pc);
        result = read_store(at, at->stores - 1, op->order);
        write_store(at, rt_trim(rt_modified(op->kind, result, op->operand), op->size), op->order, true);
        break;
    }
    self->hb.at[rt_running]++;
    event->before = result;
    event->after = write ? at->store[at->stores - 1].value : result;
    event->print = (footprint_t){ .word = op->address, .size = (uint8_t)op->size, .write = write };
    return result;
}

/*
 * Memory, as the library and the clients see it: rename.h sends their calls here.
 */
void *wgx_malloc(size_t size);
void *wgx_malloc(size_t size)
{
    size = (size + 15) & ~(size_t)15;
    if (arena_used + size + 16 > ARENA || block_count == MAX_BLOCKS)
        rt_give_up("the arena is full");
    unsigned char *const start = arena + arena_used;
    arena_used += size + 16; /* with a gap that belongs to no block; no memory is used twice */
    blocks[block_count++] = (range_t){ .start = (uintptr_t)start, .size = size };
    memset(start, 0xa5, size);
    return start;
}

void *wgx_calloc(size_t count, size_t size);
void *wgx_calloc(size_t count, size_t size)
{
    void *const block = wgx_malloc(count * size);
    rt_plain((uintptr_t)block, count * size, true, PC);
    return memset(block, 0, count * size);
}

void wgx_free(void *block);
void wgx_free(void *block)
{
    for (unsigned i = 0; i < block_count; i++)
        if (blocks[i].start == (uintptr_t)block) {
            rt_touch(blocks[i].start, blocks[i].size, FREE, PC);
            blocks[i].gone = true;
            return;
        }
    if (block != NULL)
        wgx_fail("free() of memory that is no block");
}

unsigned wgx_blocks(void)
{
    unsigned left = 0;
    for (unsigned i = 0; i < block_count; i++)
        left += !blocks[i].gone;
    return left;
}

/* Only this thread has written there before. */
void wgx_lend(void *start, size_t size)
{
    if (rt_running == MAIN || lent_count == MAX_LENT)
        rt_give_up("a stack that cannot be lent");
    lent[lent_count++] = (range_t){ .start = (uintptr_t)start, .size = size };
    rt_plain((uintptr_t)start, size, true, PC);
}

void wgx_take_back(void *start)
{
    if ((uintptr_t)start - (uintptr_t)rt_threads >= sizeof rt_threads)
        return; /* not on a stack: free() ends it */
    for (unsigned i = 0; i < lent_count; i++)
        if (lent[i].start == (uintptr_t)start && !lent[i].gone) {
            rt_touch(lent[i].start, lent[i].size, FREE, PC);
            lent[i].gone = true;
            forget_atomics(lent[i].start, lent[i].size);
            return;
        }
    wgx_fail("a part of the stack that was not lent is taken back");
}

void wgx_name(const void *start, size_t size, const char *name)
{
    if (name_count == MAX_NAMES)
        rt_give_up("too many names");
    names[name_count++] = (range_t){ .start = (uintptr_t)start, .size = size, .name = name };
}
