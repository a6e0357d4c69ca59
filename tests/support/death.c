/* SPDX-License-Identifier: 0BSD */
/* death.c: runs a body in a child, reads what it writes to standard error, and waits for its end. */
#include "death.h"

#include "suite.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void become_mortal(int err)
{
    /* CMocka's handlers would jump back into the suite and run it a second time. */
    static const int caught[] = { SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS };
    for (size_t i = 0; i < COUNT_OF(caught); i++)
        signal(caught[i], SIG_DFL);
    const struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    dup2(err, STDERR_FILENO);
    alarm(60); /* a child that hangs dies by a signal that no test expects */
}

death_t death_of(void (*body)(void *arg), void *arg)
{
    death_t death = { 0 };
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    fflush(NULL);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        become_mortal(ends[1]);
        body(arg);
        _exit(0);
    }
    close(ends[1]);
    size_t length = 0;
    for (;;) {
        char rest[256]; /* for text that does not fit: it must be read, or the child blocks */
        const size_t room = sizeof death.text - 1 - length;
        const ssize_t got = room > 0 ? read(ends[0], death.text + length, room) : read(ends[0], rest, sizeof rest);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += room > 0 ? (size_t)got : 0;
    }
    close(ends[0]);
    /* qemu-user adds a line of its own. */
    char *const emulator = strstr(death.text, "qemu: uncaught target signal");
    if (emulator != NULL)
        *emulator = '\0';
    while (waitpid(child, &death.status, 0) < 0)
        REQUIRE(errno == EINTR);
    return death;
}

void assert_dies_by(void (*body)(void *arg), void *arg, int signal_number)
{
    const death_t death = death_of(body, arg);
    if (!WIFSIGNALED(death.status) || WTERMSIG(death.status) != signal_number)
        fail_msg("status 0x%x instead of signal %d; it wrote: %s", (unsigned)death.status, signal_number, death.text);
}

void assert_aborts(void (*body)(void *arg), void *arg, const char *text)
{
    const death_t death = death_of(body, arg);
    assert_string_equal(death.text, text);
    assert_true(WIFSIGNALED(death.status));
    assert_int_equal(WTERMSIG(death.status), SIGABRT);
}

void assert_survives(void (*body)(void *arg), void *arg)
{
    const death_t death = death_of(body, arg);
    assert_string_equal(death.text, "");
    assert_int_equal(death.status, 0);
}

const char *misuse_line(const wg_t *wg, const char *words, int32_t counter, uint32_t waiters, int64_t delta)
{
    static char line[256];
    snprintf(line, sizeof line,
             "libwg: %s: group 0x%" PRIxPTR ", counter %" PRId32 ", waiters %" PRIu32 ", delta %" PRId64
             "; see libwg(7)\n",
             words, (uintptr_t)wg, counter, waiters, delta);
    return line;
}
