/* SPDX-License-Identifier: 0BSD */
/* pages.c: a pool of pages that stays mapped, so that any thread may evict a page at any time. */
#include "pages.h"

#include "soak.h"
#include "tally.h"

#include <sys/mman.h>
#include <unistd.h>

static unsigned char *pages;
static size_t page_bytes;
static atomic_bool taken[PAGES];

void pages_make(void)
{
    page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    pages = map_shared(PAGES * page_bytes);
}

void *page_take(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (!atomic_exchange(&taken[i], true)) {
            CHECK(mprotect(pages + i * page_bytes, page_bytes, PROT_READ | PROT_WRITE) == 0);
            return pages + i * page_bytes;
        }
    return NULL;
}

void page_give(void *page)
{
    CHECK(mprotect(page, page_bytes, PROT_NONE) == 0);
    atomic_store(&taken[(size_t)((unsigned char *)page - pages) / page_bytes], false);
}

void page_evict(void *page)
{
    CHECK(madvise(page, page_bytes, MADV_DONTNEED) == 0);
    tally(EVICTIONS, 1);
}

void pages_evict(uint64_t *seed)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (pick(seed, PAGE_CHANCE) == 0 && atomic_load(&taken[i]))
            page_evict(pages + i * page_bytes);
}
