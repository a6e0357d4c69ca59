/* SPDX-License-Identifier: 0BSD */
/* cores_linux.c: the smaller of the affinity and the limits of cgroups, versions 1 and 2. */
#include "cores.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads the start of a file as a string.  False if there is none. */
static bool read_text(const char *path, char *text, size_t size)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const ssize_t length = read(file, text, size - 1);
    (void)close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* Not on the stack: the first wait may run on the smallest there is. */
static struct {
    char memberships[4096], path[PATH_MAX];
} scratch;

/* A file of the folder in scratch.path, which is the same again after it. */
static bool read_file(const char *name, char *text, size_t size)
{
    const size_t end = strlen(scratch.path);
    const bool fits = end + 1 + strlen(name) < sizeof scratch.path;
    if (fits) {
        scratch.path[end] = '/';
        strcpy(&scratch.path[end + 1], name);
    }
    const bool found = fits && read_text(scratch.path, text, size);
    scratch.path[end] = '\0';
    return found;
}

static unsigned quota_in_cores(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return UINT_MAX; /* "max" and -1 are no limit */
    const long long whole = quota / period;
    return whole < 1 ? 1 : whole < UINT_MAX ? (unsigned)whole : UINT_MAX;
}

/* The limit that stands in the folder of scratch.path. */
static unsigned folder_quota(void)
{
    char text[64], second[64];
    if (read_file("cpu.max", text, sizeof text)) { /* version 2: "200000 100000" */
        char *rest;
        const long long quota = strtoll(text, &rest, 10);
        return quota_in_cores(quota, strtoll(rest, NULL, 10));
    }
    if (read_file("cpu.cfs_quota_us", text, sizeof text) && read_file("cpu.cfs_period_us", second, sizeof second))
        return quota_in_cores(strtoll(text, NULL, 10), strtoll(second, NULL, 10));
    return UINT_MAX;
}

/*
 * The least limit from a group up to the root of its hierarchy, which is the
 * folder 'mounts' or 'mount' in it: each counts.  A container may see its own
 * group at the root, and a path that leads nowhere.
 */
static unsigned path_quota(const char *mounts, const char *mount, const char *group)
{
    char *const path = scratch.path;
    const size_t size = sizeof scratch.path;
    const char *const slash = *mount != '\0' ? "/" : "";
    const int length = snprintf(path, size, "%s%s%s%s", mounts, slash, mount, group);
    if (length < 0 || (size_t)length >= size)
        return UINT_MAX;
    const size_t root_length = (size_t)length - strlen(group);
    unsigned least = UINT_MAX;
    for (;;) {
        const unsigned here = folder_quota();
        least = here < least ? here : least;
        if (strlen(path) <= root_length)
            return least;
        *strrchr(path, '/') = '\0'; /* there is one: 'group' begins with it */
    }
}

/* Whether the controller 'cpu' is among "cpu,cpuacct". */
static bool names_cpu(const char *controllers)
{
    for (const char *name = controllers; name != NULL; name = strchr(name, ',')) {
        name += *name == ',';
        if (strncmp(name, "cpu", 3) == 0 && (name[3] == ',' || name[3] == '\0'))
            return true;
    }
    return false;
}

unsigned wgi_cores_quota(const char *memberships, const char *mounts)
{
    char *const text = scratch.memberships;
    unsigned least = UINT_MAX;
    if (!read_text(memberships, text, sizeof scratch.memberships))
        return least;
    char *lines = NULL;
    /* Each line: number, controllers, path.  Version 2 has no controllers, and is mounted at the top or beside. */
    for (char *line = strtok_r(text, "\n", &lines); line != NULL; line = strtok_r(NULL, "\n", &lines)) {
        char *const controllers = strchr(line, ':');
        char *const group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (group == NULL || group[1] != '/')
            continue;
        *group = '\0';
        const bool second = controllers[1] == '\0';
        if (!second && !names_cpu(controllers + 1))
            continue;
        const unsigned here = path_quota(mounts, second ? "" : controllers + 1, group + 1);
        least = here < least ? here : least;
    }
    return least;
}

unsigned wgi_cores_count(void)
{
    cpu_set_t sets[8]; /* 8192 processors; the main thread's, as the one that asks may be tied to a single one */
    const int saved = errno;
    int cancelable;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelable);
    memset(sets, 0, sizeof sets);
    const int allowed = sched_getaffinity(getpid(), sizeof sets, sets) == 0 ? CPU_COUNT_S(sizeof sets, sets) : 1;
    const unsigned cores = allowed > 1 ? (unsigned)allowed : 1;
    const unsigned quota = cores > 1 ? wgi_cores_quota("/proc/self/cgroup", "/sys/fs/cgroup") : cores;
    pthread_setcancelstate(cancelable, &cancelable);
    errno = saved;
    return quota < cores ? quota : cores;
}
