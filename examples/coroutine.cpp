// SPDX-License-Identifier: 0BSD
// coroutine.cpp: a C++20 coroutine that awaits a wait group, so that no thread has to block for it.
#include <wg/wg.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <iostream>
#include <vector>

// The least that a coroutine needs: it starts at once, and its frame is gone when it ends.
struct fire_and_forget {
    struct promise_type {
        fire_and_forget get_return_object() noexcept
        {
            return {};
        }
        std::suspend_never initial_suspend() noexcept
        {
            return {};
        }
        std::suspend_never final_suspend() noexcept
        {
            return {};
        }
        void return_void() noexcept
        {
        }
        void unhandled_exception() noexcept
        {
            std::terminate();
        }
    };
};

// Each task sums up a part.  Then the coroutine goes on, on the thread of the last task, and reports.  The group, the
// results and the notice of co_await all live in the frame of the coroutine.
static fire_and_forget sum_up(wg::group &reports)
{
    {
        std::vector<std::uint64_t> sums(8);
        wg::group tasks;
        for (std::size_t i = 0; i < sums.size(); i++)
            tasks.go([i, &sums] {
                for (std::uint64_t n = i * 1000 + 1; n <= (i + 1) * 1000; n++)
                    sums[i] += n;
            });
        co_await tasks;

        std::uint64_t sum = 0;
        for (const std::uint64_t s : sums)
            sum += s;
        std::cout << "the sum of 1 to 8000 is " << sum << '\n';
    }
    reports.done(); // last: main() may end now
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        std::cerr << "coroutine: unexpected argument: '" << argv[1] << "'\n";
        return 2;
    }
    wg::group reports;
    reports.add();
    sum_up(reports); // does not block
    reports.wait();  // a server would go on with its event loop
    return std::cout.flush() ? 0 : 1;
}
