/* SPDX-License-Identifier: 0BSD */
/*
 * stack.h: included before any.c, which lends other threads a semaphore on its stack.
 *
 * A stack is its thread's own memory, of which the run time keeps no record.  Race
 * detectors are told from when to when the library uses bytes of the stack.  Here the
 * run time is told: until they are taken back, these bytes are memory like any other,
 * and to take them back is like free().
 */
#ifndef WGX_STACK_H
#define WGX_STACK_H

#include "explore.h"

#include "annotate.h"

#define wgi_annotate_hide(bytes, size) wgx_lend(bytes, size)
#define wgi_annotate_gone(bytes, size) wgx_take_back(bytes)

#endif
