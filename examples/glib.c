/* SPDX-License-Identifier: 0BSD */
/*
 * glib.c: a scope that borrows threads from a GThreadPool.
 *
 * A program that has a pool need not start more threads for its scopes: the hook 'lend' asks the pool.  A thread is
 * lent for a burst of tasks, not for each task.  A thread that comes when the scope has no task left goes back at
 * once.  So the pool may be busy or have only one thread: the wait runs the tasks that no other thread takes.
 */
#include <wg/scope.h>

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 2, PARTS = 64, NUMBERS = 640000 };

typedef struct loan {
    void (*run)(void *arg);
    void *arg;
} loan_t;

/* On a thread of the pool. */
static void take(gpointer data, gpointer unused)
{
    (void)unused;
    const loan_t loan = *(loan_t *)data;
    g_free(data);
    loan.run(loan.arg);
}

/*
 * The hook.  If GLib cannot start a thread for the loan, it reports an error, but it queues the loan.  So the error is
 * no failure here: run(arg) is called when a thread of the pool is free.
 */
static int lend(void *pool, void (*run)(void *arg), void *arg)
{
    loan_t *const loan = g_new(loan_t, 1);
    *loan = (loan_t){ run, arg };
    g_thread_pool_push(pool, loan, NULL);
    return 0;
}

typedef struct part {
    uint64_t from, to, sum;
} part_t;

static int add_up(void *arg)
{
    part_t *const part = arg;
    for (uint64_t i = part->from; i < part->to; i++)
        part->sum += i * i;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "glib: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    GThreadPool *const pool = g_thread_pool_new(take, NULL, THREADS, FALSE, NULL);
    wg_scope_storage_t storage;
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.lend = lend;
    config.self = pool;
    wg_scope_t *const scope = wg_scope_init(&storage, &config);
    if (scope == NULL)
        return EXIT_FAILURE;

    static part_t parts[PARTS];
    for (uint64_t i = 0; i < PARTS; i++) {
        parts[i] = (part_t){ i * NUMBERS / PARTS, (i + 1) * NUMBERS / PARTS, 0 };
        if (wg_scope_go(scope, add_up, &parts[i]) != 0)
            add_up(&parts[i]); /* no memory: do it here */
    }
    if (wg_scope_wait(scope) != 0)
        return EXIT_FAILURE;
    wg_scope_destroy(scope);

    uint64_t sum = 0;
    for (int i = 0; i < PARTS; i++)
        sum += parts[i].sum;
    printf("the sum of the squares below %d is %llu\n", NUMBERS, (unsigned long long)sum);

    g_thread_pool_free(pool, FALSE, TRUE); /* waits until the pool has run every loan */
    return EXIT_SUCCESS;
}
