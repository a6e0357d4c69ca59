/* SPDX-License-Identifier: 0BSD */
/* spawn_async.h: std::async, which starts a thread for each task. */
#include <future>
#include <system_error>
#include <vector>

#define PEER_NAME "async"

#include "../spawn.h"

static inline void spawn_round(job_t *jobs, unsigned n)
{
    std::vector<std::future<void>> started;
    started.reserve(n);
    for (unsigned i = 0; i < n; i++)
        try {
            started.push_back(std::async(std::launch::async, job_run, &jobs[i]));
        } catch (const std::system_error &) {
            job_run_here(&jobs[i]);
        }
    spawned();
    for (std::future<void> &task : started)
        task.get();
}
