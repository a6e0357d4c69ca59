/* SPDX-License-Identifier: 0BSD */
/* backends.h: every semaphore that a test may be run over, by name. */
#ifndef BACKENDS_H
#define BACKENDS_H

#include "wg/wg.h"

/* The semaphore of a user: a mutex and a condition variable. */
extern const wg_sem_ops_t cond_sem_ops;

/*
 * The semaphore that the command line names: futex, posix, dispatch or cond.  Ends the
 * program if this build lacks it.
 */
const wg_sem_ops_t *backend_from(int argc, char **argv);

/* Groups that use this semaphore. */
wg_t *make_over(const wg_sem_ops_t *ops);
wg_t *init_over(wg_storage_t *storage, const wg_sem_ops_t *ops);

#endif
