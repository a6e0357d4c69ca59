/* SPDX-License-Identifier: 0BSD */
/*
 * port.h: tests one src/futex_SYSTEM.c over a fake of that system's calls, on Linux, in
 * one thread, without a sleep.
 *
 * A test program consists of that file, the futex semaphore, and test_SYSTEM.c, which
 * has the functions of the fake system.  The headers of the fake are in the folder SYSTEM.
 * They have the prototypes of the system, but other numbers.  So if src/ does not take a
 * number from a header, a test fails.  The cross builds of the stage 70-platforms check
 * src/ against the real headers.
 */
#ifndef PORT_H
#define PORT_H

#include "deadline.h"
#include "futex.h"
#include "sem.h"

#include "suite.h"

#include <errno.h>
#include <limits.h>

/* What wgi_clock_now() says. */
extern struct timespec port_now;

/* The time ns after port_now. */
struct timespec port_in(int64_t ns);

/* port_now in nanoseconds.  It must be below 292 years. */
int64_t port_now_ns(void);

/* The nanoseconds from port_now to 'end', without overflow. */
__extension__ typedef __int128 port_wide_t;
port_wide_t port_left_ns(const struct timespec *end);

/*
 * What the fake system was asked, in the terms of futex.h.  wake == INT_MAX: all.  The
 * fake itself fills 'timed', and 'time' as its system takes it: the end of the sleep, or
 * its length.
 */
typedef struct port_asked {
    unsigned waits, wakes;
    void *word;
    uint32_t expected, wake;
    bool shared, timed;
    struct timespec time;
} port_asked_t;
extern port_asked_t port_asked;

/*
 * For the fake: its calls pass on here what they were asked.  port_waits() runs
 * port_meanwhile(), if that is not NULL, and returns port_answer: an errno (0: a wake),
 * which the fake returns in the way of its system.
 */
int port_waits(void *at, uint32_t expected, bool shared);
void port_wakes(void *at, uint32_t n, bool shared);
extern int port_answer;
extern void (*port_meanwhile)(void);

/*
 * Waits at a word that has the expected value PORT_EXPECTED.  Returns one of these, or,
 * if the wait stopped the program, the errno of that.
 */
enum { LOOK_AGAIN = -1, TIME_IS_UP = -2, PORT_EXPECTED = 7 };
int port_wait(bool shared, const struct timespec *deadline);

/* Asserts that a wait, private or shared, has this outcome if the system answers 'error', and leaves errno alone. */
void port_check_untimed(int error, int outcome);
void port_check_timed(int error, int outcome);
void port_check(int error, int outcome);

/* Asserts that each of these n errors stops the program, with 'text'. */
void port_check_impossible(const int *errors, size_t n, const char *text);

/* Returns how many sleeps it takes to reach 'end', if each ends by 'error' after meanwhile(). */
unsigned port_sleeps_until(const struct timespec *end, int error, void (*meanwhile)(void));

/* Tests of the two calls, for several systems. */
void processes_can_share(void **unused);
void the_deadline_is_handed_on(void **unused);
void the_time_that_is_left_is_exact_and_at_most_int_max_ms(void **unused);
void a_deadline_that_has_passed_is_no_sleep(void **unused);
void one_is_woken_for_one_token_and_all_for_more(void **unused);
void an_error_of_a_wake_is_ignored(void **unused);

/* Tests of the semaphore, for several systems.  All but the first two need the two variables below. */
void a_release_is_one_wake_that_leaves_errno_alone(void **unused);
void spurious_returns_are_slept_off(void **unused);
void what_comes_just_when_time_is_up_is_not_lost(void **unused);
void without_a_token_it_times_out_at_the_deadline_and_not_before(void **unused);

/* The time-out of the fake: its errno, and a function that moves port_now to the end of the sleep. */
extern int port_time_out;
extern void (*port_sleep_through)(void);

/* Two such functions: port_asked.time is the end of the sleep, or its length. */
void port_sleep_until(void);
void port_sleep_for(void);

int port_set_up(void **unused);
#define PORT_TEST(test) cmocka_unit_test_setup(test, port_set_up)

#endif
