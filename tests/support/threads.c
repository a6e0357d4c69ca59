/* SPDX-License-Identifier: 0BSD */
/* threads.c: pthread_create, and what /proc says of a thread. */
#include "threads.h"

#include "suite.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *run(void *given)
{
    thread_t *const thread = given;
    atomic_store(&thread->tid, (pid_t)syscall(SYS_gettid));
    thread->fn(thread->arg);
    return NULL;
}

void thread_start(thread_t *thread, void (*fn)(void *arg), void *arg)
{
    atomic_init(&thread->tid, 0);
    thread->fn = fn;
    thread->arg = arg;
    /* Hundreds of threads must fit. */
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
    REQUIRE(pthread_create(&thread->handle, &attributes, run, thread) == 0);
    REQUIRE(pthread_attr_destroy(&attributes) == 0);
}

void *thread_join(thread_t *thread)
{
    void *result;
    REQUIRE(pthread_join(thread->handle, &result) == 0);
    return result;
}

/* proc(5): the letter after the name in brackets, which may hold brackets itself. */
static bool asleep(const char *path)
{
    char text[256];
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false; /* it has ended */
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

#define NS_PER_S 1000000000

struct timespec monotonic_now(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now;
}

struct timespec monotonic_in_ns(int64_t ns)
{
    struct timespec time = monotonic_now();
    ns += time.tv_nsec;
    time.tv_sec += (time_t)(ns / NS_PER_S);
    time.tv_nsec = (long)(ns % NS_PER_S);
    if (time.tv_nsec < 0) {
        time.tv_nsec += NS_PER_S;
        time.tv_sec--;
    }
    return time;
}

int64_t ns_since(struct timespec then)
{
    const struct timespec now = monotonic_now();
    return ((int64_t)now.tv_sec - then.tv_sec) * NS_PER_S + (now.tv_nsec - then.tv_nsec);
}
