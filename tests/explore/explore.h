/* SPDX-License-Identifier: 0BSD */
/*
 * explore.h: what a client program of the explorer may call.
 *
 * A client is a scene (tests/scenes/scene.h).  The explorer plays it once per interleaving.
 */
#ifndef WGX_EXPLORE_H
#define WGX_EXPLORE_H

#include "wg/wg.h"

#include "scene.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WGX_THREADS = SCENE_THREADS };

/*
 * In the stop mode, one thread of each execution stops for ever at one of its steps,
 * and all others must still finish.  Every thread is tried at every step, except where
 * it says that it owes something.  A thread owes if it has a task to count off or a
 * token to release, if another thread waits for it by wgx_await(), or if judge()
 * expects that it goes on, as for a misuse that it is about to make.
 *
 * So if another thread hangs, the library made it wait.
 */

#define WGX_MISUSE(m) (1u << (m))

typedef scene_t wgx_client_t;

extern const wgx_client_t *const wgx_clients[]; /* ends with NULL */

/* Names memory in traces. */
void wgx_name(const void *start, size_t size, const char *name);

/* Stops this execution as a failure. */
_Noreturn void wgx_fail(const char *what);
#define WGX_CHECK(x) ((x) ? (void)0 : wgx_fail("check failed: " #x))

/* Blocks until the word is 'value'; acquires.  For words that reach 'value' once and stay there. */
void wgx_await(_Atomic uint32_t *word, uint32_t value);

/*
 * Blocks until the token count is not zero, then takes one; acquires.  False: timed
 * out.  A timed call may time out at any moment, even with a token there.
 */
bool wgx_take(_Atomic uint32_t *tokens, bool timed);

/* Memory on the stack of the calling thread that other threads use until it is taken back. */
void wgx_lend(void *start, size_t size);
void wgx_take_back(void *start);

/* The index of the calling thread in 'thread'. */
unsigned wgx_self(void);

/* The number of blocks of memory that are not freed. */
unsigned wgx_blocks(void);

/* The calling thread owes something from now on, or owes nothing any more.  At its start it owes nothing. */
void wgx_owes(bool owes);

/* For judge() and finish(). */
unsigned wgx_panicked(void); /* the WGX_MISUSE()s that this execution has reported */
unsigned wgx_panics(void);   /* how many reports there were */
bool wgx_finished(unsigned thread);
bool wgx_stopped(unsigned thread); /* for ever, in the stop mode */

/* The atomic steps of this execution on one word, in their order. */
typedef struct wgx_step {
    unsigned thread;
    bool load, write;       /* neither: an exchange that failed */
    uint64_t before, after; /* before: what was read */
} wgx_step_t;
bool wgx_step(const void *word, unsigned number, wgx_step_t *step);

#endif
