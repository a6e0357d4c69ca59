/* SPDX-License-Identifier: 0BSD */
/* stress_process.c: processes work and wait in one group, generation after generation: stress_process futex|posix. */
#include "backends.h"
#include "stress.h"
#include "suite.h"
#include "threads.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 3
#define WATCHERS 3

static const wg_sem_ops_t *ops;

typedef struct shared {
    wg_storage_t work_done, all_seen;
    atomic_uint generation;
    atomic_bool stop;
    unsigned results[WORKERS]; /* plain */
} shared_t;

static void be_worker(shared_t *shared, int number)
{
    wg_t *const work_done = wg_attach(&shared->work_done);
    for (unsigned mine = 1;; mine++) {
        UNTIL(atomic_load(&shared->generation) >= mine);
        if (atomic_load(&shared->stop))
            return;
        shared->results[number] = mine;
        wg_done(work_done);
    }
}

static void be_watcher(shared_t *shared, int number)
{
    wg_t *const work_done = wg_attach(&shared->work_done), *const all_seen = wg_attach(&shared->all_seen);
    for (unsigned mine = 1;; mine++) {
        UNTIL(atomic_load(&shared->generation) >= mine);
        if (atomic_load(&shared->stop))
            return;
        if (number % 2 == 0)
            wg_wait(work_done);
        else
            while (wg_wait_for(work_done, 10000) == ETIMEDOUT)
                continue;
        for (int i = 0; i < WORKERS; i++)
            REQUIRE(shared->results[i] == mine);
        wg_done(all_seen);
    }
}

static void processes_work_and_wait_for_thousands_of_generations(void **unused)
{
    (void)unused;
    const wg_config_t config = { sizeof config, ops, WG_PROCESS_SHARED };
    shared_t *const shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    wg_t *const work_done = wg_init(&shared->work_done, &config);
    wg_t *const all_seen = wg_init(&shared->all_seen, &config);
    assert_true(work_done != NULL && all_seen != NULL);
    pid_t children[WORKERS + WATCHERS];
    fflush(NULL);
    for (int i = 0; i < WORKERS + WATCHERS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            alarm(600);
            if (i < WORKERS)
                be_worker(shared, i);
            else
                be_watcher(shared, i - WORKERS);
            _exit(0);
        }
    }
    unsigned number = 0;
    while (stress_goes_on(10000, 200)) {
        number++;
        wg_add(work_done, WORKERS);
        wg_add(all_seen, WATCHERS);
        atomic_store(&shared->generation, number);
        wg_wait(all_seen);
        assert_int_equal(wg_waiters(work_done), 0);
    }
    atomic_store(&shared->stop, true);
    atomic_store(&shared->generation, number + 1);
    for (int i = 0; i < WORKERS + WATCHERS; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    wg_destroy(work_done);
    wg_destroy(all_seen);
    munmap(shared, sizeof *shared);
}

int main(int argc, char **argv)
{
    ops = backend_from(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_work_and_wait_for_thousands_of_generations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
