/* SPDX-License-Identifier: 0BSD */
/* cores.h: how many processors this process may use at once. */
#ifndef WGI_CORES_H
#define WGI_CORES_H

/* At least 1.  One caller at a time.  May open files; is no cancellation point and leaves errno alone. */
unsigned wgi_cores_count(void);

/*
 * Linux: the processors' worth of time that cgroups allow, rounded down; UINT_MAX
 * if they set no limit.  'memberships' is a file like /proc/self/cgroup, 'mounts'
 * a folder like /sys/fs/cgroup.
 */
unsigned wgi_cores_quota(const char *memberships, const char *mounts);

#endif
