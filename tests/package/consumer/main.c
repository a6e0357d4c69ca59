/* SPDX-License-Identifier: 0BSD */
/* main.c: a program of a user of the installed libwg.  Also C++. */
#include <wg/wg.h>

#include <stdio.h>

static void work(void *arg)
{
    ++*(int *)arg;
}

int main(void)
{
    int done[3] = { 0, 0, 0 }, i;
    wg_t *const wg = wg_create();
    if (wg == NULL)
        return 1;
    wg_add(wg, 1);
    for (i = 0; i < 3; i++)
        if (wg_go(wg, work, &done[i]) != 0)
            return 1;
    wg_done(wg);
    wg_wait(wg);
    wg_destroy(wg);
    printf("%s %d\n", wg_version(), done[0] + done[1] + done[2]);
    return 0;
}
