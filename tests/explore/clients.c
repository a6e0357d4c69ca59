/* SPDX-License-Identifier: 0BSD */
/* clients.c: the list of all clients. */
#include "explore.h"

#define CLIENTS(X) \
    X(publication) \
    X(publication_bulk) \
    X(late) \
    X(late_parked) \
    X(late_large) \
    X(two_waiters) \
    X(two_waiters_stale) \
    X(two_waiters_two_tasks) \
    X(three_waiters) \
    X(timed) \
    X(timed_twice) \
    X(timed_and_not) \
    X(timed_both) \
    X(timed_then_not) \
    X(timed_generations) \
    X(reuse) \
    X(reuse_stale) \
    X(reuse_two_waiters) \
    X(free) \
    X(poison) \
    X(heap) \
    X(free_two_waiters) \
    X(free_timed) \
    X(free_timed_owed) \
    X(free_three_tasks) \
    X(nested) \
    X(nested_timed) \
    X(drain) \
    X(drain_stale) \
    X(close_late) \
    X(close_subtasks) \
    X(drain_reopen) \
    X(drain_large) \
    X(sharded_drain) \
    X(sharded_subtask) \
    X(sharded_generations) \
    X(lazy) \
    X(lazy_two) \
    X(lazy_timed) \
    X(lazy_free) \
    X(lazy_two_stale) \
    X(lazy_three) \
    X(notice) \
    X(notice_two) \
    X(notice_two_stale) \
    X(notice_waiter) \
    X(notice_timed_waiter) \
    X(notice_argument) \
    X(notice_order) \
    X(notice_free) \
    X(notice_two_free) \
    X(notice_waiter_free) \
    X(notice_again) \
    X(notice_close) \
    X(notice_drain) \
    X(notice_parent) \
    X(cancel) \
    X(cancel_weak) \
    X(cancel_beside) \
    X(cancel_one_of_two) \
    X(cancel_both) \
    X(cancel_middle) \
    X(cancel_waiter) \
    X(cancel_again) \
    X(cancel_free) \
    X(cancel_free_notice) \
    X(cancel_free_one) \
    X(cancel_next) \
    X(cancel_next_again) \
    X(cancel_close) \
    X(any) \
    X(any_timed) \
    X(any_second) \
    X(any_timed_first) \
    X(any_timed_free) \
    X(any_and_waiter) \
    X(any_close) \
    X(any_same) \
    X(any_free) \
    X(any_late) \
    X(any_two) \
    X(futex_one) \
    X(futex_two) \
    X(futex_two_stale) \
    X(futex_three) \
    X(futex_two_givers) \
    X(futex_mixed) \
    X(futex_in_turn) \
    X(futex_shared) \
    X(futex_shared_three) \
    X(futex_timed) \
    X(futex_timed_three) \
    X(futex_free_one) \
    X(futex_free) \
    X(misuse_negative) \
    X(misuse_negative_timed) \
    X(misuse_negative_two) \
    X(misuse_add) \
    X(misuse_add_timed) \
    X(misuse_try_add) \
    X(misuse_reuse) \
    X(misuse_overlap) \
    X(misuse_overflow) \
    X(misuse_overflow_try) \
    X(misuse_closed) \
    X(misuse_destroy) \
    X(misuse_notice_add) \
    X(misuse_notice_try_add) \
    X(misuse_notice_twice) \
    X(misuse_notice_shared) \
    X(misuse_notice_destroy) \
    X(handler) \
    X(handler_two)

#define DECLARE(name) extern const wgx_client_t client_##name;
#define POINT(name) &client_##name,

CLIENTS(DECLARE)

const wgx_client_t *const wgx_clients[] = { CLIENTS(POINT) NULL };
