/* SPDX-License-Identifier: 0BSD */
/* tools.c: ends a run that failed; the clock, shared memory, and random numbers. */
#include "soak.h"

#include "backends.h"
#include "suite.h"

#include <sched.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <time.h>

_Noreturn void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void nap(int64_t ns)
{
    const struct timespec t = { ns / 1000000000, ns % 1000000000 };
    nanosleep(&t, NULL);
}

void *map_shared(size_t bytes)
{
    void *const memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

/* xorshift64; never zero. */
static uint64_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

unsigned pick(uint64_t *seed, unsigned n)
{
    return (unsigned)(draw(seed) >> 33) % n;
}

uint64_t sow(uint64_t *seed)
{
    return (draw(seed) * 0x9e3779b97f4a7c15u) | 1;
}

void linger(uint64_t *seed)
{
    switch (pick(seed, 4)) {
    case 0:
        sched_yield();
        break;
    case 1:
        nap(20000);
        break;
    default:
        break;
    }
}

const wg_sem_ops_t *draw_backend(uint64_t *seed, bool poor)
{
    /* ThreadSanitizer sees no order in libdispatch, and none in a sem_t after a wait with a deadline. */
    const bool blind = SUITE_TSAN;
    /* Without memory libdispatch sleeps until there is some, and the semaphore of a user stops the program. */
    const wg_sem_ops_t *const tables[] = {
        wg_sem_futex(),
        blind ? NULL : wg_sem_posix(),
        blind || poor ? NULL : wg_sem_dispatch(),
        poor ? NULL : &cond_sem_ops,
    };
    for (;;) {
        const wg_sem_ops_t *const table = tables[pick(seed, COUNT_OF(tables))];
        if (table != NULL)
            return table;
    }
}
