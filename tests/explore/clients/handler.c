/* SPDX-License-Identifier: 0BSD */
/* handler.c: a panic handler is set while another thread reports a misuse; the handler sees what was written before. */
#include "client.h"

static int made_for_it;
static wg_panic_fn *explorers_own;

static void setup(void)
{
    made_for_it = 0;
    if (explorers_own == NULL)
        explorers_own = wg_set_panic_handler(NULL);
    (void)wg_set_panic_handler(explorers_own);
    make_group(0);
}

static void handler(const wg_t *wg, wg_misuse_t misuse, const char *message)
{
    CHECK(made_for_it == 1);
    explorers_own(wg, misuse, message);
}

static void sets_the_handler(void)
{
    made_for_it = 1;
    CHECK(wg_set_panic_handler(handler) == explorers_own);
}

static void done_once_too_often(void)
{
    owes(true); /* judge() expects its misuse */
    wg_done(group);
}

static void judge(void)
{
    CHECK(panics() == 1);
    (void)wg_set_panic_handler(explorers_own);
}

EXPLORER_SCENE(handler, "a handler is set while another thread reports a misuse", .setup = setup,
               .thread = { sets_the_handler, done_once_too_often }, .judge = judge,
               .panics = MISUSE(WG_MISUSE_NEGATIVE_COUNTER), .must_panic = true)

/* Two threads set a handler.  If the second gets the first one's back, it sees what the first wrote before. */
static int made_for_first;
static wg_panic_fn *got;

static void first_handler(const wg_t *wg, wg_misuse_t misuse, const char *message)
{
    explorers_own(wg, misuse, message);
}

static void setup_two(void)
{
    setup();
    made_for_first = 0;
    got = NULL;
}

static void sets_the_first(void)
{
    made_for_first = 1;
    (void)wg_set_panic_handler(first_handler);
}

static void sets_the_second(void)
{
    got = wg_set_panic_handler(handler);
    if (got == first_handler)
        CHECK(made_for_first == 1);
}

static void finish_two(void)
{
    (void)wg_set_panic_handler(explorers_own);
    end_group();
}

EXPLORER_SCENE(handler_two, "two handlers are set, each of which may be given back to the other thread",
               .setup = setup_two, .thread = { sets_the_first, sets_the_second }, .finish = finish_two)
