/* SPDX-License-Identifier: 0BSD */
/* test_state.c: every transition of the state word, without threads. */
#include "state.h"

#include "suite.h"

#include <limits.h>

#define MAX_COUNTER INT32_MAX
#define MAX_WAITERS WGI_STATE_WAITERS

static uint64_t word_of(int64_t counter, bool closed, uint64_t waiters)
{
    return (uint64_t)(uint32_t)counter << 32 | (uint64_t)closed << 31 | waiters;
}

static void assert_word(uint64_t word, int64_t counter, bool closed, uint64_t waiters)
{
    assert_int_equal(word, word_of(counter, closed, waiters));
}

typedef struct row {
    int64_t counter; /* before the add */
    bool closed;
    uint32_t waiters;
    int delta;
    wgi_verdict_t verdict;
} row_t;

static const row_t table[] = {
    /* no thread waits */
    { 0, false, 0, 0, WGI_KEEP },
    { 0, false, 0, 1, WGI_KEEP },
    { 0, false, 0, INT_MAX, WGI_KEEP },
    { 1, false, 0, -1, WGI_KEEP },
    { 1, false, 0, INT_MAX - 1, WGI_KEEP },
    { MAX_COUNTER, false, 0, -INT_MAX, WGI_KEEP },
    { MAX_COUNTER, false, 0, 0, WGI_KEEP },
    /* the counter leaves its range */
    { 0, false, 0, -1, WGI_NEGATIVE },
    { 0, false, 0, INT_MIN, WGI_NEGATIVE },
    { 1, false, 0, -2, WGI_NEGATIVE },
    { MAX_COUNTER, false, 0, INT_MIN, WGI_NEGATIVE },
    { 3, true, 0, -4, WGI_NEGATIVE },
    { 1, false, 1, -2, WGI_NEGATIVE },
    { MAX_COUNTER, false, 0, 1, WGI_OVERFLOW },
    { MAX_COUNTER, false, 0, INT_MAX, WGI_OVERFLOW },
    { 1, false, 0, INT_MAX, WGI_OVERFLOW },
    { 1, true, 5, INT_MAX, WGI_OVERFLOW },
    /* the last done lets the waiters go */
    { 1, false, 1, -1, WGI_LET_GO },
    { 7, false, 3, -7, WGI_LET_GO },
    { MAX_COUNTER, false, MAX_WAITERS, -INT_MAX, WGI_LET_GO },
    { 1, true, 1, -1, WGI_LET_GO },
    /* not the last done */
    { 2, false, 1, -1, WGI_KEEP },
    { 2, true, 1, -1, WGI_KEEP },
    { MAX_COUNTER, false, MAX_WAITERS, -1, WGI_KEEP },
    /* subtasks while others wait, also in a closed group */
    { 1, false, 1, 1, WGI_KEEP },
    { 1, true, 1, 1, WGI_KEEP },
    { 1, true, 0, INT_MAX - 1, WGI_KEEP },
    { 1, false, 4, 0, WGI_KEEP },
    /* lifted from zero under waiters */
    { 0, false, 1, 1, WGI_DURING_WAIT },
    { 0, false, MAX_WAITERS, INT_MAX, WGI_DURING_WAIT },
    { 0, true, 1, 1, WGI_DURING_WAIT },
    /* lifted from zero when closed */
    { 0, true, 0, 1, WGI_AFTER_CLOSE },
    { 0, true, 0, INT_MAX, WGI_AFTER_CLOSE },
    { 0, true, 0, 0, WGI_KEEP },
    /* an add of zero neither lifts nor lets go */
    { 0, false, 2, 0, WGI_KEEP },
};

static void every_row_of_the_table_gets_its_verdict(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const row_t *const row = &table[i];
        wgi_state_t state = word_of(row->counter, row->closed, row->waiters);
        const uint64_t now = row->delta < 0 ? wgi_state_done(&state, row->delta) : wgi_state_add(&state, row->delta);
        assert_int_equal(now, state);
        if (wgi_state_judge(now, row->delta) != row->verdict)
            fail_msg("row %zu: verdict %d", i, (int)wgi_state_judge(now, row->delta));
        if (wgi_state_plain(now))
            assert_int_equal(row->verdict, WGI_KEEP);
    }
}

