/* SPDX-License-Identifier: 0BSD */
/*
 * dispatch.c: a scope that borrows threads from libdispatch, and stops when one task has found the answer.
 *
 * The hook 'lend' puts a job on the global queue, which has threads already.  The tasks look for a factor of a number.
 * The task that finds one stops the scope.  A stop does not end a task that runs: each task asks whether to go on.
 */
#include <wg/scope.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The header asks for features of clang, which gcc before 14 does not know. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_extension
#define __has_extension(x) 0
#endif
#include <dispatch/dispatch.h>

#define NUMBER UINT64_C(999985999949) /* it has two prime factors, and the smaller one is below the limit */

enum { PARTS = 100, LIMIT = 1000000 };

static wg_scope_storage_t storage;
static wg_scope_t *scope;
static uint64_t factor; /* written by one task, read after the wait */

static int lend(void *queue, void (*run)(void *arg), void *arg)
{
    dispatch_async_f(queue, arg, run);
    return 0;
}

static int search(void *arg)
{
    const uint64_t *const from = arg;
    for (uint64_t n = *from; n < *from + LIMIT / PARTS && !wg_scope_stopped(scope); n++)
        if (n > 1 && NUMBER % n == 0) {
            factor = n;
            wg_scope_stop(scope, 0); /* no error: the others need not go on */
        }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "dispatch: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.lend = lend;
    config.self = dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0);
    scope = wg_scope_init(&storage, &config);
    if (scope == NULL)
        return EXIT_FAILURE;

    static uint64_t from[PARTS];
    for (uint64_t i = 0; i < PARTS; i++) {
        from[i] = i * (LIMIT / PARTS);
        if (wg_scope_go(scope, search, &from[i]) != 0)
            search(&from[i]); /* no memory: do it here */
    }
    if (wg_scope_wait(scope) != 0)
        return EXIT_FAILURE;
    wg_scope_destroy(scope);
    printf("%llu = %llu * %llu\n", (unsigned long long)NUMBER, (unsigned long long)factor,
           (unsigned long long)(factor != 0 ? NUMBER / factor : 0));
    return EXIT_SUCCESS;
}
