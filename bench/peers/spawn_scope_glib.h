/* SPDX-License-Identifier: 0BSD */
/* spawn_scope_glib.h: a scope of this library, whose threads are lent by a GThreadPool. */
#include "glib_pool.h"

typedef struct loan {
    void (*run)(void *arg);
    void *arg;
} loan_t;

static void loan_run(gpointer data, gpointer unused)
{
    (void)unused;
    const loan_t loan = *(loan_t *)data;
    g_free(data);
    loan.run(loan.arg);
}

static int lend_glib(void *self, void (*run)(void *arg), void *arg)
{
    (void)self;
    loan_t *const loan = g_new(loan_t, 1);
    loan->run = run;
    loan->arg = arg;
    g_thread_pool_push(glib_pool(loan_run), loan, NULL);
    return 0;
}

#define PEER_NAME "scope-glib"
#define SCOPE_GO scope_go_task
#define SCOPE_LEND lend_glib

#include "spawn_scope.h"