/* The same rules, in the order of the manual and without bits. */
static wgi_verdict_t by_the_manual(int64_t counter, bool closed, uint64_t waiters, int64_t delta)
{
    const int64_t after = counter + delta;
    if (after < 0)
        return WGI_NEGATIVE;
    if (after > MAX_COUNTER)
        return WGI_OVERFLOW;
    if (counter == 0 && after > 0)
        return waiters > 0 ? WGI_DURING_WAIT : closed ? WGI_AFTER_CLOSE : WGI_KEEP;
    return counter > 0 && after == 0 && waiters > 0 ? WGI_LET_GO : WGI_KEEP;
}

static void all_boundaries_together_agree_with_the_manual(void **unused)
{
    (void)unused;
    static const int64_t counters[] = { 0, 1, 2, 3, 1000, MAX_COUNTER - 1, MAX_COUNTER };
    static const uint64_t waiters[] = { 0, 1, 2, 1000, MAX_WAITERS - 1, MAX_WAITERS };
    static const int deltas[] = { INT_MIN, INT_MIN + 1, -1000, -3, -2, -1, 0, 1, 2, 3, 1000, INT_MAX - 1, INT_MAX };
    for (size_t c = 0; c < COUNT_OF(counters); c++)
        for (size_t w = 0; w < COUNT_OF(waiters); w++)
            for (size_t d = 0; d < COUNT_OF(deltas); d++)
                for (int closed = 0; closed < 2; closed++) {
                    wgi_state_t state = word_of(counters[c], closed, waiters[w]);
                    const uint64_t now =
                        deltas[d] < 0 ? wgi_state_done(&state, deltas[d]) : wgi_state_add(&state, deltas[d]);
                    const wgi_verdict_t expected = by_the_manual(counters[c], closed, waiters[w], deltas[d]);
                    if (wgi_state_judge(now, deltas[d]) != expected)
                        fail_msg("counter %lld, waiters %llu, closed %d, delta %d: %d, not %d", (long long)counters[c],
                                 (unsigned long long)waiters[w], closed, deltas[d],
                                 (int)wgi_state_judge(now, deltas[d]), (int)expected);
                    /* No add touches the low half. */
                    assert_int_equal((uint32_t)now, (uint32_t)word_of(0, closed, waiters[w]));
                }
}

static void plain_means_open_unwaited_and_in_range(void **unused)
{
    (void)unused;
    assert_true(wgi_state_plain(word_of(0, false, 0)));
    assert_true(wgi_state_plain(word_of(MAX_COUNTER, false, 0)));
    assert_false(wgi_state_plain(word_of(1, true, 0)));
    assert_false(wgi_state_plain(word_of(1, false, 1)));
    assert_false(wgi_state_plain(word_of(-1, false, 0)));
    assert_false(wgi_state_plain(word_of(INT32_MIN, false, 0)));
}

static void idle_means_nothing_counted_and_nobody_waiting_closed_or_not(void **unused)
{
    (void)unused;
    assert_true(wgi_state_idle(word_of(0, false, 0)));
    assert_true(wgi_state_idle(word_of(0, true, 0)));
    assert_false(wgi_state_idle(word_of(1, false, 0)));
    assert_false(wgi_state_idle(word_of(0, false, 1)));
    assert_false(wgi_state_idle(word_of(0, true, MAX_WAITERS)));
    assert_false(wgi_state_idle(word_of(-1, false, 0)));
}

static void the_fields_do_not_overlap(void **unused)
{
    (void)unused;
    const uint64_t word = word_of(MAX_COUNTER, true, MAX_WAITERS);
    assert_int_equal(wgi_state_counter(word), MAX_COUNTER);
    assert_int_equal(wgi_state_waiters(word), MAX_WAITERS);
    assert_int_equal(MAX_WAITERS, (1u << 30) - 1);
    assert_int_equal(word & (1u << 30), 0); /* a reserved bit */
    assert_int_equal(wgi_state_waiters(word_of(0, true, 0)), 0);
}

static void reset_takes_the_waiters_and_shows_the_word_as_it_was(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(0, false, 5);
    assert_word(wgi_state_reset(&state, 5), 0, false, 5);
    assert_word(state, 0, false, 0);
}

static void reset_keeps_a_close_that_came_between(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(1, false, 5);
    const uint64_t seen = wgi_state_done(&state, -1);
    wgi_state_close(&state);
    assert_word(wgi_state_reset(&state, wgi_state_waiters(seen)), 0, true, 5);
    assert_word(state, 0, true, 0);
}

static void reset_keeps_a_reopen_that_came_between(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(1, true, 2);
    const uint64_t seen = wgi_state_done(&state, -1);
    wgi_state_reopen(&state);
    assert_word(wgi_state_reset(&state, wgi_state_waiters(seen)), 0, false, 2);
    assert_word(state, 0, false, 0);
}

