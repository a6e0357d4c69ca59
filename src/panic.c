/* SPDX-License-Identifier: 0BSD */
/* panic.c: words for each misuse, the handler, and the end.  No stdio, no heap: it may run in a signal handler. */
#include "panic.h"

#include "cancel.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

static _Atomic(wg_panic_fn *) handler_now;

static const char *const names[] = {
    [WG_MISUSE_NEGATIVE_COUNTER] = "negative WaitGroup counter",
    [WG_MISUSE_COUNTER_OVERFLOW] = "counter overflow",
    [WG_MISUSE_ADD_DURING_WAIT] = "WaitGroup misuse: Add called concurrently with Wait",
    [WG_MISUSE_REUSED_TOO_SOON] = "WaitGroup is reused before previous Wait has returned",
    [WG_MISUSE_DESTROYED_IN_USE] = "destroyed while in use",
    [WG_MISUSE_ADD_AFTER_CLOSE] = "add to a closed WaitGroup",
    [WG_MISUSE_NOTICE] = "notice is registered already, or its WaitGroup is shared by processes",
    [WG_MISUSE_SCOPE_WAIT] = "scope is waited for already",
    [WG_MISUSE_TASK_EXIT] = "task of a scope ended its thread",
};

/* Long enough for the longest text made below; the rest of a longer one would be cut. */
typedef struct line {
    size_t length;
    char text[256];
} line_t;

static void put(line_t *line, const char *text)
{
    while (*text != '\0' && line->length < sizeof line->text - 1)
        line->text[line->length++] = *text++;
    line->text[line->length] = '\0';
}

static void put_number(line_t *line, uint64_t value, unsigned base)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    put(line, &digits[at]);
}

static void put_signed(line_t *line, int64_t value)
{
    if (value < 0)
        put(line, "-");
    put_number(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

/* One write, so that lines of several threads do not mix.  The page that each line names says what to do about it. */
static _Noreturn void stop(const line_t *message)
{
    line_t line = { 0 };
    put(&line, "libwg: ");
    put(&line, message->text);
    put(&line, "; see libwg(7)\n");
    wgi_panic_write(line.text, line.length);
    abort();
}

wg_panic_fn *wg_set_panic_handler(wg_panic_fn *handler)
{
    /* acq_rel: what a handler relies on was made before it was set. */
    return atomic_exchange_explicit(&handler_now, handler, memory_order_acq_rel);
}

void wgi_panic(const wg_t *wg, wg_misuse_t misuse, int32_t counter, uint32_t waiters, int64_t delta)
{
    (void)wgi_cancel_off(); /* a pending cancellation must not end the thread where it reports */
    line_t message = { 0 };
    put(&message, names[misuse]);
    put(&message, ": group 0x");
    put_number(&message, (uintptr_t)wg, 16);
    put(&message, ", counter ");
    put_signed(&message, counter);
    put(&message, ", waiters ");
    put_number(&message, waiters, 10);
    put(&message, ", delta ");
    put_signed(&message, delta);

    wg_panic_fn *const handler = atomic_load_explicit(&handler_now, memory_order_acquire);
    if (handler == NULL)
        stop(&message);
    handler(wg, misuse, message.text);
    abort();
}

void wgi_panic_system(const char *what, int error)
{
    (void)wgi_cancel_off();
    line_t message = { 0 };
    put(&message, what);
    put(&message, " failed: errno ");
    put_signed(&message, error);
    stop(&message);
}
