/* SPDX-License-Identifier: 0BSD */
/* processors_linux.c: the affinity mask, which a container's cpuset narrows, and its CPU quota does not. */
#include "processors.h"

#include <sched.h>
#include <string.h>

/* NR_CPUS is 8192 at most.  The kernel refuses a mask that is shorter than its own. */
enum { MASKS = 8192 / CPU_SETSIZE };

unsigned wgi_processors(void)
{
    cpu_set_t masks[MASKS];
    memset(masks, 0, sizeof masks);
    if (sched_getaffinity(0, sizeof masks, masks) != 0)
        return 1; /* a sandbox that does not say */
    return (unsigned)CPU_COUNT_S(sizeof masks, masks);
}
