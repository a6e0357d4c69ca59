/* SPDX-License-Identifier: 0BSD */
/*
 * stress_scope.c: nested scopes of random sizes, whose threads come at once, late, or
 * not at all.
 *
 * The memory of a scope is overwritten and freed as soon as its wait has returned.  The
 * tasks write without atomics, so a race detector sees more.
 */
#include "wg/scope.h"

#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <string.h>

enum { OWNERS = 3, DEPTH = 3, TASKS = 6, PLACES = 1024 };

static atomic_uint ran, scopes, came, refused;

static unsigned draw(unsigned below)
{
    static _Atomic uint32_t state = 1;
    uint32_t x = atomic_fetch_add_explicit(&state, 0x9e3779b9u, memory_order_relaxed);
    x = (x ^ x >> 16) * 0x85ebca6bu;
    x = (x ^ x >> 13) * 0xc2b2ae35u;
    return (x ^ x >> 16) % below;
}

/*
 * Threads: new ones, or calls by bring_threads().  Such a call comes at any time, perhaps
 * when the scope is gone.  The loans in the second half of the places are called when all
 * scopes are over.
 */
typedef struct loan {
    void (*run)(void *arg);
    void *arg;
} loan_t;

static loan_t *_Atomic loans[PLACES];
static atomic_bool owners_are_through;

static int lend_late(void *unused, void (*run)(void *arg), void *arg)
{
    (void)unused;
    loan_t *const loan = malloc(sizeof *loan);
    loan_t *none = NULL;
    REQUIRE(loan != NULL);
    *loan = (loan_t){ run, arg };
    if (draw(4) != 0 && atomic_compare_exchange_strong(&loans[draw(PLACES)], &none, loan))
        return 0;
    free(loan);
    atomic_fetch_add(&refused, 1);
    return EAGAIN;
}

static void bring_threads(void *unused)
{
    (void)unused;
    for (bool last = false; !last;) {
        last = atomic_load(&owners_are_through);
        for (unsigned i = 0; i < (last ? PLACES : PLACES / 2); i++) {
            loan_t *const loan = atomic_exchange(&loans[i], NULL);
            if (loan == NULL)
                continue;
            loan->run(loan->arg);
            free(loan);
            atomic_fetch_add(&came, 1);
        }
        sched_yield();
    }
}

/*
 * Tasks: each makes a scope of its own, down to a depth.
 */
typedef struct job {
    wg_task_t node;
    wg_scope_t *scope; /* the scope that it is a task of */
    int depth;
    unsigned sum; /* the number of tasks: this one and those below it */
} job_t;

static int work(void *given);

static void add(job_t *job, wg_scope_t *scope, int depth)
{
    *job = (job_t){ .node = { .fn = work, .arg = job }, .scope = scope, .depth = depth };
    if (draw(2) == 0)
        wg_scope_go_task(scope, &job->node);
    else if (wg_scope_go(scope, work, job) != 0)
        REQUIRE(work(job) == 0); /* the queue is full */
}

/* A task that adds a second one. */
static int add_one(void *given)
{
    job_t *const jobs = given;
    add(&jobs[1], jobs[0].scope, 0);
    return 0;
}

/* Returns how many tasks were run by work(). */
static unsigned run_scope(int depth)
{
    wg_scope_storage_t *const storage = malloc(sizeof *storage);
    REQUIRE(storage != NULL);
    memset(storage, 0xa5, sizeof *storage);
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.threads = 1 + draw(4);
    config.queue = draw(3) == 0 ? 2 : 0;
    config.lend = draw(8) == 0 ? NULL : lend_late;
    wg_scope_t *const scope = wg_scope_init(storage, &config);
    REQUIRE(scope != NULL);

    job_t jobs[TASKS], pair[2] = { { .scope = scope }, { .sum = 0 } };
    const unsigned n = draw(TASKS + 1);
    for (unsigned i = 0; i < n; i++)
        add(&jobs[i], scope, depth - 1);
    pair[0].node = (wg_task_t){ .fn = add_one, .arg = pair };
    wg_scope_go_task(scope, &pair[0].node);
    REQUIRE(wg_scope_wait(scope) == 0);
    wg_scope_destroy(scope);
    memset(storage, 0x5a, sizeof *storage);
    free(storage);

    unsigned sum = pair[1].sum;
    REQUIRE(sum == 1);
    for (unsigned i = 0; i < n; i++) {
        REQUIRE(jobs[i].sum > 0); /* it was run */
        sum += jobs[i].sum;
    }
    atomic_fetch_add(&scopes, 1);
    return sum;
}

static int work(void *given)
{
    job_t *const job = given;
    atomic_fetch_add(&ran, 1);
    job->sum = 1 + (job->depth > 0 ? run_scope(job->depth) : 0);
    return 0;
}

static void own_scope(void *sum)
{
    *(unsigned *)sum = run_scope(DEPTH);
}

static void scopes_nest_while_threads_come_late(void **unused)
{
    (void)unused;
    thread_t lender, owners[OWNERS];
    unsigned sums[OWNERS], total = 0;
    thread_start(&lender, bring_threads, NULL);
    while (stress_goes_on(20000, 20)) {
        for (int i = 0; i < OWNERS; i++)
            thread_start(&owners[i], own_scope, &sums[i]);
        for (int i = 0; i < OWNERS; i++) {
            thread_join(&owners[i]);
            total += sums[i];
        }
    }
    atomic_store(&owners_are_through, true);
    thread_join(&lender);
    assert_int_equal(total, atomic_load(&ran));
    print_message("%u tasks in %u scopes; %u threads came from the lender, %u were refused\n", atomic_load(&ran),
                  atomic_load(&scopes), atomic_load(&came), atomic_load(&refused));
    assert_true(atomic_load(&came) > 0 && atomic_load(&refused) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(scopes_nest_while_threads_come_late) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
