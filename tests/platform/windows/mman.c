/* SPDX-License-Identifier: 0BSD */
/* mman.c: pages by VirtualAlloc(). */
#include <windows.h>

#include <sys/mman.h>

static DWORD protection_of(int protection)
{
    return (protection & PROT_WRITE) != 0 ? PAGE_READWRITE : protection == PROT_READ ? PAGE_READONLY : PAGE_NOACCESS;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, long offset)
{
    if (address != NULL || flags != (MAP_PRIVATE | MAP_ANONYMOUS) || file != -1 || offset != 0)
        return MAP_FAILED;
    void *const pages = VirtualAlloc(NULL, size, MEM_COMMIT | MEM_RESERVE, protection_of(protection));
    return pages != NULL ? pages : MAP_FAILED;
}

int mprotect(void *address, size_t size, int protection)
{
    DWORD before;
    return VirtualProtect(address, size, protection_of(protection), &before) ? 0 : -1;
}

int munmap(void *address, size_t size)
{
    (void)size;
    return VirtualFree(address, 0, MEM_RELEASE) ? 0 : -1;
}
