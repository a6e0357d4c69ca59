/* SPDX-License-Identifier: 0BSD */
/* compiler.h: what C11 has no word for, in the words of gcc, of clang and of MSVC. */
#ifndef WGI_COMPILER_H
#define WGI_COMPILER_H

#if defined(__GNUC__) || defined(__clang__)
#define WGI_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define WGI_ALWAYS_INLINE inline __attribute__((always_inline))
#define WGI_NOINLINE __attribute__((noinline))
#define WGI_COLD __attribute__((cold, noinline))
#define WGI_WEAK __attribute__((weak))                 /* a name that may be missing when the program starts */
#define WGI_UNSEEN __attribute__((no_sanitize_thread)) /* ThreadSanitizer does not look inside */
#define WGI_RETURN_ADDRESS __builtin_return_address(0) /* where the function that says this was called */
#define WGI_IN_SECTION(name) __attribute__((used, section(name))) /* for the linker, though no code names it */
#ifdef __ELF__
#define WGI_HIDDEN __attribute__((visibility("hidden"))) /* at a fixed offset: one instruction reads it */
#else
#define WGI_HIDDEN
#endif
#else
#define WGI_UNLIKELY(x) (x)
#define WGI_ALWAYS_INLINE __forceinline
#define WGI_NOINLINE __declspec(noinline)
#define WGI_COLD __declspec(noinline)
#define WGI_UNSEEN
#define WGI_RETURN_ADDRESS ((void *)0)
#define WGI_HIDDEN
#define WGI_IN_SECTION(name) __pragma(section(name, long, read)) __declspec(allocate(name))
#endif

/* 1: compiled with -fsanitize=thread. */
#ifdef __SANITIZE_THREAD__
#define WGI_INSTRUMENTED 1
#elif defined(__has_feature)
#define WGI_INSTRUMENTED __has_feature(thread_sanitizer)
#else
#define WGI_INSTRUMENTED 0
#endif

/*
 * WGI_INLINABLE is for an external function that gcc may inline into a user's
 * program with -flto: gcc wants the word 'inline' for that.  Clang does not, and warns.
 *
 * WGI_UNSEEN_BY_LTO: libwg.a offers gcc an LTO half.  If gcc links a user's program
 * with -fsanitize=thread, it instruments that half as far as it still can: the
 * atomic exchanges are out of its sight by then.  So gcc must leave these functions
 * alone, and the hooks of annotate.h tell ThreadSanitizer their order.  A library
 * that is itself compiled with -fsanitize=thread is instrumented in full.
 */
#if defined(__GNUC__) && !defined(__clang__)
#define WGI_INLINABLE inline
#else
#define WGI_INLINABLE
#endif
#if defined(__GNUC__) && !defined(__clang__) && !WGI_INSTRUMENTED
#define WGI_UNSEEN_BY_LTO WGI_UNSEEN
#else
#define WGI_UNSEEN_BY_LTO
#endif

#endif
