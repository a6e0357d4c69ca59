/* SPDX-License-Identifier: 0BSD */
/*
 * pages.h: pages for groups, from which the kernel takes the memory while threads sleep there.
 *
 * The pages are shared memory.  madvise(MADV_DONTNEED) unmaps such a page, and what it holds stays with the kernel, as
 * if it had been reclaimed: the next touch, and the kernel's own look at a futex there, must fault it in again.
 */
#ifndef PAGES_H
#define PAGES_H

#include <stdint.h>

/* Before any fork.  What is taken afterwards is taken in one process. */
void pages_make(void);

/* A zero-filled page, or as its last group left it; NULL: all are in use. */
void *page_take(void);

/* From now on, who touches it dies. */
void page_give(void *page);

/* Evicts one page, from this process. */
void page_evict(void *page);

/* Evicts some of those in use. */
void pages_evict(uint64_t *seed);

#endif
