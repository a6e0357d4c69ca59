// SPDX-License-Identifier: 0BSD
// check.hpp: what the files of the C++ tests share.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <wg/wg.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>

// Stops the program: the other threads may use what a return would take away.
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::_Exit(1); \
        } \
    } while (0)

// memory.cpp
extern std::atomic<bool> out_of_memory; // operator new throws
extern std::atomic<long> allocations;

// second.cpp: what another file makes of the same header.
typedef void (wg::group::*member)();
member second_wait();
int second_uses(wg::group &tasks);

#endif
