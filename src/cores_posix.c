/* SPDX-License-Identifier: 0BSD */
/* cores_posix.c: the processors that are on, where nothing better is known. */
#include "cores.h"

#include <errno.h>
#include <unistd.h>

unsigned wgi_cores_count(void)
{
    const int saved = errno;
    const long on = sysconf(_SC_NPROCESSORS_ONLN);
    errno = saved;
    return on > 1 ? (unsigned)on : 1;
}
