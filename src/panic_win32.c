/* SPDX-License-Identifier: 0BSD */
/* panic_win32.c: a report on Windows, which has no SIGPIPE. */
#include "panic.h"

#include <unistd.h>

void wgi_panic_write(const char *text, size_t length)
{
    if (write(STDERR_FILENO, text, (unsigned)length) < 0)
        return; /* nothing more can be said */
}
