/* SPDX-License-Identifier: 0BSD */
/*
 * pages.h: pages for groups, from which the kernel takes the memory while threads sleep
 * there.
 *
 * The pages are shared memory.  madvise(MADV_DONTNEED) unmaps such a page.  The kernel
 * keeps its content, as if it had been reclaimed.  So the next touch, and the kernel's
 * own look at a futex there, must fault the page in again.
 */
#ifndef PAGES_H
#define PAGES_H

#include <stdint.h>

/* To be called before any fork.  A page that is taken afterwards belongs to one process. */
void pages_make(void);

/* A page: zero-filled, or as its last group left it.  NULL: all are in use. */
void *page_take(void);

/* Gives the page back.  From now on, an access to it ends the program. */
void page_give(void *page);

/* Evicts one page from this process. */
void page_evict(void *page);

/* Evicts some of the pages in use. */
void pages_evict(uint64_t *seed);

#endif
