/* SPDX-License-Identifier: 0BSD */
/* thread.h: what the library needs of the system's threads: start one, and learn that one ends. */
#ifndef WGI_THREAD_H
#define WGI_THREAD_H

/* What a new thread is given. */
typedef struct wgi_job {
    void (*fn)(void *arg);
    void *arg;
    void (*ended)(void *that);
    void *that;
} wgi_job_t;

/*
 * Runs job.fn(job.arg) on a new detached thread, then job.ended(job.that) on it,
 * however the thread ends.  0 | errno; then no function of the job is called.
 */
int wgi_thread_start(wgi_job_t job);

/*
 * Runs job->fn(job->arg) on this thread.  If the thread ends inside, by
 * pthread_exit(), cancellation or ExitThread(), job->ended(job->that) is called as it ends.
 */
void wgi_thread_guard(const wgi_job_t *job);

/* Of the system, for thread.c.  A new detached thread calls wgi_thread_run(), which frees the job.  0 | errno. */
int wgi_thread_create(wgi_job_t *job);
void wgi_thread_run(wgi_job_t *given);

#endif
