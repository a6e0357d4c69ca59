/* SPDX-License-Identifier: 0BSD */
/* asleep.h: what each BSD's sysctl(3) says of a thread. */
#ifndef ASLEEP_H
#define ASLEEP_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether this thread of the process sleeps; thread 0: any thread of it. */
bool bsd_asleep(pid_t process, pid_t thread);

#endif
