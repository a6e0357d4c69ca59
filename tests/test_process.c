/* SPDX-License-Identifier: 0BSD */
/* test_process.c: one group in several processes, made by fork and by exec: test_process futex|posix. */
#include "backends.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const wg_sem_ops_t *ops;
static const char *program;

/* What all processes map. */
typedef struct shared {
    wg_storage_t storage;
    atomic_int helpers_in; /* processes that have entered */
    atomic_int go;
    uintptr_t address; /* of the mapping in the first process */
    int payload[8];    /* not atomic: the group orders it */
} shared_t;

static shared_t *map(int file, void *where)
{
    shared_t *const shared = mmap(where, sizeof *shared, PROT_READ | PROT_WRITE,
                                  file < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, file, 0);
    REQUIRE(shared != MAP_FAILED);
    return shared;
}

static wg_t *share(shared_t *shared)
{
    const wg_config_t config = { sizeof config, ops, WG_PROCESS_SHARED };
    wg_t *const wg = wg_init(&shared->storage, &config);
    assert_non_null(wg);
    shared->address = (uintptr_t)shared;
    return wg;
}

static void join_process(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        REQUIRE(errno == EINTR);
    assert_int_equal(status, 0);
}

#define CHILDREN 5

static pid_t fork_off(void (*fn)(shared_t *shared, int number), shared_t *shared, int number)
{
    fflush(NULL);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        alarm(60);
        fn(shared, number);
        _exit(0);
    }
    return child;
}

static void work_in_a_child(shared_t *shared, int number)
{
    wg_t *const wg = wg_attach(&shared->storage);
    UNTIL(atomic_load(&shared->go));
    shared->payload[number] = 42;
    wg_done(wg);
}

static void a_parent_waits_for_its_children(void **unused)
{
    (void)unused;
    shared_t *const shared = map(-1, NULL);
    wg_t *const wg = share(shared);
    for (int round = 0; round < 20; round++) {
        pid_t children[CHILDREN];
        atomic_store(&shared->go, round % 2); /* in even rounds the children go on only after the parent has waited */
        memset(shared->payload, 0, sizeof shared->payload);
        wg_add(wg, CHILDREN);
        for (int i = 0; i < CHILDREN; i++)
            children[i] = fork_off(work_in_a_child, shared, i);
        if (round % 2 == 0)
            assert_int_equal(wg_wait_for(wg, 1000), ETIMEDOUT);
        atomic_store(&shared->go, 1);
        wg_wait(wg);
        for (int i = 0; i < CHILDREN; i++)
            assert_int_equal(shared->payload[i], 42);
        for (int i = 0; i < CHILDREN; i++)
            join_process(children[i]);
    }
    wg_destroy(wg);
    munmap(shared, sizeof *shared);
}

static void wait_in_a_child(shared_t *shared, int number)
{
    wg_t *const wg = wg_attach(&shared->storage);
    if (number % 2 == 0)
        wg_wait(wg);
    else
        REQUIRE(wg_wait_for(wg, INT64_MAX) == 0);
    REQUIRE(shared->payload[0] == 43);
}

static void children_wait_for_their_parent(void **unused)
{
    (void)unused;
    shared_t *const shared = map(-1, NULL);
    wg_t *const wg = share(shared);
    for (int round = 0; round < 20; round++) {
        pid_t children[CHILDREN];
        shared->payload[0] = 0;
        wg_add(wg, 1);
        for (int i = 0; i < CHILDREN; i++)
            children[i] = fork_off(wait_in_a_child, shared, i);
        UNTIL(wg_waiters(wg) == CHILDREN);
        for (int i = 0; i < CHILDREN; i++)
            until_process_asleep(children[i]);
        shared->payload[0] = 43;
        wg_done(wg);
        for (int i = 0; i < CHILDREN; i++)
            join_process(children[i]);
        assert_int_equal(wg_waiters(wg), 0);
    }
    wg_destroy(wg);
    munmap(shared, sizeof *shared);
}

static void time_out_in_a_child(shared_t *shared, int number)
{
    (void)number;
    REQUIRE(wg_wait_for(wg_attach(&shared->storage), 1000000) == ETIMEDOUT);
}

static void a_child_that_times_out_leaves_no_trace(void **unused)
{
    (void)unused;
    shared_t *const shared = map(-1, NULL);
    wg_t *const wg = share(shared);
    wg_add(wg, 1);
    join_process(fork_off(time_out_in_a_child, shared, 0));
    assert_int_equal(wg_waiters(wg), 0);
    wg_done(wg);
    wg_wait(wg);
    wg_destroy(wg);
    munmap(shared, sizeof *shared);
}

