/* SPDX-License-Identifier: 0BSD */
/* optional.h: an object that only some builds have, where all builds name it. */
#ifndef WGI_OPTIONAL_H
#define WGI_OPTIONAL_H

#include <stddef.h>

/* &object if 'have', which the build defines as 0 or 1, is 1; else NULL, and the object need not exist. */
#define WGI_OPTIONAL(have, object) WGI_OPTIONAL_JOIN(WGI_OPTIONAL_, have)(object)
#define WGI_OPTIONAL_JOIN(name, have) name##have
#define WGI_OPTIONAL_0(object) NULL
#define WGI_OPTIONAL_1(object) &(object)

#endif