static void reset_shows_and_keeps_an_add_that_came_between(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(1, false, 5);
    const uint64_t seen = wgi_state_done(&state, -1);
    (void)wgi_state_add(&state, 3);
    assert_word(wgi_state_reset(&state, wgi_state_waiters(seen)), 3, false, 5);
    assert_word(state, 3, false, 0);
}

static void a_waiter_enlists_only_while_something_is_counted(void **unused)
{
    (void)unused;
    wgi_state_t state = 0;
    assert_int_equal(wgi_state_enlist(&state), WGI_ZERO);
    assert_word(state, 0, false, 0);

    state = word_of(0, true, 0);
    assert_int_equal(wgi_state_enlist(&state), WGI_ZERO);
    assert_word(state, 0, true, 0);

    state = word_of(1, false, 0);
    assert_int_equal(wgi_state_enlist(&state), WGI_ENLISTED);
    assert_word(state, 1, false, 1);

    state = word_of(MAX_COUNTER, true, 41);
    assert_int_equal(wgi_state_enlist(&state), WGI_ENLISTED);
    assert_word(state, MAX_COUNTER, true, 42);
}

/* The last done has not yet reset the word, and the other waiters are still in it.  This waiter must not join them. */
static void a_waiter_that_comes_during_the_release_finds_zero(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(0, false, 3);
    assert_int_equal(wgi_state_enlist(&state), WGI_ZERO);
    assert_word(state, 0, false, 3);
}

static void too_many_waiters_are_refused_before_they_reach_the_reserved_bit(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(1, false, MAX_WAITERS - 1);
    assert_int_equal(wgi_state_enlist(&state), WGI_ENLISTED);
    assert_word(state, 1, false, MAX_WAITERS);
    assert_int_equal(wgi_state_enlist(&state), WGI_FULL);
    assert_word(state, 1, false, MAX_WAITERS);
}

static void a_timed_out_waiter_withdraws_while_something_is_counted(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(2, false, 3);
    assert_true(wgi_state_retract(&state));
    assert_word(state, 2, false, 2);
    state = word_of(MAX_COUNTER, true, MAX_WAITERS);
    assert_true(wgi_state_retract(&state));
    assert_word(state, MAX_COUNTER, true, MAX_WAITERS - 1);
}

static void a_timed_out_waiter_is_too_late_at_zero(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(0, false, 3); /* before the reset */
    assert_false(wgi_state_retract(&state));
    assert_word(state, 0, false, 3);
    state = word_of(0, true, 0); /* after the reset */
    assert_false(wgi_state_retract(&state));
    assert_word(state, 0, true, 0);
}

static void a_timed_out_waiter_never_takes_what_is_not_there(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(1, false, 0); /* after the reset and a misuse */
    assert_false(wgi_state_retract(&state));
    assert_word(state, 1, false, 0);
}

static void try_add_counts_only_in_an_open_group(void **unused)
{
    (void)unused;
    uint64_t seen;
    wgi_state_t state = 0;
    assert_int_equal(wgi_state_try_add(&state, 1, &seen), WGI_KEEP);
    assert_word(state, 1, false, 0);
    assert_int_equal(wgi_state_try_add(&state, 41, &seen), WGI_KEEP);
    assert_word(state, 42, false, 0);
    assert_int_equal(wgi_state_try_add(&state, 0, &seen), WGI_KEEP);
    assert_word(state, 42, false, 0);

    wgi_state_close(&state);
    assert_int_equal(wgi_state_try_add(&state, 1, &seen), WGI_REFUSED);
    assert_int_equal(wgi_state_try_add(&state, 0, &seen), WGI_REFUSED);
    assert_int_equal(wgi_state_try_add(&state, UINT32_MAX, &seen), WGI_REFUSED);
    assert_word(state, 42, true, 0);
}

/* A closed group with waiters, between the last done and its reset: the call refuses, and reports no misuse. */
static void try_add_in_a_closed_group_is_refused_whoever_waits(void **unused)
{
    (void)unused;
    uint64_t seen;
    wgi_state_t state = word_of(0, true, 3);
    assert_int_equal(wgi_state_try_add(&state, 1, &seen), WGI_REFUSED);
    assert_word(state, 0, true, 3);
    assert_int_equal(seen, state);
}

