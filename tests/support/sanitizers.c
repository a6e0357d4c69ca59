/* SPDX-License-Identifier: 0BSD */
/* sanitizers.c: the options that these tests need under sanitizers. */

const char *__tsan_default_options(void);
const char *__asan_default_options(void);

/* A child that a test forks may start threads. */
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

/*
 * gcc 12 reports a cancelled thread that ends: AddressSanitizer keeps the marks of the
 * frames that the thread left, and meets them.
 */
const char *__asan_default_options(void)
{
    return "use_sigaltstack=0";
}
