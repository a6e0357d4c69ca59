// SPDX-License-Identifier: 0BSD
// memory.cpp: counts what is allocated, or refuses; apart, so that no compiler sees through it.
#include "check.hpp"

#include <new>

std::atomic<bool> out_of_memory(false);
std::atomic<long> allocations(0);

void *operator new(std::size_t size)
{
    allocations++;
    void *const memory = out_of_memory ? nullptr : std::malloc(size);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}
