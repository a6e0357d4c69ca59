/* SPDX-License-Identifier: 0BSD */
/* go.c: wg_go: count a task in, then start it. */
#include "group.h"

#include "annotate.h"
#include "thread.h"

#include <errno.h>

static void count_off(void *wg)
{
    wg_done(wg);
}

int wg_go(wg_t *wg, void (*fn)(void *arg), void *arg)
{
    const int saved = errno;
    wgi_add_from(wg, 1, WGI_CALLER);
    const int error = wgi_thread_start((wgi_job_t){ fn, arg, count_off, wg });
    if (error != 0)
        wg_done(wg);
    errno = saved;
    return error;
}
