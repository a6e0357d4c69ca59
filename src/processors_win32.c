/* SPDX-License-Identifier: 0BSD */
/* processors_win32.c: the affinity mask of the process. */
#include <windows.h>

#include "processors.h"

unsigned wgi_processors(void)
{
    DWORD_PTR mask = 0, of_system = 0;
    unsigned count = 0;
    if (GetProcessAffinityMask(GetCurrentProcess(), &mask, &of_system))
        for (; mask != 0; mask &= mask - 1)
            count++;
    /* The mask is 0 if the process has threads in several groups of 64 processors. */
    return count != 0 ? count : GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
}
