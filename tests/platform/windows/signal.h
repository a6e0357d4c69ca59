/* SPDX-License-Identifier: 0BSD */
/*
 * signal.h: what the tests use of signals, where there are none: a test that
 * installs a handler is skipped there and then.
 */
#ifndef WG_TEST_SIGNAL_H
#define WG_TEST_SIGNAL_H

#include_next <signal.h>

#define SIGUSR1 30
#define SA_RESTART 0

struct sigaction {
    void (*sa_handler)(int signal_number);
    int sa_flags;
};

int sigaction(int signal_number, const struct sigaction *action, struct sigaction *before);

#endif
