/* SPDX-License-Identifier: 0BSD */
/*
 * uv.c: a libuv loop that learns when a batch of tasks is done, or when its time is over.
 *
 * The notice only rings a uv_async_t: uv_async_send() is the one call of libuv that any
 * thread may make.  All the rest happens on the loop's thread: it starts the tasks,
 * withdraws the notice at the deadline, and ends the group.  So the end of the group
 * needs no lock and no flag.
 */
#define _POSIX_C_SOURCE 200809L
#include <wg/wg.h>

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

enum { TASKS = 4 };

typedef struct batch {
    wg_t *wg;   /* the tasks */
    wg_t *gate; /* what the tasks wait for */
    wg_notice_t notice;
    uv_async_t done;
    uv_timer_t deadline;
} batch_t;

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "uv: %s failed\n", what);
    exit(EXIT_FAILURE);
}

static void task(void *gate)
{
    wg_wait(gate);
}

/* The function of the notice, on the thread of the last task. */
static void ring(void *async)
{
    uv_async_send(async);
}

/* Asks for the notice or, if all tasks are done already, rings at once. */
static void await(batch_t *batch)
{
    if (!wg_notify(batch->wg, &batch->notice, ring, &batch->done))
        ring(&batch->done);
}

/* The notice has been called, and no thread waits: the group may end.  Once the handles are closed, uv_run() ends. */
static void on_done(uv_async_t *async)
{
    batch_t *const batch = async->data;
    printf("done: %d tasks\n", TASKS);
    wg_destroy(batch->wg);
    uv_close((uv_handle_t *)&batch->done, NULL);
    uv_close((uv_handle_t *)&batch->deadline, NULL);
}

static void on_deadline(uv_timer_t *timer)
{
    batch_t *const batch = timer->data;
    if (!wg_notify_cancel(batch->wg, &batch->notice))
        return; /* too late: the notice rings, and on_done() comes */
    printf("deadline: %u tasks still run, the notice is withdrawn\n", (unsigned)wg_count(batch->wg));
    await(batch);
    wg_done(batch->gate); /* opens the gate, so the tasks end */
}

/* One loop for one batch, from its first task to its end. */
static void run(wg_t *gate, uint64_t deadline_ms)
{
    uv_loop_t loop;
    batch_t batch = { .wg = wg_create(), .gate = gate };
    check(batch.wg != NULL, "wg_create");
    check(uv_loop_init(&loop) == 0, "uv_loop_init");
    check(uv_async_init(&loop, &batch.done, on_done) == 0, "uv_async_init");
    check(uv_timer_init(&loop, &batch.deadline) == 0, "uv_timer_init");
    batch.done.data = batch.deadline.data = &batch;

    for (int i = 0; i < TASKS; i++)
        check(wg_go(batch.wg, task, gate) == 0, "wg_go");
    await(&batch);
    check(uv_timer_start(&batch.deadline, on_deadline, deadline_ms, 0) == 0, "uv_timer_start");
    check(uv_run(&loop, UV_RUN_DEFAULT) == 0, "uv_run");
    check(uv_loop_close(&loop) == 0, "uv_loop_close"); /* nothing of this batch is left in the loop */
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "uv: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    wg_t *const gate = wg_create();
    check(gate != NULL, "wg_create");
    run(gate, 60000); /* the gate is open */
    wg_add(gate, 1);
    run(gate, 20); /* the gate is shut until the deadline */
    wg_destroy(gate);
    return EXIT_SUCCESS;
}
