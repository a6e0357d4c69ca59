/* SPDX-License-Identifier: 0BSD */
/* asleep_freebsd.c: what sysctl(3) says of a thread.  It was built only, and not run. */
#include "asleep.h"

#include "suite.h"
#include "threads.h"

#include <pthread_np.h>
#include <sys/param.h>
#include <sys/sysctl.h>
#define thread kernel_thread /* the tests have a struct of this name too */
#include <sys/user.h>
#undef thread
#include <unistd.h>

enum { THREADS_MAX = 1024 };

pid_t thread_id(void)
{
    return pthread_getthreadid_np();
}

bool bsd_asleep(pid_t process, pid_t thread)
{
    static struct kinfo_proc threads[THREADS_MAX]; /* only the main thread asks */
    size_t bytes = sizeof threads;
    int name[] = { CTL_KERN, KERN_PROC, KERN_PROC_PID | KERN_PROC_INC_THREAD, process };
    if (sysctl(name, COUNT_OF(name), threads, &bytes, NULL, 0) != 0)
        return false; /* it has ended */
    for (size_t i = 0; i < bytes / sizeof *threads; i++)
        if (thread == 0 || threads[i].ki_tid == thread)
            return threads[i].ki_stat == SSLEEP;
    return false;
}
