/* SPDX-License-Identifier: 0BSD */
/* go.h: wg_go, and what it needs of the system's threads. */
#ifndef WGI_GO_H
#define WGI_GO_H

#include "wg/wg.h"

typedef struct wgi_task {
    wg_t *wg;
    void (*fn)(void *arg);
    void *arg;
} wgi_task_t;

/*
 * Starts a detached thread that frees the task, runs it, and calls wg_done() when
 * it ends, however that is.  0 | errno; then the task is still the caller's.
 */
int wgi_go_start(wgi_task_t *task);

/* wg_add() for a public function that was called from 'caller': the line that a race detector's report must name. */
void wgi_add_from(wg_t *wg, int delta, void *caller);

#endif
