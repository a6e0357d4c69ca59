/* SPDX-License-Identifier: 0BSD */
/* dispatch.h: libdispatch's header, for compilers that do not know __has_feature and __has_extension. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#ifndef __has_extension
#define __has_extension(x) 0
#endif
#include <dispatch/dispatch.h>
