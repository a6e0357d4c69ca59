/* SPDX-License-Identifier: 0BSD */
/*
 * drain.c: how a server stops.  It admits nothing new, finishes what it has admitted,
 * reports what is left at the deadline, and may call the drain off.
 *
 * A request is counted in by wg_try_add() before it is served, and counted out by
 * wg_done().  SIGTERM closes the group: wg_close() is async-signal-safe.  From then
 * on wg_try_add() returns false in every thread, and a wait ends when all admitted
 * requests have been served: none is missed.
 *
 * A wait group of one task is also a gate: the thread that waits goes on when the
 * other side is done.  The slow client of this example is such a gate, so that
 * nothing here depends on how fast the machine is.
 */
#define _POSIX_C_SOURCE 200809L
#include <wg/wg.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS INT64_C(1000000)

enum { LISTENERS = 4 };

static wg_t *requests;    /* admitted and not yet served */
static wg_t *listeners;   /* threads that take requests from clients */
static wg_t *first_ones;  /* listeners that have yet to serve their first request */
static wg_t *slow_client; /* the client that has yet to send the rest of its request */

static atomic_int admitted, served, refused;

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "drain: %s: %s\n", what, strerror(error));
    exit(EXIT_FAILURE);
}

static void check(int error, const char *what)
{
    if (error != 0)
        die(what, error);
}

static wg_t *new_group(void)
{
    wg_t *const group = wg_create();
    if (group == NULL)
        die("wg_create", errno);
    return group;
}

/* False: refused.  A real server would then answer "503 Service Unavailable". */
static bool admit(void)
{
    const bool in = wg_try_add(requests, 1);
    atomic_fetch_add(in ? &admitted : &refused, 1);
    return in;
}

static void serve(void)
{
    const struct timespec work = { .tv_nsec = MS / 10 };
    nanosleep(&work, NULL);
    atomic_fetch_add(&served, 1);
    wg_done(requests);
}

static bool serve_next(void)
{
    const bool in = admit();
    if (in)
        serve();
    return in;
}

/* Takes one request after another until the server is closed. */
static void listen_for_requests(void *unused)
{
    (void)unused;
    bool open = serve_next();
    wg_done(first_ones); /* also if the first request was refused: else start_listeners() would wait for ever */
    while (open)
        open = serve_next();
}

static void serve_slow_client(void *unused)
{
    (void)unused;
    wg_wait(slow_client); /* a real server would read from the client */
    serve();
}

static void start_listeners(void)
{
    wg_add(first_ones, LISTENERS);
    for (int i = 0; i < LISTENERS; i++)
        check(wg_go(listeners, listen_for_requests, NULL), "wg_go");
    wg_wait(first_ones);
    printf("serving: each of %d listeners has served a request\n", LISTENERS);
}

static void on_sigterm(int signal)
{
    (void)signal;
    wg_close(requests);
}

/* Closes the server, then waits for at most timeout_ns.  False: requests are left. */
static bool drain(int64_t timeout_ns)
{
    raise(SIGTERM); /* as if an operator stopped the service */
    wg_wait(listeners);
    printf("closed: the listeners were refused and have ended\n");
    const int result = wg_wait_for(requests, timeout_ns);
    if (result == 0)
        printf("drained: no request is left\n");
    else
        printf("deadline: %u request is left\n", (unsigned)wg_count(requests));
    return result == 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "drain: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    requests = new_group();
    listeners = new_group();
    first_ones = new_group();
    slow_client = new_group();
    struct sigaction action = { .sa_handler = on_sigterm, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGTERM, &action, NULL) != 0)
        die("sigaction", errno);

    /* The request that will hold up the drain: admitted here, served on a thread of its own. */
    wg_t *const others = new_group();
    wg_add(slow_client, 1);
    if (!admit())
        return EXIT_FAILURE;
    check(wg_go(others, serve_slow_client, NULL), "wg_go");
    start_listeners();

    /* At the deadline of the first drain a request is left, and the operator calls the drain off. */
    if (drain(10 * MS))
        return EXIT_FAILURE;
    wg_reopen(requests); /* by the thread that waited, when its wait has returned */
    printf("called off: open again\n");
    start_listeners();

    /* Before the second drain the server hangs up on the slow client, whose request then ends. */
    wg_done(slow_client);
    if (!drain(60000 * MS))
        return EXIT_FAILURE;

    const bool all = admitted == served && refused == 2 * LISTENERS;
    printf("%s\n", all ? "every admitted request was served" : "requests were lost");
    wg_wait(others);
    wg_destroy(others);
    wg_destroy(slow_client);
    wg_destroy(first_ones);
    wg_destroy(listeners);
    wg_destroy(requests);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
