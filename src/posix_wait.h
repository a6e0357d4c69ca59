/* SPDX-License-Identifier: 0BSD */
/* posix_wait.h: a sleep in a sem_t until a time of CLOCK_MONOTONIC. */
#ifndef WGI_POSIX_WAIT_H
#define WGI_POSIX_WAIT_H

#include <semaphore.h>
#include <time.h>

/* 0 | the errno; EINTR: not yet over. */
int wgi_posix_wait(sem_t *sem, const struct timespec *deadline);

#endif
