// SPDX-License-Identifier: 0BSD
// second.cpp: a second file that includes wg.hpp: both link, and their inline functions are the same.
#include "check.hpp"

member second_wait()
{
    return &wg::group::wait;
}

// All that the header defines, in a second file.
int second_uses(wg::group &tasks)
{
    int calls = 0;
    auto call = [&calls] { calls++; };
    wg::notice<decltype(call)> notice(call);
    tasks.add();
    {
        const wg::task_guard guard(tasks);
        CHECK(notice.notify(tasks));
    }
    tasks.go(call);
    tasks.wait();
    CHECK(tasks.wait_for(std::chrono::seconds(1)));
    CHECK(tasks.wait_until(std::chrono::steady_clock::now()));
    CHECK(wg::wait_any(tasks) == 0);
    wg::scope scope;
    scope.go([] {});
    CHECK(scope.try_go([] { return 0; }) && scope.wait() == 0);
    return calls;
}
