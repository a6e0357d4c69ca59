/* SPDX-License-Identifier: 0BSD */
/*
 * starved.c: scene "starved": groups in a process that has no memory for them.
 *
 * RLIMIT_DATA leaves little room.  Before each group, all of it is used up except a
 * random part.  So memory is denied to the group, or to the record of a task, or to
 * the stack of its thread.  Then the thread that counted the task does its work, and
 * no task is lost.
 */
#include "scene.h"
#include "suite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

bool can_starve(void)
{
    return !SUITE_ASAN && !SUITE_TSAN;
}

/* A stack of blocks that use up the memory and fragment it. */
typedef struct block {
    struct block *under;
} block_t;

static block_t *eaten;
static unsigned block_count;

static void eat_all(void)
{
    for (size_t bytes = POOR_STACK_BYTES; bytes >= sizeof(block_t); bytes /= 2)
        for (block_t *block; (block = malloc(bytes)) != NULL; block_count++) {
            block->under = eaten;
            eaten = block;
        }
}

/* Frees the smallest blocks first. */
static void give_back(unsigned blocks)
{
    for (; blocks > 0; blocks--, block_count--) {
        block_t *const top = eaten;
        eaten = top->under;
        free(top);
    }
}

static void *exit_at_once(void *arg)
{
    pthread_exit(arg);
}

/* The first thread that is cancelled loads the code that unwinds stacks.  It stops the program if it cannot. */
static void learn_to_unwind(void)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, exit_at_once, NULL) == 0);
    pthread_join(thread, NULL);
}

/* Limits the memory to what the process has now and a little more. */
static void limit_memory(void)
{
    unsigned long data_pages;
    FILE *const statm = fopen("/proc/self/statm", "re");
    CHECK(statm != NULL && fscanf(statm, "%*u %*u %*u %*u %*u %lu", &data_pages) == 1);
    fclose(statm);
    const rlim_t bytes = data_pages * (rlim_t)sysconf(_SC_PAGESIZE) + ROOM_BYTES;
    CHECK(setrlimit(RLIMIT_DATA, &(struct rlimit){ bytes, bytes }) == 0);

    pthread_attr_t attributes;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, POOR_STACK_BYTES) == 0);
    CHECK(pthread_setattr_default_np(&attributes) == 0);
    pthread_attr_destroy(&attributes);
}

void play_starved(scene_t *scene)
{
    learn_to_unwind();
    limit_memory();
    while (scene_goes_on(scene)) {
        eat_all();
        give_back(pick(&scene->seed, block_count + 1));
        play_group(&scene->seed, true);
        give_back(block_count);
    }
}
