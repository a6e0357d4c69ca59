/* SPDX-License-Identifier: 0BSD */
/* cancel_posix.c: pthread_setcancelstate(3). */
#include "cancel.h"

#include <pthread.h>

int wgi_cancel_off(void)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

void wgi_cancel_restore(int before)
{
    pthread_setcancelstate(before, &before);
}
