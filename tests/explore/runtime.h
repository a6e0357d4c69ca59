/* SPDX-License-Identifier: 0BSD */
/*
 * runtime.h: what the files of the explorer's run time share; clients see only explore.h.
 *
 * memory.c   what an access may read, and what must be ordered
 * calls.c    the functions that gcc's -fsanitize=thread calls, and the renamed calls of the system
 * runtime.c  one execution: logical threads, their steps, its end
 * search.c   which execution is next
 * compare.c  compares the search with one that leaves nothing out
 * stop.c     the one thread that stops for ever, and where it may
 * report.c   schedules and traces
 * main.c     the options, and one search for each client
 */
#ifndef WGX_RUNTIME_H
#define WGX_RUNTIME_H

#include "explore.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

enum {
    MAIN = WGX_THREADS, /* runs setup and finish */
    SLOTS,
    MAX_STEPS = 400,
    SCHEDULE = 2 * MAX_STEPS + 16, /* a schedule as text */
    STACK = 64 * 1024,
};

/*
 * Clocks
 */
typedef struct vclock {
    uint16_t at[SLOTS];
} vclock_t;

static inline void rt_join(vclock_t *into, const vclock_t *from)
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

/* What a step accesses.  Two steps are dependent if their accesses meet. */
typedef struct footprint {
    uintptr_t word;  /* 0: none */
    uintptr_t queue; /* the sleepers on this address; 0: none */
    uint8_t size;
    bool write;
    enum { SLEEPER, WAKE_NONE, WAKE_SOME } role; /* sleepers commute, and so do wakes that find no sleeper */
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
    vclock_t past; /* at[t] = k: of the first k steps of the execution, those of thread t come before */
    uint64_t before, after;
    const char *note;
    bool stale;
} event_t;

/* The state before a step of the execution, and the step. */
typedef struct node {
    unsigned thread, choice, choices;
    unsigned enabled, backtrack, done, sleep; /* sets of threads */
    unsigned cost;                            /* bounded search: preemptions up to here */
    event_t event;
} node_t;

typedef struct thread {
    jmp_buf here, base;
    ucontext_t context;
    bool started, finished, panicked, asleep, owes;
    operation_t next;
    unsigned taken;                     /* steps */
    int last_step;                      /* -1: none yet */
    int woken_by;                       /* the step that woke it, while FUTEX_WOKEN is next */
    vclock_t hb;                        /* C11 happens-before */
    unsigned spurious, weak_cas, stale; /* how often each may still happen */
    int saved_errno;
    uintptr_t loaded; /* what was loaded last, and which store that was */
    unsigned loaded_size, loaded_store;
    char stack[STACK];
} thread_t;

/*
 * memory.c
 */
enum { READ, WRITE, ATOMIC_READ, ATOMIC_WRITE, FREE, ACCESSES };

void rt_reset_memory(void);
void rt_touch(uintptr_t address, size_t size, unsigned what, uintptr_t pc); /* checks the order */
void rt_plain(uintptr_t address, size_t size, bool write, uintptr_t pc);
uint64_t rt_perform(const operation_t *op, bool *success);
uint64_t rt_modified(kind_t kind, uint64_t old, uint64_t operand);
uint64_t rt_fetch(uintptr_t address, unsigned size);
void rt_put(uintptr_t address, unsigned size, uint64_t value);
uint64_t rt_trim(uint64_t value, unsigned size);
unsigned rt_stores(uintptr_t address, unsigned size); /* how many this atomic object has had */
const char *rt_describe(uintptr_t address, char text[64]);

#define PC ((uintptr_t)__builtin_return_address(0) - 1)

/*
 * runtime.c
 */
typedef enum outcome { COMPLETE, CUT, FAILED } outcome_t;

extern thread_t rt_threads[SLOTS];
extern unsigned rt_running, rt_thread_count;
extern bool rt_modelling; /* accesses are part of an execution */
extern const wgx_client_t *rt_client;
extern bool rt_failed;
extern char rt_failure[512], rt_failure_pcs[2][32];

_Noreturn void rt_give_up(const char *why); /* a fault of the explorer itself */
_Noreturn void rt_end_execution(void);
void rt_arrive(const operation_t *op); /* returns when it is this operation's turn */
bool rt_enabled(const thread_t *thread);
footprint_t rt_possible(const thread_t *thread); /* of its next step */
void rt_start(void);
void rt_take_client(const wgx_client_t *client);
outcome_t rt_execute(void);

/*
 * search.c
 */
typedef enum search {
    EXHAUSTIVE, /* source sets and sleep sets */
    SLEEP_ONLY, /* every thread at every step, and sleep sets */
    BOUNDED,    /* every thread at every step, up to a number of preemptions */
    REPLAY,
} search_t;

extern search_t rt_search;
extern unsigned rt_bound, rt_length_limit;
extern node_t rt_node[MAX_STEPS]; /* rt_node[i] is the state before step i */
extern unsigned rt_depth;         /* so many nodes are given: the next execution repeats them */
extern unsigned rt_step_now;      /* the step that runs */
extern unsigned rt_steps;         /* of the execution that has ended */

unsigned rt_choose(unsigned n); /* which of n ways this step goes */
event_t *rt_event_now(void);
bool rt_plan(unsigned i, unsigned able); /* chooses the thread of step i.  False: nothing new comes of it. */
void rt_learn(unsigned i, int previous, int woken_by); /* step i has run */
unsigned rt_cost(unsigned i, unsigned t);              /* bounded search: preemptions up to step i, if t takes it */
bool rt_next(void);                                    /* false: that was the last execution */

/*
 * stop.c
 */
typedef struct stop {
    unsigned thread; /* MAIN: no thread stops */
    unsigned after;  /* this number of its steps */
} stop_t;

extern stop_t rt_stop;

void rt_forget_places(void);
void rt_note_place(void); /* the running thread comes to a step */
bool rt_next_stop(void);  /* false: that was the last place; no thread stops */
bool rt_stopped(const thread_t *thread);

/*
 * compare.c, report.c
 */
bool rt_compare_searches(unsigned long max, bool stops);
void rt_schedule_text(char text[SCHEDULE]);
void rt_report(const char *schedule);
double rt_seconds(void);

#endif
