/* SPDX-License-Identifier: 0BSD */
/* scope.c: threads that are lent to a scope, called off, refused or late, beside its tasks and its wait. */
#include "runner.h"

#include "wg/scope.h"

#include <errno.h>

enum { OWNER = 0, LOANS = 4 };

/* A thread that was asked for.  One of the threads below comes with it, sooner or later, or never. */
static struct loan {
    void (*run)(void *arg);
    void *arg;
    _Atomic uint32_t asked;
} loans[LOANS];
static _Atomic uint32_t lent;
static uint32_t refused_from, refused_to; /* these are not lent */
static wg_scope_storage_t *memory;
static wg_scope_t *scope;
static wg_task_t tasks[4];
static int data[4];
static int result;
static unsigned threads;

static int lend(void *unused, void (*run)(void *arg), void *arg)
{
    (void)unused;
    const uint32_t n = atomic_fetch_add_explicit(&lent, 1, memory_order_relaxed);
    CHECK(n < LOANS);
    if (n >= refused_from && n < refused_to)
        return EAGAIN;
    loans[n].run = run;
    loans[n].arg = arg;
    atomic_fetch_add_explicit(&loans[n].asked, 1, memory_order_release);
    return 0;
}

static void come_with(unsigned n)
{
    if (may_take(&loans[n].asked))
        loans[n].run(loans[n].arg);
}

static void first(void)
{
    come_with(0);
}

static void second(void)
{
    come_with(1);
}

static void make_scope(wg_scope_storage_t *storage, wg_scope_t **made)
{
    wg_scope_config_t config;
    config.size = sizeof config;
    config.threads = threads;
    config.queue = 0;
    config.lend = lend;
    config.self = NULL;
    *made = wg_scope_init(storage, &config);
    CHECK(*made != NULL);
}

static void make_all(unsigned of_threads, uint32_t from, uint32_t to)
{
    threads = of_threads;
    atomic_init(&lent, 0);
    refused_from = from;
    refused_to = to;
    for (int i = 0; i < LOANS; i++) {
        atomic_init(&loans[i].asked, 0);
        data[i] = 0;
    }
    result = 0;
    memory = malloc(sizeof *memory);
    name_memory(memory, sizeof *memory, "scope");
    make_scope(memory, &scope);
}

static void setup(void)
{
    make_all(2, 0, 0);
}

static void setup_three(void)
{
    make_all(3, 0, 0);
}

static void setup_refused(void)
{
    make_all(2, 0, LOANS);
}

static void setup_refused_second(void)
{
    make_all(3, 1, LOANS);
}

/* A task owes its end to the wait, unless the thread that waits runs it. */
static void begin(void)
{
    owes(self() != OWNER);
}

static int write_to(void *place)
{
    begin();
    (void)!wg_scope_stopped(scope); /* a step, at which the thread may stop */
    ++*(int *)place;
    return 0;
}

static void go(int n, int (*fn)(void *arg), void *arg)
{
    tasks[n].fn = fn;
    tasks[n].arg = arg;
    wg_scope_go_task(scope, &tasks[n]);
}

static void end_scope(void)
{
    wg_scope_destroy(scope);
    free(memory);
}

/* Threads that have not come yet come now, when the scope is gone.  Then nothing is left of it. */
static void finish(void)
{
    for (uint32_t n = 0; n < LOANS; n++)
        if (atomic_load_explicit(&loans[n].asked, memory_order_acquire) != 0)
            loans[n].run(loans[n].arg);
    CHECK(blocks_left() == 0);
}

static void owner(void)
{
    go(0, write_to, &data[0]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1);
    end_scope();
}

SCENE(scope, "a task, and a thread that comes before the wait, after it, or never", .setup = setup,
      .thread = { owner, first }, .finish = finish, .stale = 2)

static void owner_of_two(void)
{
    go(0, write_to, &data[0]);
    go(1, write_to, &data[1]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1 && data[1] == 1);
    end_scope();
}

SCENE(scope_two, "two tasks; each thread that leaves work behind asks for one more", .setup = setup_three,
      .thread = { owner_of_two, first, second }, .finish = finish)

SCENE(scope_refused, "no thread can be had: the wait runs all tasks", .setup = setup_refused,
      .thread = { owner_of_two }, .finish = finish)

