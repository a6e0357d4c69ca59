/* SPDX-License-Identifier: 0BSD */
/* suite.h: CMocka with the headers that it needs, and what nearly every test uses. */
#ifndef SUITE_H
#define SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* CMocka 1.1 knows the size of a pointer only on x86 and with glibc. */
#if defined(__LP64__) && !defined(__WORDSIZE)
#define __WORDSIZE 64
#endif

/* After the standard headers: cmocka.h uses them and includes none. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/*
 * For conditions on any thread.  CMocka's own asserts work on the main thread alone, as
 * their jump buffer is thread-local.
 */
#define REQUIRE(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: required: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

#if defined(__has_feature)
#define SUITE_HAS(x) __has_feature(x)
#else
#define SUITE_HAS(x) 0
#endif
#if defined(__SANITIZE_THREAD__) || SUITE_HAS(thread_sanitizer)
#define SUITE_TSAN 1
#else
#define SUITE_TSAN 0
#endif
#ifdef _WIN32
#define SUITE_WINDOWS 1
#else
#define SUITE_WINDOWS 0
#endif
#if defined(__SANITIZE_ADDRESS__) || SUITE_HAS(address_sanitizer)
#define SUITE_ASAN 1
#else
#define SUITE_ASAN 0
#endif

#endif
