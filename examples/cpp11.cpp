// SPDX-License-Identifier: 0BSD
// cpp11.cpp: wait groups in C++11: RAII, lambdas, and exceptions that reach the thread that waits.
#include <wg/wg.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

// A group of tasks that may throw.  A task that throws is done, too.  wait() throws its exception again, or the first
// one if several tasks throw.  The destructor waits, as that of wg::group does, so no task outlives what it refers to.
class throwing_group
{
  public:
    template <class F> void go(F function)
    {
        tasks_.go([this, function] {
            try {
                function();
            } catch (...) {
                std::lock_guard<std::mutex> lock(mutex_);
                if (!first_)
                    first_ = std::current_exception();
            }
        });
    }

    void wait()
    {
        tasks_.wait();
        std::exception_ptr e; // no task runs, so no lock is needed
        std::swap(e, first_);
        if (e)
            std::rethrow_exception(e);
    }

  private:
    std::mutex mutex_;
    std::exception_ptr first_;
    wg::group tasks_; // the last member is destroyed, and so waits, first
};

int main(int argc, char **argv)
{
    if (argc > 1) {
        std::cerr << "cpp11: unexpected argument: '" << argv[1] << "'\n";
        return 2;
    }
    // Each task writes its own element; after wait() all of them are visible.
    std::vector<std::uint64_t> sums(8);
    {
        wg::group tasks;
        for (std::size_t i = 0; i < sums.size(); i++)
            tasks.go([i, &sums] {
                for (std::uint64_t n = i * 1000 + 1; n <= (i + 1) * 1000; n++)
                    sums[i] += n;
            });
        tasks.wait();
        std::uint64_t sum = 0;
        for (std::uint64_t s : sums)
            sum += s;
        std::cout << "the sum of 1 to 8000 is " << sum << '\n';
    }

    // A task that throws: its wait throws, and the group is empty and can be used again.
    {
        throwing_group tasks;
        tasks.go([] { throw std::runtime_error("a task has failed"); });
        tasks.go([] {});
        try {
            tasks.wait();
            return 1;
        } catch (const std::runtime_error &e) {
            std::cout << "caught: " << e.what() << '\n';
        }
        int answer = 0;
        tasks.go([&answer] { answer = 42; });
        tasks.wait();
        std::cout << "used again: " << answer << '\n';
    }

    // If main() throws, the destructor of 'tasks' waits while the stack unwinds, so its task may use 'written'.
    // A group of one task is a gate.
    bool written = false;
    wg::group gate;
    gate.add();
    try {
        wg::group tasks;
        const wg::task_guard opens_first(gate); // destroyed before 'tasks'
        tasks.go([&gate, &written] {
            gate.wait();
            written = true;
        });
        std::cout << "in time: " << std::boolalpha << tasks.wait_for(std::chrono::milliseconds(5)) << '\n';
        throw std::logic_error("main has failed");
    } catch (const std::logic_error &e) {
        std::cout << "caught: " << e.what() << "; written: " << written << '\n';
    }
    return std::cout.flush() ? 0 : 1;
}