/* At most 'threads' tasks run at once. */
static _Atomic uint32_t running;

static int count(void *place)
{
    const uint32_t before = atomic_fetch_add_explicit(&running, 1, memory_order_relaxed);
    CHECK(before < threads);
    write_to(place);
    atomic_fetch_sub_explicit(&running, 1, memory_order_relaxed);
    return 0;
}

static void setup_width(void)
{
    setup();
    atomic_init(&running, 0);
}

static void owner_of_width(void)
{
    go(0, count, &data[0]);
    go(1, count, &data[1]);
    go(2, count, &data[2]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1 && data[1] == 1 && data[2] == 1);
    end_scope();
}

EXPLORER_SCENE(scope_width, "three tasks, of which two may run at once", .setup = setup_width,
               .thread = { owner_of_width, first, second }, .finish = finish)

/* A node belongs to the caller again when its task has begun. */
static int free_node(void *node)
{
    begin();
    free(node);
    return 0;
}

static void owner_of_node(void)
{
    wg_task_t *const node = malloc(sizeof *node);
    node->fn = free_node;
    node->arg = node;
    wg_scope_go_task(scope, node);
    CHECK(wg_scope_wait(scope) == 0);
    end_scope();
}

EXPLORER_SCENE(scope_node, "a task frees its node", .setup = setup, .thread = { owner_of_node, first },
               .finish = finish)

/* On the heap: the node is freed before its task begins. */
static void owner_of_heap(void)
{
    CHECK(wg_scope_go(scope, write_to, &data[0]) == 0);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1);
    end_scope();
}

EXPLORER_SCENE(scope_heap, "a task in memory that the library allocates", .setup = setup,
               .thread = { owner_of_heap, first }, .finish = finish)

/* A task adds a task, perhaps on a lent thread while the wait sleeps. */
static int put_and_add(void *place)
{
    write_to(place);
    go(1, write_to, &data[1]);
    return 0;
}

static void owner_of_subtask(void)
{
    go(0, put_and_add, &data[0]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1 && data[1] == 1);
    end_scope();
}

SCENE(scope_subtask, "a task adds a task as the wait ends; the thread that it asks for may never come", .setup = setup,
      .thread = { owner_of_subtask, first, second }, .finish = finish)

SCENE(scope_subtask_refused, "a task adds a task as the wait ends; the thread that it asks for is refused",
      .setup = setup_refused_second, .thread = { owner_of_subtask, first }, .finish = finish)

/* Two tasks that add one each. */
static int put_and_add_too(void *place)
{
    write_to(place);
    go(3, write_to, &data[3]);
    return 0;
}

static void setup_refused_third(void)
{
    make_all(4, 2, 3);
}

static void owner_of_two_subtasks(void)
{
    go(0, put_and_add, &data[0]);
    go(2, put_and_add_too, &data[2]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1 && data[1] == 1 && data[2] == 1 && data[3] == 1);
    end_scope();
}

EXPLORER_SCENE(
    scope_refused_third,
    "two tasks add one each; the third thread is refused, perhaps after it was called off; a fourth never comes",
    .setup = setup_refused_third, .thread = { owner_of_two_subtasks, first, second }, .finish = finish, .large = true)

/* The same scope and the same node are used for a second round. */
static void owner_of_two_rounds(void)
{
    go(0, write_to, &data[0]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1);
    go(0, write_to, &data[0]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 2);
    end_scope();
}

SCENE(scope_again, "two rounds in one scope; a thread that was asked for in the first may come in the second",
      .setup = setup, .thread = { owner_of_two_rounds, first, second }, .finish = finish)

/* Errors: the wait returns the first one, and ends the stop. */
static int return_it(void *error)
{
    begin();
    return *(int *)error;
}

static void owner_of_errors(void)
{
    data[0] = EDOM;
    data[1] = ERANGE;
    go(0, return_it, &data[0]);
    go(1, return_it, &data[1]);
    result = wg_scope_wait(scope);
    CHECK(result == EDOM || result == ERANGE);
    CHECK(!wg_scope_stopped(scope));
    CHECK(wg_scope_wait(scope) == 0);
    end_scope();
}

