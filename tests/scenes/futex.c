/* SPDX-License-Identifier: 0BSD */
/* futex.c: the futex semaphore by itself: its tokens and its wakes. */
#include "runner.h"

#include "sem.h"

#include <errno.h>
#include <time.h>

static unsigned char *sem;
static const wg_sem_ops_t *ops;
static int data;
static _Atomic uint32_t taken;

static void setup(void)
{
    ops = &wgi_sem_futex; /* in the build over tokens, wg_sem_futex() is NULL */
    sem = malloc(WG_SEM_SIZE);
    name_memory(sem, WG_SEM_SIZE, "semaphore");
    CHECK(ops->init(sem, false) == 0);
    data = 0;
    atomic_init(&taken, 0);
    name_memory(&taken, sizeof taken, "taken");
}

/* No token is left. */
static void finish(void)
{
    const uint32_t word = *(const uint32_t *)sem;
    CHECK(word == 0);
    ops->destroy(sem);
    free(sem);
}

static void take(void)
{
    CHECK(ops->acquire(sem, NULL) == 0);
    CHECK(data == 1);
}

static void take_any(void)
{
    CHECK(ops->acquire(sem, NULL) == 0);
}

static void give_1(void)
{
    owes(true);
    data = 1;
    ops->release(sem, 1);
}

static void give_2(void)
{
    owes(true);
    data = 1;
    ops->release(sem, 2);
}

static void give_3(void)
{
    owes(true);
    data = 1;
    ops->release(sem, 3);
}

static void give_one(void)
{
    owes(true);
    ops->release(sem, 1);
}

static void give_one_twice(void)
{
    owes(true);
    ops->release(sem, 1);
    ops->release(sem, 1);
}

static void give_two(void)
{
    owes(true);
    ops->release(sem, 2);
}

static void take_twice(void)
{
    take_any();
    take_any();
}

SCENE(futex_one, "one sleeper, release(1)", .setup = setup, .thread = { take, give_1 }, .finish = finish, .spurious = 2,
      .weak_cas = 1, .stale = 4)

SCENE(futex_two, "two sleepers, release(2)", .setup = setup, .thread = { take, take, give_2 }, .finish = finish,
      .spurious = 1, .weak_cas = 1)

EXPLORER_SCENE(futex_two_stale, "two sleepers, release(2); loads may be old", .setup = setup,
               .thread = { take, take, give_2 }, .finish = finish, .stale = 4)

SCENE(futex_three, "three sleepers, release(3)", .setup = setup, .thread = { take, take, take, give_3 },
      .finish = finish)

SCENE(futex_two_givers, "two sleepers, release(1) by each of two threads", .setup = setup,
      .thread = { take_any, take_any, give_one, give_one }, .finish = finish)

SCENE(futex_mixed, "a thread that takes two tokens, one that takes one token, release(2) and release(1)",
      .setup = setup, .thread = { take_twice, take_any, give_two, give_one }, .finish = finish, .large = true)

SCENE(futex_in_turn, "two sleepers, release(1) twice by one thread", .setup = setup,
      .thread = { take_any, take_any, give_one_twice }, .finish = finish)

static void setup_shared(void)
{
    setup();
    CHECK(ops->init(sem, true) == 0);
}

EXPLORER_SCENE(futex_shared, "two sleepers, release(2), shared by processes", .setup = setup_shared,
               .thread = { take, take, give_2 }, .finish = finish, .spurious = 1)

EXPLORER_SCENE(futex_shared_three, "three sleepers, release(3), shared by processes", .setup = setup_shared,
               .thread = { take, take, take, give_3 }, .finish = finish)

/* A thread that times out leaves the others what they need. */
static void take_timed(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    const int error = ops->acquire(sem, &deadline);
    CHECK(error == 0 || error == ETIMEDOUT);
    if (error == ETIMEDOUT) /* this is how the group takes the token that it is owed */
        take();
    else
        CHECK(data == 1);
}

SCENE(futex_timed, "two sleepers of which one times out and comes again, release(2)", .setup = setup,
      .thread = { take_timed, take, give_2 }, .finish = finish, .timed = true)

SCENE(futex_timed_three, "three sleepers of which one times out and comes again, release(3)", .setup = setup,
      .thread = { take_timed, take, take, give_3 }, .finish = finish, .large = true, .timed = true)

/* The thread that took the last token may free the semaphore. */
static void take_and_free(void)
{
    take();
    if (atomic_fetch_add_explicit(&taken, 1, memory_order_acq_rel) == 1)
        free(sem);
}

static void take_one_and_free(void)
{
    take();
    free(sem);
}

SCENE(futex_free_one, "freed by the thread that took the token", .setup = setup,
      .thread = { take_one_and_free, give_1 }, .stale = 4)

SCENE(futex_free, "freed by the last of two threads that took a token of release(2)", .setup = setup,
      .thread = { take_and_free, take_and_free, give_2 })
