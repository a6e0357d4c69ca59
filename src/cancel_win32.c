/* SPDX-License-Identifier: 0BSD */
/* cancel_win32.c: Windows has no thread cancellation. */
#include "cancel.h"

void wgi_cancel_off(void)
{
}
