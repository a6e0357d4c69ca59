/* SPDX-License-Identifier: 0BSD */
/* asleep.c: what Mach says of a thread.  It was built only, and not run. */
#define thread_t mach_thread_t /* the tests have a type of this name too */
#include <mach/mach.h>
#undef thread_t

#include "threads.h"

#include "suite.h"

pid_t thread_id(void)
{
    return (pid_t)mach_thread_self(); /* a port name; the right to it is kept as long as the process */
}

static bool asleep(thread_act_t thread)
{
    thread_basic_info_data_t info;
    mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
    return thread_info(thread, THREAD_BASIC_INFO, (thread_info_t)&info, &count) == KERN_SUCCESS &&
           info.run_state == TH_STATE_WAITING;
}

void until_asleep(const thread_t *thread)
{
    UNTIL(atomic_load(&thread->tid) != 0);
    UNTIL(asleep((thread_act_t)atomic_load(&thread->tid)));
}