static void try_add_of_nothing_is_no_misuse_while_others_are_let_go(void **unused)
{
    (void)unused;
    uint64_t seen;
    wgi_state_t state = word_of(0, false, 3);
    assert_int_equal(wgi_state_try_add(&state, 0, &seen), WGI_KEEP);
    assert_word(state, 0, false, 3);
}

static void try_add_that_would_overflow_changes_nothing(void **unused)
{
    (void)unused;
    uint64_t seen;
    wgi_state_t state = 0;
    assert_int_equal(wgi_state_try_add(&state, (uint32_t)MAX_COUNTER + 1, &seen), WGI_OVERFLOW);
    assert_int_equal(wgi_state_try_add(&state, UINT32_MAX, &seen), WGI_OVERFLOW);
    assert_word(state, 0, false, 0);
    assert_int_equal(wgi_state_try_add(&state, MAX_COUNTER, &seen), WGI_KEEP);
    assert_word(state, MAX_COUNTER, false, 0);
    assert_int_equal(wgi_state_try_add(&state, 1, &seen), WGI_OVERFLOW);
    assert_word(seen, MAX_COUNTER, false, 0);
    assert_word(state, MAX_COUNTER, false, 0);
}

static void try_add_from_zero_under_waiters_is_seen(void **unused)
{
    (void)unused;
    uint64_t seen;
    wgi_state_t state = word_of(0, false, 2);
    assert_int_equal(wgi_state_try_add(&state, 1, &seen), WGI_DURING_WAIT);
    assert_word(state, 0, false, 2);
    state = word_of(1, false, 2);
    assert_int_equal(wgi_state_try_add(&state, 1, &seen), WGI_KEEP);
    assert_word(state, 2, false, 2);
}

static void close_and_reopen_change_their_bit_alone_and_may_be_repeated(void **unused)
{
    (void)unused;
    wgi_state_t state = word_of(MAX_COUNTER, false, MAX_WAITERS);
    for (int i = 0; i < 2; i++) {
        wgi_state_close(&state);
        assert_word(state, MAX_COUNTER, true, MAX_WAITERS);
    }
    for (int i = 0; i < 2; i++) {
        wgi_state_reopen(&state);
        assert_word(state, MAX_COUNTER, false, MAX_WAITERS);
    }
}

static void the_word_is_8_aligned_wherever_it_lies(void **unused)
{
    (void)unused;
    struct odd {
        char byte;
        wgi_state_t state;
    };
    assert_int_equal(offsetof(struct odd, state) % 8, 0);
    assert_int_equal(sizeof(wgi_state_t), 8);
    wgi_state_t state = 0;
    assert_true(atomic_is_lock_free(&state)); /* otherwise neither signal handlers nor other processes could use it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_table_gets_its_verdict),
        cmocka_unit_test(all_boundaries_together_agree_with_the_manual),
        cmocka_unit_test(plain_means_open_unwaited_and_in_range),
        cmocka_unit_test(idle_means_nothing_counted_and_nobody_waiting_closed_or_not),
        cmocka_unit_test(the_fields_do_not_overlap),
        cmocka_unit_test(reset_takes_the_waiters_and_shows_the_word_as_it_was),
        cmocka_unit_test(reset_keeps_a_close_that_came_between),
        cmocka_unit_test(reset_keeps_a_reopen_that_came_between),
        cmocka_unit_test(reset_shows_and_keeps_an_add_that_came_between),
        cmocka_unit_test(a_waiter_enlists_only_while_something_is_counted),
        cmocka_unit_test(a_waiter_that_comes_during_the_release_finds_zero),
        cmocka_unit_test(too_many_waiters_are_refused_before_they_reach_the_reserved_bit),
        cmocka_unit_test(a_timed_out_waiter_withdraws_while_something_is_counted),
        cmocka_unit_test(a_timed_out_waiter_is_too_late_at_zero),
        cmocka_unit_test(a_timed_out_waiter_never_takes_what_is_not_there),
        cmocka_unit_test(try_add_counts_only_in_an_open_group),
        cmocka_unit_test(try_add_in_a_closed_group_is_refused_whoever_waits),
        cmocka_unit_test(try_add_of_nothing_is_no_misuse_while_others_are_let_go),
        cmocka_unit_test(try_add_that_would_overflow_changes_nothing),
        cmocka_unit_test(try_add_from_zero_under_waiters_is_seen),
        cmocka_unit_test(close_and_reopen_change_their_bit_alone_and_may_be_repeated),
        cmocka_unit_test(the_word_is_8_aligned_wherever_it_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
