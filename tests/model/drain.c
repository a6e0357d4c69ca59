/* SPDX-License-Identifier: 0BSD */
/* drain.c: wg_close() and a wait never miss a request. */
#include "model.h"

static int served[2];

static void setup(void)
{
    served[0] = served[1] = 0;
    make_group(0);
}

static void request(int i)
{
    if (!wg_try_add(group, 1))
        return;
    served[i] = 1;
    wg_done(group);
}

static void request_0(void)
{
    request(0);
}

static void request_1(void)
{
    request(1);
}

static void drainer(void)
{
    wg_close(group);
    wg_wait(group);
    served[0] = served[1] = 2;
}

static void finish(void)
{
    assert(served[0] == 2 && served[1] == 2 && wg_is_closed(group));
    end_group();
}

SCENE(setup, finish, { drainer }, { request_0 }, { request_1 })
