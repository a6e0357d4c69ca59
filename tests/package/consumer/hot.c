/* SPDX-License-Identifier: 0BSD */
/* hot.c: a loop over wg_add and wg_done, to see whether they are calls in it. */
#include <wg/wg.h>

#include <stdio.h>

__attribute__((noinline)) void hot(wg_t *wg, int n);

void hot(wg_t *wg, int n)
{
    for (int i = 0; i < n; i++)
        wg_add(wg, 1);
    for (int i = 0; i < n; i++)
        wg_done(wg);
}

int main(void)
{
    static wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = wg_attach(&storage);
    hot(wg, 3);
    wg_wait(wg);
    return printf("%s 3\n", wg_version()) < 0;
}
