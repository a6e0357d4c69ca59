/* SPDX-License-Identifier: 0BSD */
/*
 * scene.h: what a scene is, and the words that it may use.
 *
 * A scene is 1 to 4 threads over one small shared state.  Two runners play it:
 * - the explorer (tests/explore), in every interleaving of the library's own code;
 * - the model (tests/model), under the model checker GenMC, or as stress on real threads.
 * Each runner has its own "runner.h", which every file of scenes includes.
 *
 * A scene is played again and again from its setup.  So setup writes every static
 * variable that the threads use.  Threads wait only by await() and
 * by calls of the library.
 *
 *     SCENE(name, "one sentence", .setup = setup, .thread = { waiter, worker }, .finish = end_group)
 *
 * To add a scene, write it in the file of its subject, and its name in tests/explore/clients.c.
 * The model finds the scene by itself.  Name a new file in tests/model/CMakeLists.txt, too.
 * An EXPLORER_SCENE is played by the explorer alone.  A MODEL_SCENE is played by the model alone,
 * and its name is not in clients.c.  A scene that only the explorer can compile is in tests/explore/clients.
 *
 * The words:
 *     CHECK(x)                            fails unless x
 *     await(word, value)                  blocks until the _Atomic uint32_t is 'value', where it stays; acquires
 *     owes(yes)                           the thread owes something from now on, or no more: see explore.h
 *     may_take(word)                      takes from an _Atomic uint32_t that is not zero; may say false at any moment
 *     self()                              the calling thread: its index in 'thread'; in the model 0
 *     blocks_left()                       the blocks of memory that are not freed; in the model 0
 *     zero_fill(pointer)                  zeroes what the pointer points to: a group's storage, a notice, a choice
 *     overwrite_group()                   plain writes to the group's memory, which race with any use
 *     name_memory(start, size, name)      for the explorer's traces
 *     MISUSE(m)                           the bit of a wg_misuse_t
 * and those of setup.h.  For judge() there are:
 *     panicked(), panics()                the MISUSE()s that were reported, and how many
 *     get_step(word, number, &step)       a step of this execution on the word: see explore.h; the model keeps none
 *     stopped(thread)                     whether the thread has stopped for ever; in the model none does
 */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>

enum { SCENE_THREADS = 4 };

typedef struct scene {
    const char *name;
    const char *what; /* one sentence */
    void (*setup)(void);
    void (*thread[SCENE_THREADS])(void);
    /* After all threads, ordered after them; not run if there was a panic or a thread has stopped.  May be NULL. */
    void (*finish)(void);
    /* At the end of each execution, also one that a panic cut short.  May be NULL. */
    void (*judge)(void);

    /* Only the model reads these. */
    bool timed; /* a wait may time out */

    /* Only the explorer reads these. */
    unsigned panics;   /* MISUSE()s that may happen; 0: a legal program */
    bool must_panic;   /* one of them happens in every execution */
    unsigned spurious; /* futex sleeps per thread that may end for no reason */
    unsigned weak_cas; /* weak exchanges per thread that may fail for no reason */
    unsigned stale;    /* loads per thread that may return any older value that C11 allows */
    bool large;        /* played only if asked for */
} scene_t;

#endif
