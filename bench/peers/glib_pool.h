/* SPDX-License-Identifier: 0BSD */
/* glib_pool.h: one GThreadPool that has a thread for each core and lives as long as the process. */
#include <glib.h>

static inline GThreadPool *glib_pool(GFunc fn)
{
    static GThreadPool *pool;
    if (pool == NULL)
        pool = g_thread_pool_new(fn, NULL, (gint)g_get_num_processors(), TRUE, NULL);
    return pool;
}
