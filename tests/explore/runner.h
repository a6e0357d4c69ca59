/* SPDX-License-Identifier: 0BSD */
/* runner.h: the words of tests/scenes/scene.h, as the explorer has them. */
#ifndef WGX_RUNNER_H
#define WGX_RUNNER_H

#include "explore.h"

#include <stdlib.h>
#include <string.h>

#define CHECK WGX_CHECK
#define MISUSE WGX_MISUSE
#define await wgx_await
#define owes wgx_owes
#define name_memory wgx_name
#define overwrite_group() memset(storage, 0xff, sizeof *storage)
#define zero_fill(pointer) memset(pointer, 0, sizeof *(pointer))
#define panicked() wgx_panicked()
#define panics() wgx_panics()
#define stopped wgx_stopped
#define self wgx_self
#define blocks_left wgx_blocks
#define may_take(word) wgx_take(word, true)
#define get_step wgx_step
typedef wgx_step_t step_t;

/* The model's threads report what they have seen by these.  Here judge() knows the steps of all threads. */
#define may_report(misuses) ((void)0)
#define reports_on_sight(misuses) ((void)0)
#define CHECK_SAW(x) ((void)0)

/* Each scene is a client; clients.c lists the clients that are played. */
#define SCENE(id, sentence, ...) const scene_t client_##id = { .name = #id, .what = (sentence), __VA_ARGS__ };
#define EXPLORER_SCENE SCENE
#define MODEL_SCENE SCENE

#include "setup.h"

#endif
