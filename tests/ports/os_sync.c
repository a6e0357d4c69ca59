/* SPDX-License-Identifier: 0BSD */
/* os_sync.c: os_sync_wait_on_address() and its family over Linux's futex(2), for threads that really sleep. */
#include <linux/futex.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int os_sync_wait_on_address(void *word, uint64_t value, size_t size, uint32_t flags);
int os_sync_wait_on_address_with_timeout(void *word, uint64_t value, size_t size, uint32_t flags, uint32_t clock,
                                         uint64_t ns);
int os_sync_wake_by_address_any(void *word, size_t size, uint32_t flags);
int os_sync_wake_by_address_all(void *word, size_t size, uint32_t flags);

static int call(void *word, int op, uint32_t flags, uint32_t value, const struct timespec *timeout)
{
    return (int)syscall(SYS_futex, word, flags == 0 ? op | FUTEX_PRIVATE_FLAG : op, value, timeout, NULL, 0);
}

int os_sync_wait_on_address(void *word, uint64_t value, size_t size, uint32_t flags)
{
    (void)size;
    return call(word, FUTEX_WAIT, flags, (uint32_t)value, NULL);
}

int os_sync_wait_on_address_with_timeout(void *word, uint64_t value, size_t size, uint32_t flags, uint32_t clock,
                                         uint64_t ns)
{
    (void)size, (void)clock;
    const struct timespec timeout = { .tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000) };
    return call(word, FUTEX_WAIT, flags, (uint32_t)value, &timeout);
}

int os_sync_wake_by_address_any(void *word, size_t size, uint32_t flags)
{
    (void)size;
    return call(word, FUTEX_WAKE, flags, 1, NULL);
}

int os_sync_wake_by_address_all(void *word, size_t size, uint32_t flags)
{
    (void)size;
    return call(word, FUTEX_WAKE, flags, INT32_MAX, NULL);
}
