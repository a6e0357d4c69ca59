/* SPDX-License-Identifier: 0BSD */
/* deadline.c: a user's program with a time_t of its own choice; check.sh here sees with which library it links. */
#include <wg/wg.h>

#include <errno.h>
#include <time.h>

int main(void)
{
    const wg_config_t config = { sizeof config, wg_sem_default(), 0 };
    wg_t *const wg = wg_create_with(&config);
    struct timespec deadline, end;
    if (wg == NULL || clock_gettime(CLOCK_MONOTONIC, &deadline) != 0)
        return 1;
    deadline.tv_nsec += 20000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_nsec -= 1000000000;
        deadline.tv_sec++;
    }
    wg_add(wg, 1);
    const int result = wg_wait_until(wg, &deadline);
    clock_gettime(CLOCK_MONOTONIC, &end);
    wg_done(wg);
    wg_destroy(wg);
    const bool early =
        end.tv_sec < deadline.tv_sec || (end.tv_sec == deadline.tv_sec && end.tv_nsec < deadline.tv_nsec);
    return result == ETIMEDOUT && !early ? 0 : 2;
}
