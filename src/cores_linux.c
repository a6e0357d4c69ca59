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

static bool read_file(const char *folder, const char *name, char *text, size_t size)
{
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    return length > 0 && (size_t)length < sizeof path && read_text(path, text, size);
}

static unsigned quota_in_cores(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return UINT_MAX; /* "max" and -1 are no limit */
    const long long whole = quota / period;
    return whole < 1 ? 1 : whole < UINT_MAX ? (unsigned)whole : UINT_MAX;
}

/* The limit that stands in one folder of a hierarchy. */
static unsigned folder_quota(const char *folder)
{
    char text[64], second[64];
    if (read_file(folder, "cpu.max", text, sizeof text)) { /* version 2: "200000 100000" */
        char *rest;
        const long long quota = strtoll(text, &rest, 10);
        return quota_in_cores(quota, strtoll(rest, NULL, 10));
    }
    if (read_file(folder, "cpu.cfs_quota_us", text, sizeof text) &&
        read_file(folder, "cpu.cfs_period_us", second, sizeof second))
        return quota_in_cores(strtoll(text, NULL, 10), strtoll(second, NULL, 10));
    return UINT_MAX;
}

/*
 * The least limit from a group up to the root of its hierarchy: each counts.  A
 * container may see its own group at the root, and a path that leads nowhere.
 */
static unsigned path_quota(const char *root, const char *group)
{
    char folder[PATH_MAX];
    const int length = snprintf(folder, sizeof folder, "%s%s", root, group);
    if (length < 0 || (size_t)length >= sizeof folder)
        return UINT_MAX;
    const size_t root_length = strlen(root);
    unsigned least = UINT_MAX;
    for (;;) {
        const unsigned here = folder_quota(folder);
        least = here < least ? here : least;
        if (strlen(folder) <= root_length)
            return least;
        *strrchr(folder, '/') = '\0'; /* there is one: 'group' begins with it */
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
    char text[4096], root[PATH_MAX];
    unsigned least = UINT_MAX;
    if (!read_text(memberships, text, sizeof text))
        return least;
    char *lines = NULL;
    /* Each line: number, controllers, path.  Version 2 has no controllers, and is mounted at the top or beside. */
    for (char *line = strtok_r(text, "\n", &lines); line != NULL; line = strtok_r(NULL, "\n", &lines)) {
        char *const controllers = strchr(line, ':');
        char *const group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (group == NULL || group[1] != '/')
            continue;
        *group = '\0';
        unsigned here = UINT_MAX;
        if (controllers[1] == '\0') {
            here = path_quota(mounts, group + 1);
        } else if (names_cpu(controllers + 1)) {
            const int length = snprintf(root, sizeof root, "%s/%s", mounts, controllers + 1);
            if (length > 0 && (size_t)length < sizeof root)
                here = path_quota(root, group + 1);
        }
        least = here < least ? here : least;
    }
    return least;
}

unsigned wgi_cores_count(void)
{
    cpu_set_t sets[8]; /* 8192 processors */
    const int saved = errno;
    int cancelable;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelable);
    memset(sets, 0, sizeof sets);
    const int allowed = sched_getaffinity(0, sizeof sets, sets) == 0 ? CPU_COUNT_S(sizeof sets, sets) : 1;
    const unsigned cores = allowed > 1 ? (unsigned)allowed : 1;
    const unsigned quota = cores > 1 ? wgi_cores_quota("/proc/self/cgroup", "/sys/fs/cgroup") : cores;
    pthread_setcancelstate(cancelable, &cancelable);
    errno = saved;
    return quota < cores ? quota : cores;
}
