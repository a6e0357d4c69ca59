/* SPDX-License-Identifier: 0BSD */
/* cores.c: cores_linux.c: the limits of cgroups, from files that the test writes, and the affinity. */
#include "suite.h"

#include "cores.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[PATH_MAX];

static void path_of(char *path, const char *name)
{
    assert_true(snprintf(path, PATH_MAX, "%s/%s", top, name) < PATH_MAX);
}

/* Writes top/name; makes its folders. */
static void put(const char *name, const char *text)
{
    char path[PATH_MAX];
    path_of(path, name);
    for (char *slash = strchr(path + strlen(top) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_top(void **unused)
{
    (void)unused;
    const char *const folder = getenv("TMPDIR");
    snprintf(top, sizeof top, "%s/wg-cores-XXXXXX", folder != NULL ? folder : "/tmp");
    return mkdtemp(top) != NULL ? 0 : -1;
}

static int remove_top(void **unused)
{
    (void)unused;
    char command[PATH_MAX + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", top);
    return system(command);
}

static unsigned quota(void)
{
    char memberships[PATH_MAX], mounts[PATH_MAX];
    path_of(memberships, "cgroup");
    path_of(mounts, "fs");
    return wgi_cores_quota(memberships, mounts);
}

static void without_files_there_is_no_limit(void **unused)
{
    (void)unused;
    assert_int_equal(quota(), UINT_MAX);
    put("cgroup", "0::/nowhere/at/all\n");
    assert_int_equal(quota(), UINT_MAX);
    put("cgroup", "");
    assert_int_equal(quota(), UINT_MAX);
}

static void version_2_is_read(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        unsigned cores;
    } cases[] = {
        { "max 100000\n", UINT_MAX }, { "300000 100000\n", 3 }, { "399999 100000\n", 3 },
        { "100000 100000\n", 1 },     { "5000 100000\n", 1 },   { "1000000 50000\n", 20 },
        { "300000\n", UINT_MAX },     { "", UINT_MAX },         { "x\n", UINT_MAX },
        { "-1 100000\n", UINT_MAX },  { "0 0\n", UINT_MAX },    { "9223372036854775807 1\n", UINT_MAX },
    };
    put("cgroup", "0::/user.slice/app\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        put("fs/user.slice/app/cpu.max", cases[i].text);
        assert_int_equal(quota(), cases[i].cores);
    }
}

static void the_least_limit_on_the_way_up_counts(void **unused)
{
    (void)unused;
    put("cgroup", "0::/a/b/c\n");
    put("fs/a/b/c/cpu.max", "800000 100000\n");
    assert_int_equal(quota(), 8);
    put("fs/a/cpu.max", "200000 100000\n");
    assert_int_equal(quota(), 2);
    put("fs/a/b/cpu.max", "400000 100000\n");
    assert_int_equal(quota(), 2);
    put("fs/a/cpu.max", "max 100000\n");
    assert_int_equal(quota(), 4);
    put("fs/cpu.max", "300000 100000\n"); /* what a container sees of itself */
    assert_int_equal(quota(), 3);
}

static void a_container_reads_the_root_whatever_its_path(void **unused)
{
    (void)unused;
    put("cgroup", "0::/../../of/the/host\n");
    put("fs/cpu.max", "200000 100000\n");
    assert_int_equal(quota(), 2);
    put("cgroup", "0::/\n");
    assert_int_equal(quota(), 2);
}

static void version_1_is_read(void **unused)
{
    (void)unused;
    put("cgroup", "12:cpuset:/x\n4:cpu,cpuacct:/jobs/one\n1:name=systemd:/jobs/one\n");
    put("fs/cpu,cpuacct/jobs/one/cpu.cfs_quota_us", "-1\n");
    put("fs/cpu,cpuacct/jobs/one/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(), UINT_MAX);
    put("fs/cpu,cpuacct/jobs/one/cpu.cfs_quota_us", "250000\n");
    assert_int_equal(quota(), 2);
    /* Not of the controller of processors: */
    put("fs/cpuset/x/cpu.cfs_quota_us", "100000\n");
    put("fs/cpuset/x/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(), 2);
    put("cgroup", "4:cpuacct,cpu:/jobs/one\n");
    assert_int_equal(quota(), UINT_MAX);
    put("fs/cpuacct,cpu/cpu.cfs_quota_us", "700000\n");
    put("fs/cpuacct,cpu/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota(), 7);
}

static void broken_lines_are_passed_over(void **unused)
{
    (void)unused;
    put("fs/ok/cpu.max", "200000 100000\n");
    put("cgroup", "nonsense\n:\n0:\n0::relative\n:::\n\n0::/ok\n");
    assert_int_equal(quota(), 2);
    char text[8000];
    memset(text, 'x', sizeof text);
    memcpy(text, "0::/", 4);
    text[sizeof text - 1] = '\0';
    put("cgroup", text);
    assert_int_equal(quota(), UINT_MAX);
}

static void the_affinity_counts(void **unused)
{
    (void)unused;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    errno = 4711;
    const unsigned all = wgi_cores_count();
    assert_int_equal(errno, 4711);
    assert_true(all >= 1 && all <= (unsigned)CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &before) && CPU_COUNT(&one) == 0)
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(wgi_cores_count(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_top, remove_top)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FILES(without_files_there_is_no_limit),
        WITH_FILES(version_2_is_read),
        WITH_FILES(the_least_limit_on_the_way_up_counts),
        WITH_FILES(a_container_reads_the_root_whatever_its_path),
        WITH_FILES(version_1_is_read),
        WITH_FILES(broken_lines_are_passed_over),
        cmocka_unit_test(the_affinity_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
