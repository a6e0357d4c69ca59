/* SPDX-License-Identifier: 0BSD */
/* asleep.c: waits until a thread or a process is seen asleep.  It was built only, and not run. */
#include "asleep.h"

#include "suite.h"
#include "threads.h"

#include <unistd.h>

void until_asleep(const thread_t *thread)
{
    UNTIL(atomic_load(&thread->tid) != 0);
    UNTIL(bsd_asleep(getpid(), atomic_load(&thread->tid)));
}

void until_process_asleep(pid_t process)
{
    UNTIL(bsd_asleep(process, 0));
}
