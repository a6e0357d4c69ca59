/* SPDX-License-Identifier: 0BSD */
/* panic_posix.c: a report that SIGPIPE cannot cut off. */
#include "panic.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

void wgi_panic_write(const char *text, size_t length)
{
    /* Standard error may be a pipe that nobody reads.  The signal stays blocked: abort() follows. */
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
    if (write(STDERR_FILENO, text, length) < 0)
        return; /* nothing more can be said */
}
