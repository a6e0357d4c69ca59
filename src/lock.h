/* SPDX-License-Identifier: 0BSD */
/* lock.h: a mutex of the system, in memory of the library's. */
#ifndef WGI_LOCK_H
#define WGI_LOCK_H

#include <stdint.h>

/* As large as the largest of our systems, Darwin's. */
typedef union wgi_lock {
    unsigned char bytes[64];
    uint64_t alignment;
} wgi_lock_t;

/* 0 | errno. */
int wgi_lock_init(wgi_lock_t *lock);
void wgi_lock_destroy(wgi_lock_t *lock);
void wgi_lock(wgi_lock_t *lock);
void wgi_unlock(wgi_lock_t *lock);

#endif
