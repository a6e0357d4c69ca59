/* SPDX-License-Identifier: 0BSD */
/* pthread.h: the one function that the tests want and macOS lacks.  It fails, so no test there is over condition
 * variables. */
#ifndef WG_TEST_PTHREAD_H
#define WG_TEST_PTHREAD_H

#include_next <pthread.h>

#include <errno.h>
#include <time.h>

static inline int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
    (void)attributes, (void)clock;
    return ENOTSUP;
}

#endif
