/* SPDX-License-Identifier: 0BSD */
/* processors_posix.c: sysconf(3), which asks sysctl(2) on Darwin and the BSDs. */
#include "processors.h"

#include <unistd.h>

unsigned wgi_processors(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}
