/* SPDX-License-Identifier: 0BSD */
/*
 * fibers.c: a fiber scheduler with a semaphore of its own, so that waits block
 * fibers and not threads.
 *
 * All fibers run on one thread, each until it yields or waits.  wg_wait() knows
 * nothing of fibers: it asks the group's semaphore for a token, and this semaphore
 * lets the other fibers run until there is a token.  So any code that uses wait
 * groups works on fibers unchanged.
 */
#define _GNU_SOURCE /* ucontext, which POSIX.1-2008 has dropped */
#include <wg/wg.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "fibers: %s\n", what);
    exit(EXIT_FAILURE);
}

/*
 * The scheduler: runs in turn each fiber that can go on.
 */

enum { FIBERS_MAX = 16, STACK_SIZE = 256 * 1024 };

/* Lies in the WG_SEM_SIZE bytes of the group.  One thread uses it: no atomics. */
typedef struct fiber_sem {
    uint32_t tokens;
} fiber_sem_t;
_Static_assert(sizeof(fiber_sem_t) <= WG_SEM_SIZE, "must fit");

typedef struct fiber {
    ucontext_t context;
    void *stack;
    void (*run)(void *arg);
    void *arg;
    const fiber_sem_t *awaited;      /* NULL: can go on */
    const struct timespec *deadline; /* NULL: none */
    bool over;
} fiber_t;

static fiber_t fibers[FIBERS_MAX];
static int n_fibers;
static fiber_t *current;     /* NULL: the scheduler */
static ucontext_t scheduler; /* where a fiber goes when it stops running */

static bool earlier(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

static bool has_passed(const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return !earlier(&now, deadline);
}

/* Lets the other fibers run; returns when it is this one's turn again. */
static void fiber_yield(void)
{
    if (swapcontext(&current->context, &scheduler) != 0)
        die("swapcontext");
}

static void fiber_main(void)
{
    current->run(current->arg);
    current->over = true;
    fiber_yield(); /* for ever */
}

static void fiber_start(void (*run)(void *arg), void *arg)
{
    if (n_fibers == FIBERS_MAX)
        die("too many fibers");
    fiber_t *const fiber = &fibers[n_fibers++];
    *fiber = (fiber_t){ .run = run, .arg = arg, .stack = malloc(STACK_SIZE) };
    if (fiber->stack == NULL || getcontext(&fiber->context) != 0)
        die("no memory for a fiber");
    fiber->context.uc_stack.ss_sp = fiber->stack;
    fiber->context.uc_stack.ss_size = STACK_SIZE;
    makecontext(&fiber->context, fiber_main, 0);
}

static bool can_go_on(const fiber_t *fiber)
{
    return fiber->awaited == NULL || fiber->awaited->tokens > 0 ||
           (fiber->deadline != NULL && has_passed(fiber->deadline));
}

/* No fiber can go on: sleeps until the first deadline. */
static void sleep_until_first_deadline(void)
{
    const struct timespec *first = NULL;
    for (fiber_t *f = fibers; f < fibers + n_fibers; f++)
        if (!f->over && f->deadline != NULL && (first == NULL || earlier(f->deadline, first)))
            first = f->deadline;
    if (first == NULL)
        die("deadlock: all fibers wait");
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, first, NULL) == EINTR)
        continue;
}

/* Runs the fibers until all are over. */
static void run_fibers(void)
{
    for (;;) {
        bool left = false, ran = false;
        for (fiber_t *f = fibers; f < fibers + n_fibers; f++) {
            left = left || !f->over;
            if (f->over || !can_go_on(f))
                continue;
            ran = true;
            current = f;
            if (swapcontext(&scheduler, &f->context) != 0)
                die("swapcontext");
            current = NULL;
        }
        if (!left)
            break;
        if (!ran)
            sleep_until_first_deadline();
    }
    while (n_fibers > 0)
        free(fibers[--n_fibers].stack);
}

/*
 * The semaphore: the functions that the group calls.
 */

static int fiber_sem_init(void *sem, bool process_shared)
{
    if (process_shared)
        return ENOTSUP;
    ((fiber_sem_t *)sem)->tokens = 0;
    return 0;
}

static void fiber_sem_destroy(void *sem)
{
    (void)sem;
}

static int fiber_sem_acquire(void *sem, const struct timespec *deadline)
{
    fiber_sem_t *const s = sem;
    if (current == NULL)
        die("only fibers can wait");
    while (s->tokens == 0) {
        current->awaited = s;
        current->deadline = deadline;
        fiber_yield();
        current->awaited = NULL;
        current->deadline = NULL;
        if (s->tokens == 0 && deadline != NULL && has_passed(deadline))
            return ETIMEDOUT;
    }
    s->tokens--;
    return 0;
}

/* Only counts: a fiber that waits goes on in its turn, so none can free the group before this call has returned. */
static void fiber_sem_release(void *sem, uint32_t n)
{
    ((fiber_sem_t *)sem)->tokens += n;
}

static const wg_sem_ops_t fiber_sem = {
    .name = "fiber",
    .init = fiber_sem_init,
    .destroy = fiber_sem_destroy,
    .acquire = fiber_sem_acquire,
    .release = fiber_sem_release,
};

static wg_t *new_group(void)
{
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = &fiber_sem;
    wg_t *const group = wg_create_with(&config);
    if (group == NULL)
        die(strerror(errno));
    return group;
}

/*
 * Fibers that use wait groups.
 */

static wg_t *tasks, *permission;

static void worker(void *arg)
{
    const char *const name = arg;
    for (int step = 1; step <= 2; step++) {
        printf("%s: step %d\n", name, step);
        fiber_yield();
    }
    wg_wait(permission);
    printf("%s: done\n", name);
    wg_done(tasks);
}

static void waiter(void *arg)
{
    printf("%s: waits\n", (const char *)arg);
    wg_wait(tasks);
    printf("%s: all tasks are done\n", (const char *)arg);
}

/* Gives the workers the permission that they wait for, when its own wait has timed out. */
static void impatient(void *arg)
{
    (void)arg;
    if (wg_wait_for(tasks, 5000000) != ETIMEDOUT)
        die("the wait did not time out");
    printf("impatient: %u tasks are left after 5 ms; go on\n", (unsigned)wg_count(tasks));
    wg_done(permission);
    wg_wait(tasks);
    printf("impatient: all tasks are done\n");
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "fibers: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    static char names[][16] = { "worker 1", "worker 2", "worker 3", "waiter 1", "waiter 2" };

    tasks = new_group();
    permission = new_group();
    wg_add(permission, 1);
    wg_add(tasks, 3);
    for (int i = 0; i < 3; i++)
        fiber_start(worker, names[i]);
    for (int i = 3; i < 5; i++)
        fiber_start(waiter, names[i]);
    fiber_start(impatient, NULL);
    run_fibers();
    wg_destroy(permission);
    wg_destroy(tasks);
    printf("all fibers are over\n");
    return EXIT_SUCCESS;
}
