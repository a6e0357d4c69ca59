// SPDX-License-Identifier: 0BSD
// cpp11.cpp: wait groups in C++11: RAII, lambdas, and exceptions that reach the one who waits.
#include <wg/wg.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

// A wait group that lives where it is declared.  Its destructor waits: no task outlives what it refers to.
// A task that throws is done all the same, and its exception is thrown again by wait(): the first one, if
// several throw.
class wait_group
{
  public:
    wait_group() : group_(wg_init(&storage_, nullptr))
    {
        if (group_ == nullptr)
            throw std::system_error(errno, std::generic_category(), "wg_init");
    }

    ~wait_group()
    {
        wg_wait(group_);
        wg_destroy(group_);
    }

    wait_group(const wait_group &) = delete; // a group must not be copied or moved
    wait_group &operator=(const wait_group &) = delete;

    // Runs the function on a new thread.
    void go(std::function<void()> function)
    {
        std::unique_ptr<task> arg(new task{ this, std::move(function) });
        const int error = wg_go(group_, &run, arg.get());
        if (error != 0)
            throw std::system_error(error, std::generic_category(), "wg_go"); // nothing runs, nothing is counted
        arg.release();                                                        // it is run()'s now
    }

    void wait()
    {
        wg_wait(group_);
        rethrow();
    }

    // False: timed out.
    template <class Rep, class Period> bool wait_for(std::chrono::duration<Rep, Period> timeout)
    {
        const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(timeout).count();
        if (wg_wait_for(group_, static_cast<int64_t>(ns)) != 0)
            return false;
        rethrow();
        return true;
    }

  private:
    struct task {
        wait_group *self;
        std::function<void()> function;
    };

    // wg_go() says done when this returns.  No exception may leave it, for it is called from C; and all that
    // the task holds is destroyed before, so that the waiter may rely on that, too.
    static void run(void *arg)
    {
        std::unique_ptr<task> t(static_cast<task *>(arg));
        try {
            t->function();
        } catch (...) {
            std::lock_guard<std::mutex> lock(t->self->mutex_);
            if (!t->self->first_)
                t->self->first_ = std::current_exception();
        }
    }

    // After a wait only: no task runs, so no lock is needed.
    void rethrow()
    {
        std::exception_ptr e;
        std::swap(e, first_);
        if (e)
            std::rethrow_exception(e);
    }

    wg_storage_t storage_;
    wg_t *group_;
    std::mutex mutex_;
    std::exception_ptr first_;
};

// Opens a gate at the end of its scope.
struct opener {
    wg_t *gate;
    ~opener()
    {
        wg_done(gate);
    }
};

int main(int argc, char **argv)
{
    if (argc > 1) {
        std::cerr << "cpp11: it takes no argument: '" << argv[1] << "'\n";
        return 2;
    }
    // Each task writes its own element; after wait() all of them are visible.
    std::vector<std::uint64_t> sums(8);
    {
        wait_group tasks;
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
        wait_group tasks;
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

    // An exception here: the destructor of 'tasks' waits while the stack unwinds, so its task may use 'written'.
    // All-zero bytes are a group: nothing to create.  A group of one is a gate.
    bool written = false;
    wg_storage_t storage = WG_STORAGE_INIT;
    wg_t *const gate = wg_attach(&storage);
    wg_add(gate, 1);
    try {
        wait_group tasks;
        const opener opens_first{ gate }; // destroyed before 'tasks'
        tasks.go([gate, &written] {
            wg_wait(gate);
            written = true;
        });
        std::cout << "in time: " << std::boolalpha << tasks.wait_for(std::chrono::milliseconds(5)) << '\n';
        throw std::logic_error("main has failed");
    } catch (const std::logic_error &e) {
        std::cout << "caught: " << e.what() << "; written: " << written << '\n';
    }
    wg_destroy(gate);
    return std::cout.flush() ? 0 : 1;
}