/* Only the wait runs tasks: they fail in their order. */
static void owner_of_ordered_errors(void)
{
    data[0] = EDOM;
    data[1] = ERANGE;
    go(0, return_it, &data[0]);
    go(1, return_it, &data[1]);
    CHECK(wg_scope_wait(scope) == EDOM);
    end_scope();
}

SCENE(scope_errors_refused, "two tasks fail, one after the other", .setup = setup_refused,
      .thread = { owner_of_ordered_errors }, .finish = finish)

SCENE(scope_errors, "two tasks fail, perhaps at once", .setup = setup, .thread = { owner_of_errors, first },
      .finish = finish)

/* A task makes a scope of its own. */
static wg_scope_storage_t *memory_below;
static wg_scope_t *below;

static int nest(void *place)
{
    begin();
    make_scope(memory_below, &below);
    wg_task_t *const task = malloc(sizeof *task);
    task->fn = write_to;
    task->arg = &data[1];
    wg_scope_go_task(below, task);
    CHECK(wg_scope_wait(below) == 0);
    CHECK(data[1] == 1);
    free(task);
    wg_scope_destroy(below);
    free(memory_below);
    return write_to(place);
}

static void setup_nested(void)
{
    setup();
    memory_below = malloc(sizeof *memory_below);
    name_memory(memory_below, sizeof *memory_below, "scope below");
}

static void owner_of_nested(void)
{
    go(0, nest, &data[0]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1 && data[1] == 1);
    end_scope();
}

EXPLORER_SCENE(scope_nested, "a task waits for a scope of its own", .setup = setup_nested,
               .thread = { owner_of_nested, first, second }, .finish = finish)

/* A task of the scope below adds to the one above. */
static int add_above(void *place)
{
    write_to(place);
    go(2, write_to, &data[2]);
    return 0;
}

static int nest_and_add_above(void *place)
{
    begin();
    make_scope(memory_below, &below);
    tasks[1].fn = add_above;
    tasks[1].arg = &data[1];
    wg_scope_go_task(below, &tasks[1]);
    CHECK(wg_scope_wait(below) == 0);
    CHECK(data[1] == 1);
    wg_scope_destroy(below);
    free(memory_below);
    return write_to(place);
}

static void owner_of_above(void)
{
    go(0, nest_and_add_above, &data[0]);
    CHECK(wg_scope_wait(scope) == 0);
    CHECK(data[0] == 1 && data[1] == 1 && data[2] == 1);
    end_scope();
}

EXPLORER_SCENE(scope_above, "a task of a scope in a task adds to the scope above", .setup = setup_nested,
               .thread = { owner_of_above, first, second }, .finish = finish)

/* Misuses. */
static void waiter(void)
{
    owes(true); /* for judge() */
    (void)!wg_scope_wait(scope);
}

static void setup_with_task(void)
{
    make_all(1, 0, 0);
    go(0, write_to, &data[0]);
}

EXPLORER_SCENE(misuse_scope_wait, "two threads wait for one scope: reported if they meet", .setup = setup_with_task,
               .thread = { waiter, waiter }, .panics = MISUSE(WG_MISUSE_SCOPE_WAIT))

/* A task that waits for its own scope. */
static int wait_for_own(void *unused)
{
    (void)unused;
    return wg_scope_wait(scope);
}

static void setup_own(void)
{
    make_all(1, 0, 0);
    go(0, wait_for_own, NULL);
}

EXPLORER_SCENE(misuse_scope_own, "a task waits for its own scope", .setup = setup_own, .thread = { waiter },
               .panics = MISUSE(WG_MISUSE_SCOPE_WAIT), .must_panic = true)

/*
 * A misuse if the call sees the wait asleep.  Else the wait runs the task, or the
 * thread that comes runs it, or nobody does.
 */
static void from_outside(void)
{
    owes(true);
    go(1, write_to, &data[1]);
}

static void owner_to_misuse(void)
{
    owes(true);
    go(0, write_to, &data[0]);
    (void)!wg_scope_wait(scope);
}

EXPLORER_SCENE(misuse_scope_go,
               "a task is added from outside during the wait: reported if no task runs and the wait sleeps",
               .setup = setup, .thread = { owner_to_misuse, first, from_outside },
               .panics = MISUSE(WG_MISUSE_ADD_DURING_WAIT))
