/* SPDX-License-Identifier: 0BSD */
/* cores_win32.c: the processors of the process's affinity; of one processor group. */
#include <windows.h>

#include "cores.h"

unsigned wgi_cores_count(void)
{
    DWORD_PTR ours, all;
    unsigned cores = 0;
    if (GetProcessAffinityMask(GetCurrentProcess(), &ours, &all))
        for (; ours != 0; ours &= ours - 1)
            cores++;
    return cores > 1 ? cores : 1;
}
