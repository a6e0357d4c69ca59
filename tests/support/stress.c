/* SPDX-License-Identifier: 0BSD */
/* stress.c: counts the rounds of a stress test and looks at the clock. */
#include "stress.h"

#include "suite.h"
#include "threads.h"

#define SECONDS 2

bool stress_goes_on(unsigned wanted, unsigned least)
{
    static unsigned rounds;
    static struct timespec begun;
    const char *const text = getenv("WG_STRESS");
    const unsigned scale = text != NULL && atoi(text) > 0 ? (unsigned)atoi(text) : 1;
    if (rounds == 0)
        begun = monotonic_now();
    const bool late = ns_since(begun) > (int64_t)SECONDS * scale * 1000000000;
    if (rounds < wanted * scale && (!late || rounds < least)) {
        rounds++;
        return true;
    }
    print_message("%u rounds in %.1f s\n", rounds, (double)ns_since(begun) / 1e9);
    rounds = 0; /* for the next test */
    return false;
}
