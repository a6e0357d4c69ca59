/* SPDX-License-Identifier: 0BSD */
/*
 * stack.h: included before any.c, which lends other threads a semaphore on its stack.
 *
 * The run time keeps no record of stacks, since a stack is its thread's own memory.
 * The library tells race detectors when it lends bytes of a stack to other threads, and
 * when it takes them back.  These macros tell the run time, too.  The run time checks
 * lent bytes like any other memory, and to take them back is like free().
 */
#ifndef WGX_STACK_H
#define WGX_STACK_H

#include "explore.h"

#include "annotate.h"

#define wgi_annotate_hide(bytes, size) wgx_lend(bytes, size)
#define wgi_annotate_gone(bytes, size) wgx_take_back(bytes)

#endif
