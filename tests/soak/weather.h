/* SPDX-License-Identifier: 0BSD */
/* weather.h: what comes to the scenes from outside: signals, other processors, pages taken away. */
#ifndef WEATHER_H
#define WEATHER_H

#include <stdbool.h>
#include <stdint.h>

/* Installs the handler of the signals.  Before any fork: all processes inherit it. */
void weather_prepare(void);

/* Whether there are signals in this build. */
bool weather_has_signals(void);

/*
 * Whether the calling thread, and the threads that it starts from now on, get the
 * signals.  A signal also wakes a thread whose wake was lost, and so hides the loss.
 * So many threads must get none.
 */
void hear_signals(bool hear);

/* The weather, until the run ends.  arg: its seed. */
void *weather(void *arg);

#endif
