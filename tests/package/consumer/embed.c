/* SPDX-License-Identifier: 0BSD */
/* embed.c: a shared library that has taken libwg.a in, for itself alone. */
#include <wg/wg.h>

int embed_count(void);

int embed_count(void)
{
    static wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const wg = wg_attach(&storage);
    return wg == NULL || wg_count(wg) != 0;
}
