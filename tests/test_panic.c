/* SPDX-License-Identifier: 0BSD */
/* test_panic.c: what is printed when the library stops the program, by how many writes, and by which thread. */
#include "panic.h"

#include "death.h"
#include "suite.h"

#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <unistd.h>

/* Puts brackets around each write of the library. */
ssize_t __wrap_write(int file, const void *bytes, size_t length);
ssize_t __real_write(int file, const void *bytes, size_t length);

static bool bracket;

ssize_t __wrap_write(int file, const void *bytes, size_t length)
{
    if (!bracket)
        return __real_write(file, bytes, length);
    REQUIRE(__real_write(file, "[", 1) == 1);
    REQUIRE(__real_write(file, bytes, length) == (ssize_t)length);
    REQUIRE(__real_write(file, "]", 1) == 1);
    return (ssize_t)length;
}

static wg_storage_t storage;
static wg_t *const wg = (wg_t *)&storage;

static void panic_plainly(void *arg)
{
    (void)arg;
    wgi_panic(wg, WG_MISUSE_NEGATIVE_COUNTER, -1, 2, -3);
}

static void the_default_writes_one_line_to_standard_error_and_aborts(void **unused)
{
    (void)unused;
    assert_aborts(panic_plainly, NULL, misuse_line(wg, "negative WaitGroup counter", -1, 2, -3));
}

static void panic_at_length(void *arg)
{
    wgi_panic(arg, WG_MISUSE_REUSED_TOO_SOON, INT32_MIN, UINT32_MAX, INT64_MIN);
}

static void the_longest_line_is_written_to_its_end(void **unused)
{
    (void)unused;
    wg_t *const far_away = (wg_t *)(UINTPTR_MAX - 7);
    assert_aborts(panic_at_length, far_away,
                  misuse_line(far_away, "WaitGroup is reused before previous Wait has returned", INT32_MIN, UINT32_MAX,
                              INT64_MIN));
}

static void panic_in_brackets(void *arg)
{
    bracket = true;
    panic_plainly(arg);
}

/* write() is a cancellation point.  A thread with a pending cancellation must still end the program. */
static void cancel_this_thread(void)
{
    int before; /* disabled, if a handler has left */
    REQUIRE(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before) == 0);
    REQUIRE(pthread_cancel(pthread_self()) == 0);
}

static void panic_while_cancelled(void *arg)
{
    cancel_this_thread();
    panic_plainly(arg);
}

static void a_pending_cancellation_does_not_hush_it_up(void **unused)
{
    (void)unused;
    assert_aborts(panic_while_cancelled, NULL, misuse_line(wg, "negative WaitGroup counter", -1, 2, -3));
}

static void the_line_is_one_write_so_that_lines_of_threads_do_not_mix(void **unused)
{
    (void)unused;
    char text[300];
    snprintf(text, sizeof text, "[%s]", misuse_line(wg, "negative WaitGroup counter", -1, 2, -3));
    assert_aborts(panic_in_brackets, NULL, text);
}

static void panic_without_standard_error(void *arg)
{
    close(STDERR_FILENO);
    panic_plainly(arg);
}

static void it_aborts_also_where_nothing_can_be_written(void **unused)
{
    (void)unused;
    assert_aborts(panic_without_standard_error, NULL, "");
}

/* A handler that stores its arguments and leaves. */

static jmp_buf out;
static const wg_t *got_group;
static wg_misuse_t got_misuse;
static char got_message[400];

static void keep_and_leave(const wg_t *group, wg_misuse_t misuse, const char *message)
{
    got_group = group;
    got_misuse = misuse;
    snprintf(got_message, sizeof got_message, "%s", message);
    longjmp(out, 1);
}

typedef struct words {
    wg_misuse_t misuse;
    const char *text;
} words_t;

static const words_t words[] = {
    { WG_MISUSE_NEGATIVE_COUNTER, "negative WaitGroup counter" },
    { WG_MISUSE_COUNTER_OVERFLOW, "counter overflow" },
    { WG_MISUSE_ADD_DURING_WAIT, "WaitGroup misuse: Add called concurrently with Wait" },
    { WG_MISUSE_REUSED_TOO_SOON, "WaitGroup is reused before previous Wait has returned" },
    { WG_MISUSE_DESTROYED_IN_USE, "destroyed while in use" },
    { WG_MISUSE_ADD_AFTER_CLOSE, "add to a closed WaitGroup" },
};