/*
 * Another program, which has the library, its tables and the memory at other addresses.
 * If the library followed a pointer of the first process, this one would crash or fail.
 */

enum { HELPER_WORKS, HELPER_WAITS };

static int be_helper(int file, int job)
{
    /* Maps twice if the kernel gives the address that the parent has: this process must have another one. */
    shared_t *shared = map(file, NULL);
    if ((uintptr_t)shared == shared->address)
        shared = map(file, NULL);
    REQUIRE((uintptr_t)shared != shared->address);
    wg_t *const wg = wg_attach(&shared->storage);
    alarm(60);
    atomic_fetch_add(&shared->helpers_in, 1);
    if (job == HELPER_WAITS) {
        wg_wait(wg);
        REQUIRE(shared->payload[0] == 43);
        return 0;
    }
    UNTIL(atomic_load(&shared->go));
    REQUIRE(wg_try_add(wg, 1));
    wg_add(wg, -1);
    atomic_fetch_add((_Atomic int *)&shared->payload[1], 1);
    wg_done(wg);
    return 0;
}

static pid_t exec_helper(int file, int job)
{
    char file_text[16], job_text[16];
    snprintf(file_text, sizeof file_text, "%d", file);
    snprintf(job_text, sizeof job_text, "%d", job);
    fflush(NULL);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        execl(program, program, "--helper", file_text, job_text, (char *)NULL);
        _exit(127);
    }
    return child;
}

/* Under qemu-user the kernel has no way to start a program of another machine, unless binfmt_misc is set up. */
static bool kernel_starts_this_program(void)
{
    fflush(NULL);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        execl(program, program, "--nothing", (char *)NULL);
        _exit(errno == ENOEXEC ? 1 : 127);
    }
    int status;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    return WEXITSTATUS(status) == 0;
}

static void other_programs_join_at_other_addresses(void **unused)
{
    (void)unused;
    if (!kernel_starts_this_program())
        skip();
    FILE *const stream = tmpfile();
    assert_non_null(stream);
    const int file = fileno(stream);
    assert_int_equal(ftruncate(file, sizeof(shared_t)), 0);
    shared_t *const shared = map(file, NULL);
    wg_t *const wg = share(shared);
    for (int round = 0; round < 5; round++) {
        pid_t helpers[CHILDREN + 2];
        atomic_store(&shared->go, 0);
        atomic_store(&shared->helpers_in, 0);
        memset(shared->payload, 0, sizeof shared->payload);
        wg_add(wg, 3);
        for (int i = 0; i < 2; i++)
            helpers[i] = exec_helper(file, HELPER_WORKS);
        for (int i = 2; i < CHILDREN + 2; i++)
            helpers[i] = exec_helper(file, HELPER_WAITS);
        UNTIL(wg_waiters(wg) == CHILDREN && atomic_load(&shared->helpers_in) == CHILDREN + 2);
        shared->payload[0] = 43;
        atomic_store(&shared->go, 1);
        wg_done(wg);
        wg_wait(wg);
        assert_int_equal(shared->payload[1], 2);
        for (int i = 0; i < CHILDREN + 2; i++)
            join_process(helpers[i]);
    }
    wg_destroy(wg);
    munmap(shared, sizeof *shared);
    fclose(stream);
}

/* The group is not shared: after the fork, the child's copy is a separate group. */
static wg_t *private_group;

static void look_at_the_copy(shared_t *unused, int number)
{
    (void)unused, (void)number;
    REQUIRE(wg_count(private_group) == 2);
    wg_add(private_group, -2);
    wg_wait(private_group);
    wg_destroy(private_group);
}

static void a_group_that_is_not_shared_is_copied_by_fork(void **unused)
{
    (void)unused;
    private_group = make_over(ops);
    wg_add(private_group, 2);
    join_process(fork_off(look_at_the_copy, NULL, 0));
    assert_int_equal(wg_count(private_group), 2);
    wg_add(private_group, -2);
    wg_destroy(private_group);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--helper") == 0)
        return be_helper(atoi(argv[2]), atoi(argv[3]));
    if (argc == 2 && strcmp(argv[1], "--nothing") == 0)
        return 0;
    program = "/proc/self/exe";
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parent_waits_for_its_children),
        cmocka_unit_test(children_wait_for_their_parent),
        cmocka_unit_test(a_child_that_times_out_leaves_no_trace),
        cmocka_unit_test(other_programs_join_at_other_addresses),
        cmocka_unit_test(a_group_that_is_not_shared_is_copied_by_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
