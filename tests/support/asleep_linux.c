/* SPDX-License-Identifier: 0BSD */
/* asleep_linux.c: reads in /proc whether a thread sleeps. */
#include "threads.h"

#include "suite.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

pid_t thread_id(void)
{
    return (pid_t)syscall(SYS_gettid);
}

/* proc(5): the state is the letter after the name in brackets.  The name itself may contain brackets. */
static bool asleep(const char *path)
{
    char text[256];
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false; /* the thread has ended */
    const ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return false;
    text[length] = '\0';
    const char *const end = strrchr(text, ')');
    return end != NULL && end[1] == ' ' && end[2] == 'S';
}

void until_asleep(const thread_t *thread)
{
    char path[64];
    UNTIL(atomic_load(&thread->tid) != 0);
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)atomic_load(&thread->tid));
    UNTIL(asleep(path));
}

void until_process_asleep(pid_t process)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    UNTIL(asleep(path));
}
