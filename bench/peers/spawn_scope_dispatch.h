/* SPDX-License-Identifier: 0BSD */
/* spawn_scope_dispatch.h: a scope of this library, whose threads are lent by libdispatch. */
#include "dispatch.h"

static int lend_dispatch(void *self, void (*run)(void *arg), void *arg)
{
    (void)self;
    dispatch_async_f(dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0), arg, run);
    return 0;
}

#define PEER_NAME "scope-dispatch"
#define SCOPE_GO scope_go_task
#define SCOPE_LEND lend_dispatch

#include "spawn_scope.h"
