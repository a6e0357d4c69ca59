/* SPDX-License-Identifier: 0BSD */
/*
 * death.c: assert_aborts() and assert_survives() where there is no fork().
 *
 * The n-th call in a program starts the program a second time.  The child runs the
 * same tests up to its own n-th call (the calls before do nothing there), makes that
 * call, and tells by its exit code how it ended.  So a test must do the same in each
 * run until its last death.
 */
#include "death.h"

#include "suite.h"

#include <fcntl.h>
#include <inttypes.h>
#include <io.h>
#include <process.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <string.h>

#define CHILD "WG_TEST_DEATH"
enum { AS_EXPECTED = 77, OTHERWISE = 78 };

static unsigned calls;
static const char *expected;   /* the child's last words; NULL: it must return */
static int words, real_stderr; /* the child's: the pipe behind its standard error; the one it had before */

static unsigned child_number(void)
{
    const char *const number = getenv(CHILD);
    return number != NULL ? (unsigned)strtoul(number, NULL, 10) : 0;
}

static noreturn void end(bool aborted)
{
    char text[1024] = { 0 };
    dup2(real_stderr, STDERR_FILENO); /* closes the pipe's last writing end */
    const int length = read(words, text, sizeof text - 1);
    if (aborted == (expected != NULL) && length >= 0 && strcmp(text, expected != NULL ? expected : "") == 0)
        _exit(AS_EXPECTED);
    fprintf(stderr, "%s, having written: %s\nexpected: %s\n", aborted ? "aborted" : "returned", text,
            expected != NULL ? expected : "(to return)");
    _exit(OTHERWISE);
}

static void at_abort(int signal_number)
{
    (void)signal_number;
    end(true);
}

static noreturn void be_the_child(void (*body)(void *arg), void *arg)
{
    int ends[2];
    REQUIRE(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT) == 0);
    words = ends[0];
    real_stderr = dup(STDERR_FILENO);
    REQUIRE(dup2(ends[1], STDERR_FILENO) == 0 && close(ends[1]) == 0);
    signal(SIGABRT, at_abort);
    body(arg);
    end(false);
}

static void in_a_child(void (*body)(void *arg), void *arg, const char *text)
{
    const unsigned number = ++calls, child = child_number();
    if (child != 0 && number < child)
        return;
    if (child != 0) {
        expected = text;
        be_the_child(body, arg);
    }
    char assignment[40];
    snprintf(assignment, sizeof assignment, CHILD "=%u", number);
    REQUIRE(_putenv(assignment) == 0);
    fflush(NULL);
    const intptr_t code = _spawnv(_P_WAIT, __argv[0], (const char *const *)__argv);
    REQUIRE(_putenv(CHILD "=") == 0);
    assert_int_equal(code, AS_EXPECTED);
}

/* Before main: the child's tests are the parent's again, so their report goes nowhere. */
__attribute__((constructor)) static void be_quiet(void)
{
    if (child_number() != 0)
        REQUIRE(freopen("NUL", "w", stdout) != NULL);
}

void assert_aborts(void (*body)(void *arg), void *arg, const char *text)
{
    in_a_child(body, arg, text);
}

void assert_survives(void (*body)(void *arg), void *arg)
{
    in_a_child(body, arg, NULL);
}

const char *misuse_line(const wg_t *wg, const char *what, int32_t counter, uint32_t waiters, int64_t delta)
{
    static char line[256];
    snprintf(line, sizeof line,
             "libwg: %s: group 0x%" PRIxPTR ", counter %" PRId32 ", waiters %" PRIu32 ", delta %" PRId64
             "; see libwg(7)\n",
             what, (uintptr_t)wg, counter, waiters, delta);
    return line;
}
