/* SPDX-License-Identifier: 0BSD */
/* sys/mman.h: as much of it as the tests use, on VirtualAlloc(): pages that can be taken away. */
#ifndef SYS_MMAN_H
#define SYS_MMAN_H

#include <stddef.h>

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 32
#define MAP_FAILED ((void *)-1)

/* Fresh private pages; any other wish fails. */
void *mmap(void *address, size_t size, int protection, int flags, int file, long offset);
int mprotect(void *address, size_t size, int protection);
int munmap(void *address, size_t size);

#endif
