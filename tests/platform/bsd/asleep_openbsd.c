/* SPDX-License-Identifier: 0BSD */
/* asleep_openbsd.c: what sysctl(3) says of a thread.  It was built only, and not run. */
#include "asleep.h"

#include "suite.h"
#include "threads.h"

#include <sys/param.h>
#include <sys/proc.h>
#include <sys/sysctl.h>
#include <unistd.h>

enum { THREADS_MAX = 1024 };

pid_t thread_id(void)
{
    return getthrid();
}

bool bsd_asleep(pid_t process, pid_t thread)
{
    static struct kinfo_proc threads[THREADS_MAX]; /* only the main thread asks */
    size_t bytes = sizeof threads;
    int name[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID | KERN_PROC_SHOW_THREADS, process, sizeof *threads, THREADS_MAX };
    if (sysctl(name, COUNT_OF(name), threads, &bytes, NULL, 0) != 0)
        return false; /* it has ended */
    for (size_t i = 0; i < bytes / sizeof *threads; i++)
        if (thread == 0 || threads[i].p_tid == thread)
            return threads[i].p_stat == SSLEEP;
    return false;
}
