/* SPDX-License-Identifier: 0BSD */
/* config.h: whether a program's config, of an older or a later version, asks only for what this version knows. */
#ifndef WGI_CONFIG_H
#define WGI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

enum { WGI_CONFIG_SIZE_MAX = 4096 }; /* no version's config exceeds a page */

/*
 * 'config' has 'size' bytes.  The first version's had 'first', and this one's has
 * 'known'.  What an older config lacks counts as zero.  A later one is accepted if it
 * asks for nothing that this version does not know: the rest of it must be zero.
 */
static inline bool wgi_config_valid(const void *config, size_t size, size_t first, size_t known)
{
    if (size < first || size > WGI_CONFIG_SIZE_MAX)
        return false;
    const unsigned char *const bytes = (const unsigned char *)config;
    for (size_t i = known; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

#endif
