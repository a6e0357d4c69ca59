/* SPDX-License-Identifier: 0BSD */
/* posix_wait_clock.c: where the C library has sem_clockwait(). */
#include "posix_wait.h"

#include <errno.h>

int wgi_posix_wait(sem_t *sem, const struct timespec *deadline)
{
    return sem_clockwait(sem, CLOCK_MONOTONIC, deadline) == 0 ? 0 : errno;
}
