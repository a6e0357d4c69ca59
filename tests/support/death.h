/* SPDX-License-Identifier: 0BSD */
/* death.h: runs in a child what must end the process, and keeps what the child writes. */
#ifndef DEATH_H
#define DEATH_H

#include "wg/wg.h"

typedef struct death {
    int status;      /* of waitpid() */
    char text[1024]; /* what it wrote to standard error */
} death_t;

/* Runs body(arg) in a child, which exits with 0 if body returns. */
death_t death_of(void (*body)(void *arg), void *arg);

/* Asserts that body(arg) writes just this text and aborts. */
void assert_aborts(void (*body)(void *arg), void *arg, const char *text);

/* Asserts that body(arg) ends by this signal, whatever it wrote. */
void assert_dies_by(void (*body)(void *arg), void *arg, int signal);

/* Asserts that body(arg) returns. */
void assert_survives(void (*body)(void *arg), void *arg);

/* The one line that the default handler writes. */
const char *misuse_line(const wg_t *wg, const char *words, int32_t counter, uint32_t waiters, int64_t delta);

#endif
