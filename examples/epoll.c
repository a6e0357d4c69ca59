/* SPDX-License-Identifier: 0BSD */
/*
 * epoll.c: one epoll_wait() for tasks, a socket and a deadline.
 *
 * The notice only writes to an eventfd.  A request comes by the socket and starts
 * tasks; the deadline withdraws the notice; the eventfd says that the tasks are done.
 * One thread handles all three, and ends the group.
 */
#define _GNU_SOURCE
#include <wg/wg.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TASKS = 4, DEADLINE_NS = 20000000 };

static wg_storage_t tasks_storage, gate_storage;
static wg_notice_t notice;
static int done, deadline; /* the eventfd and the timer */

static void check(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

static void task(void *gate)
{
    wg_wait(gate);
}

/* The function of the notice, on the thread of the last task. */
static void ring(void *unused)
{
    (void)unused;
    const uint64_t one = 1;
    check(write(done, &one, sizeof one) == sizeof one, "write");
}

/* Asks for the notice or, if all tasks are done already, rings at once. */
static void await(wg_t *tasks)
{
    if (!wg_notify(tasks, &notice, ring, NULL))
        ring(NULL);
}

static void take(int counter)
{
    uint64_t times;
    check(read(counter, &times, sizeof times) == sizeof times, "read");
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
    const struct itimerspec once = { .it_value = { .tv_nsec = DEADLINE_NS } };
    check(timerfd_settime(deadline, 0, &once, NULL) == 0, "timerfd_settime");
}

static void on_deadline(wg_t *tasks, wg_t *gate)
{
    take(deadline);
    if (!wg_notify_cancel(tasks, &notice))
        return; /* too late: the notice writes to the eventfd */
    printf("deadline: %u tasks still run, the notice is withdrawn\n", (unsigned)wg_count(tasks));
    await(tasks);
    wg_done(gate); /* opens the gate, so the tasks end */
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "epoll: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    int ends[2];
    wg_t *const tasks = wg_attach(&tasks_storage), *const gate = wg_attach(&gate_storage);
    const int loop = epoll_create1(EPOLL_CLOEXEC);
    done = eventfd(0, EFD_CLOEXEC);
    deadline = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    check(tasks != NULL && gate != NULL, "wg_attach");
    check(loop >= 0 && done >= 0 && deadline >= 0, "making the loop");
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    const int watched[] = { done, deadline, ends[0] };
    for (int i = 0; i < 3; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.fd = watched[i] };
        check(epoll_ctl(loop, EPOLL_CTL_ADD, watched[i], &event) == 0, "epoll_ctl");
    }

    wg_add(gate, 1);
    check(write(ends[1], "hello", 5) == 5, "write"); /* the client */
    for (struct epoll_event event = { .data.fd = -1 }; event.data.fd != done;) {
        if (epoll_wait(loop, &event, 1, -1) != 1)
            continue; /* a signal */
        if (event.data.fd == ends[0])
            on_request(tasks, gate, ends[0]);
        else if (event.data.fd == deadline)
            on_deadline(tasks, gate);
    }
    take(done);
    printf("done: %d tasks\n", TASKS);

    /* The notice has been called, and no thread waits: the group may end, and so may the eventfd. */
    wg_destroy(tasks);
    wg_destroy(gate);
    for (int i = 0; i < 3; i++)
        close(watched[i]);
    close(ends[1]);
    close(loop);
    return EXIT_SUCCESS;
}
