/* SPDX-License-Identifier: 0BSD */
/* spawn_glib.h: a GThreadPool.  It has no wait for some of its tasks, so the last one to end signals a GCond. */
#include "glib_pool.h"

#define PEER_NAME "glib"

#include "../spawn.h"

static struct {
    GMutex mutex;
    GCond done;
    gint left;
} glib_round;

static void glib_job(gpointer job, gpointer unused)
{
    (void)unused;
    job_run((job_t *)job);
    if (g_atomic_int_dec_and_test(&glib_round.left)) {
        g_mutex_lock(&glib_round.mutex);
        g_cond_signal(&glib_round.done);
        g_mutex_unlock(&glib_round.mutex);
    }
}

static inline void spawn_round(job_t *jobs, unsigned n)
{
    g_atomic_int_set(&glib_round.left, (gint)n);
    for (unsigned i = 0; i < n; i++)
        g_thread_pool_push(glib_pool(glib_job), &jobs[i], NULL);
    spawned();
    g_mutex_lock(&glib_round.mutex);
    while (g_atomic_int_get(&glib_round.left) != 0)
        g_cond_wait(&glib_round.done, &glib_round.mutex);
    g_mutex_unlock(&glib_round.mutex);
}
