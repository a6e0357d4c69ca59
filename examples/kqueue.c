/* SPDX-License-Identifier: 0BSD */
/*
 * kqueue.c: one kevent() for tasks, a socket and a deadline.
 *
 * The notice only triggers a user event, EVFILT_USER.  A request comes by the socket
 * and starts tasks; the deadline withdraws the notice; the user event says that the
 * tasks are done.  One thread handles all three, and ends the group.
 */
#include <wg/wg.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TASKS = 4, DEADLINE_MS = 20 };
enum { DONE = 1, DEADLINE = 2 }; /* names of the user event and of the timer */

static wg_storage_t tasks_storage, gate_storage;
static wg_notice_t notice;
static int loop;

static void check(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

static void change(uintptr_t name, int filter, unsigned flags, unsigned filter_flags, int data)
{
    struct kevent event;
    EV_SET(&event, name, (short)filter, (unsigned short)flags, filter_flags, data, NULL);
    check(kevent(loop, &event, 1, NULL, 0, NULL) == 0, "kevent");
}

static void task(void *gate)
{
    wg_wait(gate);
}

/* The function of the notice, on the thread of the last task. */
static void ring(void *unused)
{
    (void)unused;
    change(DONE, EVFILT_USER, 0, NOTE_TRIGGER, 0);
}

/* Asks for the notice or, if all tasks are done already, rings at once. */
static void await(wg_t *tasks)
{
    if (!wg_notify(tasks, &notice, ring, NULL))
        ring(NULL);
}

static void on_request(wg_t *tasks, wg_t *gate, int server)
{
    char request[16];
    const ssize_t length = read(server, request, sizeof request);
    check(length > 0, "read");
    printf("socket: %.*s\n", (int)length, request);
    for (int i = 0; i < TASKS; i++)
        check(wg_go(tasks, task, gate) == 0, "wg_go");
    await(tasks);
    change(DEADLINE, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, DEADLINE_MS);
}

static void on_deadline(wg_t *tasks, wg_t *gate)
{
    if (!wg_notify_cancel(tasks, &notice))
        return; /* too late: the notice triggers the user event */
    printf("deadline: %u tasks still run, the notice is withdrawn\n", (unsigned)wg_count(tasks));
    await(tasks);
    wg_done(gate); /* opens the gate, so the tasks end */
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "kqueue: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    int ends[2];
    wg_t *const tasks = wg_attach(&tasks_storage), *const gate = wg_attach(&gate_storage);
    check(tasks != NULL && gate != NULL, "wg_attach");
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    loop = kqueue();
    check(loop >= 0, "kqueue");
    change(DONE, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0);
    change((uintptr_t)ends[0], EVFILT_READ, EV_ADD, 0, 0);

    wg_add(gate, 1);
    check(write(ends[1], "hello", 5) == 5, "write"); /* the client */
    for (struct kevent event = { .filter = 0 }; event.filter != EVFILT_USER;) {
        if (kevent(loop, NULL, 0, &event, 1, NULL) != 1)
            continue; /* a signal */
        if (event.filter == EVFILT_READ)
            on_request(tasks, gate, ends[0]);
        else if (event.filter == EVFILT_TIMER)
            on_deadline(tasks, gate);
    }
    printf("done: %d tasks\n", TASKS);

    /* The notice has been called, and no thread waits: the group may end, and so may the kqueue. */
    wg_destroy(tasks);
    wg_destroy(gate);
    close(ends[0]);
    close(ends[1]);
    close(loop);
    return EXIT_SUCCESS;
}
