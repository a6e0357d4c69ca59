/* SPDX-License-Identifier: 0BSD */
/* cancel_posix.c: thread cancellation off, by pthread_setcancelstate(3). */
#include "cancel.h"

#include <pthread.h>

void wgi_cancel_off(void)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
}
