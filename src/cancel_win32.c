/* SPDX-License-Identifier: 0BSD */
/* cancel_win32.c: Windows has no thread cancellation. */
#include "cancel.h"

int wgi_cancel_off(void)
{
    return 0;
}

void wgi_cancel_restore(int before)
{
    (void)before;
}
