/* SPDX-License-Identifier: 0BSD */
/* publication.c: what each task wrote is there when the wait returns. */
#include "model.h"

static int first, second;

static void setup(void)
{
    first = second = 0;
    make_group(2);
}

static void setup_bulk(void)
{
    first = second = 0;
    make_group(3);
}

static void waiter(void)
{
    wg_wait(group);
    assert(first == 1 && second == 2);
}

static void worker_1(void)
{
    first = 1;
    wg_done(group);
}

static void worker_2(void)
{
    second = 2;
    wg_done(group);
}

static void worker_of_two(void)
{
    second = 2;
    wg_add(group, -2);
}

SCENE(publication, setup, end_group, waiter, worker_1, worker_2)
SCENE(publication_bulk, setup_bulk, end_group, waiter, worker_1, worker_of_two)
SCENES(play_publication, play_publication_bulk)
