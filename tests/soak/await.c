/* SPDX-License-Identifier: 0BSD */
/* await.c: one wait, as all scenes make it: counted, checked, and known to the signals that meet it. */
#include "soak.h"
#include "tally.h"

#include <signal.h>

static _Thread_local volatile sig_atomic_t awaiting;

int await(wg_t *wg, int64_t timeout_ns)
{
    const int64_t began = now_ns();
    int result = 0;
    awaiting = 1;
    if (timeout_ns < 0)
        wg_wait(wg);
    else
        result = wg_wait_for(wg, timeout_ns);
    awaiting = 0;
    CHECK(result == 0 || (result == ETIMEDOUT && now_ns() - began >= timeout_ns));
    tally(result == 0 ? WAITS : TIMEOUTS, 1);
    return result;
}

bool is_awaiting(void)
{
    return awaiting != 0;
}
