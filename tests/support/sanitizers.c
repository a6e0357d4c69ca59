/* SPDX-License-Identifier: 0BSD */
/* sanitizers.c: what the sanitizers must be told about these tests; nothing where none is there. */

const char *__tsan_default_options(void);
const char *__asan_default_options(void);

/* A child that is forked by a test may start threads. */
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

/* gcc 12 reports the end of a cancelled thread: it keeps the marks of the frames that were left, and walks into them.
 */
const char *__asan_default_options(void)
{
    return "use_sigaltstack=0";
}
