/* SPDX-License-Identifier: 0BSD */
/* go.c: wg_go: count a task in, then start it. */
#include "go.h"

#include "annotate.h"

#include <errno.h>
#include <stdlib.h>

int wg_go(wg_t *wg, void (*fn)(void *arg), void *arg)
{
    const int saved = errno;
    wgi_add_from(wg, 1, WGI_CALLER);
    wgi_task_t *const task = malloc(sizeof *task);
    int error = ENOMEM;
    if (task != NULL) {
        *task = (wgi_task_t){ wg, fn, arg };
        error = wgi_go_start(task);
    }
    if (error != 0) {
        free(task);
        wg_done(wg);
    }
    errno = saved;
    return error;
}
