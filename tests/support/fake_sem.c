/* SPDX-License-Identifier: 0BSD */
/* fake_sem.c: a semaphore that records its calls and never sleeps. */
#include "fake_sem.h"

#include "suite.h"

#include <errno.h>
#include <string.h>

fake_t fake;

void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
}

static fake_call_t *note(fake_kind_t kind, void *sem)
{
    REQUIRE(fake.count < COUNT_OF(fake.calls));
    fake_call_t *const call = &fake.calls[fake.count++];
    *call = (fake_call_t){ .kind = kind, .sem = sem };
    return call;
}

static int fake_init(void *sem, bool process_shared)
{
    for (size_t i = 0; i < WG_SEM_SIZE; i++)
        REQUIRE(((const unsigned char *)sem)[i] == 0);
    REQUIRE((uintptr_t)sem % 8 == 0);
    note(FAKE_INIT, sem)->process_shared = process_shared;
    if (fake.init_result != 0)
        memset(sem, 0xff, WG_SEM_SIZE); /* as an init that fails halfway may do */
    return fake.init_result;
}

static void fake_destroy(void *sem)
{
    note(FAKE_DESTROY, sem);
    errno = ENOTEMPTY; /* as any destroy may do */
}

static int fake_acquire(void *sem, const struct timespec *deadline)
{
    fake_call_t *const call = note(FAKE_ACQUIRE, sem);
    call->timed = deadline != NULL;
    if (deadline != NULL)
        call->deadline = *deadline;
    if (fake.asleep != NULL) {
        const int result = fake.asleep(fake.arg);
        if (result != 0)
            return result;
    }
    REQUIRE(fake.tokens > 0); /* else a real waiter would sleep for ever */
    fake.tokens--;
    return 0;
}

static void fake_release(void *sem, uint32_t n)
{
    note(FAKE_RELEASE, sem)->n = n;
    fake.tokens += n;
    if (fake.released != NULL)
        fake.released(fake.arg);
}

const wg_sem_ops_t fake_sem_ops = {
    .name = "fake",
    .init = fake_init,
    .destroy = fake_destroy,
    .acquire = fake_acquire,
    .release = fake_release,
};

const fake_call_t *fake_call(fake_kind_t kind, unsigned index)
{
    for (unsigned i = 0; i < fake.count; i++)
        if (fake.calls[i].kind == kind && index-- == 0)
            return &fake.calls[i];
    return NULL;
}

unsigned fake_calls(fake_kind_t kind)
{
    unsigned count = 0;
    while (fake_call(kind, count) != NULL)
        count++;
    return count;
}
