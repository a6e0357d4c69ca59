/* SPDX-License-Identifier: 0BSD */
/* await.c: the wait of all scenes: it is counted and checked, and a signal handler can see it. */
#include "soak.h"
#include "tally.h"

#include <signal.h>

static _Thread_local volatile sig_atomic_t awaiting;

/* Every second wait with a time-out takes a deadline. */
static int wait_somehow(wg_t *wg, int64_t timeout_ns, int64_t began_ns)
{
    static _Thread_local bool by_deadline;
    if (timeout_ns < 0) {
        wg_wait(wg);
        return 0;
    }
    by_deadline = !by_deadline;
    if (!by_deadline)
        return wg_wait_for(wg, timeout_ns);
    const int64_t end_ns = began_ns + timeout_ns;
    const struct timespec deadline = { .tv_sec = (time_t)(end_ns / 1000000000),
                                       .tv_nsec = (long)(end_ns % 1000000000) };
    return wg_wait_until(wg, &deadline);
}

int await(wg_t *wg, int64_t timeout_ns)
{
    const int64_t began_ns = now_ns();
    errno = EILSEQ; /* no call sets this value */
    awaiting = 1;
    const int result = wait_somehow(wg, timeout_ns, began_ns);
    awaiting = 0;
    CHECK(errno == EILSEQ);
    CHECK(result == 0 || (result == ETIMEDOUT && now_ns() - began_ns >= timeout_ns));
    tally(result == 0 ? WAITS : TIMEOUTS, 1);
    return result;
}

bool is_awaiting(void)
{
    return awaiting != 0;
}
