/* SPDX-License-Identifier: 0BSD */
/* asleep_netbsd.c: what sysctl(3) says of a thread.  It was built only, and not run. */
#include "asleep.h"

#include "suite.h"
#include "threads.h"

#include <lwp.h>
#include <sys/lwp.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#include <unistd.h>

enum { THREADS_MAX = 1024 };

pid_t thread_id(void)
{
    return _lwp_self();
}

bool bsd_asleep(pid_t process, pid_t thread)
{
    static struct kinfo_lwp threads[THREADS_MAX]; /* only the main thread asks */
    size_t bytes = sizeof threads;
    int name[] = { CTL_KERN, KERN_LWP, process, sizeof *threads, THREADS_MAX };
    if (sysctl(name, COUNT_OF(name), threads, &bytes, NULL, 0) != 0)
        return false; /* it has ended */
    for (size_t i = 0; i < bytes / sizeof *threads; i++)
        if (thread == 0 || threads[i].l_lid == thread)
            return threads[i].l_stat == LSSLEEP;
    return false;
}
