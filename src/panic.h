/* SPDX-License-Identifier: 0BSD */
/* panic.h: the one way to stop. */
#ifndef WGI_PANIC_H
#define WGI_PANIC_H

#include "wg/wg.h"

#include <stddef.h>
#include <stdint.h>

/* Reports a misuse to the handler, then aborts.  Async-signal-safe; uses the address of 'wg' only. */
_Noreturn void wgi_panic(const wg_t *wg, wg_misuse_t misuse, int32_t counter, uint32_t waiters, int64_t delta);

/* Stops: the system, or a user's semaphore, did what it must never do. */
_Noreturn void wgi_panic_system(const char *what, int error);

/* Of the system, for panic.c: writes to standard error, and returns whatever that is.  Async-signal-safe. */
void wgi_panic_write(const char *text, size_t length);

#endif
