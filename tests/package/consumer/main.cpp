// SPDX-License-Identifier: 0BSD
// main.cpp: main.c by wg.hpp.
#include <wg/wg.hpp>

#include <cstdio>

int main()
{
    int done[3] = { 0, 0, 0 };
    wg::group tasks;
    for (int &one : done)
        tasks.go([&one] { one++; });
    tasks.wait();
    std::printf("%s %d\n", wg_version(), done[0] + done[1] + done[2]);
    return 0;
}
