/* SPDX-License-Identifier: 0BSD */
/* futex.c: the futex semaphore by itself: its tokens. */
#undef MODEL_FUTEX
#define MODEL_FUTEX 1
#include "model.h"

static futex_sem_t *sem;
static int data;
static _Atomic uint32_t taken;

static void setup(void)
{
    data = 0;
    atomic_store_explicit(&taken, 0, memory_order_relaxed);
    sem = malloc(WG_SEM_SIZE);
    assert(sem != NULL);
    const int error = wgi_sem_futex.init(sem, false);
    assert(error == 0);
    (void)error;
}

/* No token is left. */
static void finish(void)
{
    assert(atomic_load_explicit(&sem->tokens, memory_order_relaxed) == 0);
    wgi_sem_futex.destroy(sem);
    free(sem);
}

static void take(void)
{
    const int error = wgi_sem_futex.acquire(sem, NULL);
    assert(error == 0 && data == 1);
    (void)error;
}

static void take_any(void)
{
    const int error = wgi_sem_futex.acquire(sem, NULL);
    assert(error == 0);
    (void)error;
}

static void take_twice(void)
{
    take_any();
    take_any();
}

/* Who timed out takes the token that it is owed in this way. */
static void take_timed(void)
{
    const struct timespec deadline = { .tv_sec = 1001 };
    const int error = wgi_sem_futex.acquire(sem, &deadline);
    assert(error == 0 || error == ETIMEDOUT);
    if (error == ETIMEDOUT)
        take();
    else
        assert(data == 1);
}

static void give(uint32_t n)
{
    data = 1;
    wgi_sem_futex.release(sem, n);
}

static void give_1(void)
{
    give(1);
}

static void give_2(void)
{
    give(2);
}

static void give_3(void)
{
    give(3);
}

static void give_one(void)
{
    wgi_sem_futex.release(sem, 1);
}

static void give_one_twice(void)
{
    give_one();
    give_one();
}

static void give_two(void)
{
    wgi_sem_futex.release(sem, 2);
}

/* Who took the last token may free the semaphore. */
static void take_one_and_free(void)
{
    take();
    free(sem);
}

static void take_and_free(void)
{
    take();
    if (atomic_fetch_add_explicit(&taken, 1, memory_order_acq_rel) == 1)
        free(sem);
}

SCENE(futex_one, setup, finish, take, give_1)
SCENE(futex_two, setup, finish, take, take, give_2)
SCENE(futex_three, setup, finish, take, take, take, give_3)
SCENE(futex_two_givers, setup, finish, take_any, take_any, give_one, give_one)
SCENE(futex_mixed, setup, finish, take_twice, take_any, give_two, give_one)
SCENE(futex_in_turn, setup, finish, take_any, take_any, give_one_twice)
TIMED_SCENE(futex_timed, setup, finish, take_timed, take, give_2)
TIMED_SCENE(futex_timed_three, setup, finish, take_timed, take, take, give_3)
SCENE(futex_free_one, setup, leave_it, take_one_and_free, give_1)
SCENE(futex_free, setup, leave_it, take_and_free, take_and_free, give_2)
SCENES(play_futex_one, play_futex_two, play_futex_three, play_futex_two_givers, play_futex_mixed, play_futex_in_turn,
       play_futex_timed, play_futex_timed_three, play_futex_free_one, play_futex_free)