/* One of these is the longest possible text.  It must not be cut. */
static void the_handler_gets_each_misuse_in_its_words_with_all_numbers(void **unused)
{
    (void)unused;
    const wg_t *const groups[] = { wg, (const wg_t *)(uintptr_t)8, (const wg_t *)(UINTPTR_MAX - 7) };
    static const int32_t counters[] = { 0, -1, 1, INT32_MAX, INT32_MIN };
    static const uint32_t waiters[] = { 0, 1, 10, UINT32_MAX };
    static const int64_t deltas[] = { 0, 1, -1, 1234567890, INT64_MAX, INT64_MIN };
    wg_set_panic_handler(keep_and_leave);
    for (volatile size_t i = 0; i < COUNT_OF(words); i++)
        for (volatile size_t g = 0; g < COUNT_OF(groups); g++)
            for (volatile size_t c = 0; c < COUNT_OF(counters); c++)
                for (volatile size_t w = 0; w < COUNT_OF(waiters); w++)
                    for (volatile size_t d = 0; d < COUNT_OF(deltas); d++) {
                        if (setjmp(out) == 0)
                            wgi_panic(groups[g], words[i].misuse, counters[c], waiters[w], deltas[d]);
                        char text[400];
                        snprintf(text, sizeof text,
                                 "%s: group 0x%" PRIxPTR ", counter %" PRId32 ", waiters %" PRIu32 ", delta %" PRId64,
                                 words[i].text, (uintptr_t)groups[g], counters[c], waiters[w], deltas[d]);
                        assert_string_equal(got_message, text);
                        assert_ptr_equal(got_group, groups[g]);
                        assert_int_equal(got_misuse, words[i].misuse);
                    }
    wg_set_panic_handler(NULL);
}

static void say_something_and_return(const wg_t *group, wg_misuse_t misuse, const char *message)
{
    (void)group, (void)misuse, (void)message;
    REQUIRE(__real_write(STDERR_FILENO, "handled", 7) == 7);
}

static void panic_with_a_handler_that_returns(void *arg)
{
    wg_set_panic_handler(say_something_and_return);
    panic_plainly(arg);
}

static void a_handler_that_returns_is_followed_by_abort_without_more_words(void **unused)
{
    (void)unused;
    assert_aborts(panic_with_a_handler_that_returns, NULL, "handled");
}

static void handle_while_cancelled(void *arg)
{
    wg_set_panic_handler(say_something_and_return);
    panic_while_cancelled(arg);
}

static void a_pending_cancellation_does_not_end_a_handler(void **unused)
{
    (void)unused;
    assert_aborts(handle_while_cancelled, NULL, "handled");
}

static void setting_a_handler_returns_the_one_before(void **unused)
{
    (void)unused;
    assert_true(wg_set_panic_handler(keep_and_leave) == NULL);
    assert_true(wg_set_panic_handler(say_something_and_return) == keep_and_leave);
    assert_true(wg_set_panic_handler(say_something_and_return) == say_something_and_return);
    assert_true(wg_set_panic_handler(NULL) == say_something_and_return);
    assert_true(wg_set_panic_handler(NULL) == NULL);
}

static void panic_after_the_handler_was_taken_back(void *arg)
{
    wg_set_panic_handler(say_something_and_return);
    wg_set_panic_handler(NULL);
    panic_plainly(arg);
}

static void no_handler_means_the_default_again(void **unused)
{
    (void)unused;
    assert_aborts(panic_after_the_handler_was_taken_back, NULL,
                  misuse_line(wg, "negative WaitGroup counter", -1, 2, -3));
}

static void break_the_system(void *arg)
{
    (void)arg;
    wg_set_panic_handler(say_something_and_return); /* not called: it is for misuse only */
    wgi_panic_system("doing the impossible", 12345);
}

static void break_the_system_while_cancelled(void *arg)
{
    cancel_this_thread();
    break_the_system(arg);
}

static void an_impossible_error_stops_with_what_and_errno(void **unused)
{
    (void)unused;
    assert_aborts(break_the_system, NULL, "libwg: doing the impossible failed: errno 12345; see libwg(7)\n");
    assert_aborts(break_the_system_while_cancelled, NULL,
                  "libwg: doing the impossible failed: errno 12345; see libwg(7)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_writes_one_line_to_standard_error_and_aborts),
        cmocka_unit_test(the_longest_line_is_written_to_its_end),
        cmocka_unit_test(a_pending_cancellation_does_not_hush_it_up),
        cmocka_unit_test(the_line_is_one_write_so_that_lines_of_threads_do_not_mix),
        cmocka_unit_test(it_aborts_also_where_nothing_can_be_written),
        cmocka_unit_test(the_handler_gets_each_misuse_in_its_words_with_all_numbers),
        cmocka_unit_test(a_handler_that_returns_is_followed_by_abort_without_more_words),
        cmocka_unit_test(a_pending_cancellation_does_not_end_a_handler),
        cmocka_unit_test(setting_a_handler_returns_the_one_before),
        cmocka_unit_test(no_handler_means_the_default_again),
        cmocka_unit_test(an_impossible_error_stops_with_what_and_errno),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
