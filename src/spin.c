/* SPDX-License-Identifier: 0BSD */
/* spin.c: polling, and what is learned from it. */
#include "spin.h"

#include "clock.h"
#include "deadline.h"
#include "pause.h"

#define SKIP_BITS 8
#define SKIP_MASK ((1u << SKIP_BITS) - 1)
_Static_assert(WGI_SPIN_VAIN_MAX <= SKIP_BITS, "the number of waits to go without must fit");

/* Whether this wait is one that polls; if not, it counts as one that went without. */
static bool is_due(wgi_spin_memory_t *memory)
{
    const unsigned past = atomic_load_explicit(memory, memory_order_relaxed);
    if ((past & SKIP_MASK) == 0)
        return true;
    atomic_store_explicit(memory, (unsigned short)(past - 1), memory_order_relaxed);
    return false;
}

static void learn(wgi_spin_memory_t *memory, bool helped)
{
    const unsigned past = atomic_load_explicit(memory, memory_order_relaxed);
    unsigned vain = past >> SKIP_BITS, skip = 0;
    if (helped) {
        vain -= vain > 0;
    } else {
        vain += vain < WGI_SPIN_VAIN_MAX;
        skip = (1u << vain) - 1;
    }
    const unsigned now = vain << SKIP_BITS | skip;
    if (now != past)
        atomic_store_explicit(memory, (unsigned short)now, memory_order_relaxed);
}

static bool poll_for_zero(const wgi_state_t *state, const struct timespec *end)
{
    for (int look = 0; look < WGI_SPIN_LOOKS; look++) {
        for (int i = 0; i < WGI_SPIN_POLLS; i++) {
            wgi_pause();
            if (wgi_state_counter(wgi_state_acquire(state)) == 0)
                return true;
        }
        if (wgi_deadline_left_ns(end, wgi_clock_now()) == 0)
            break;
    }
    return false;
}

bool wgi_spin(const wgi_state_t *state, wgi_spin_memory_t *memory, const struct timespec *deadline)
{
    if (wgi_state_waiters(wgi_state_relaxed(state)) != 0 || !is_due(memory))
        return false;
    const struct timespec end = wgi_deadline_after(wgi_clock_now(), WGI_SPIN_NS);
    if (deadline != NULL && wgi_deadline_left_ns(deadline, end) == 0)
        return false;
    const bool zero = poll_for_zero(state, &end);
    learn(memory, zero);
    return zero;
}
