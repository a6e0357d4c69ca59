// SPDX-License-Identifier: 0BSD
// coroutines.hpp: the part of test.cpp about co_await, for C++20.
#ifndef COROUTINES_HPP
#define COROUTINES_HPP

// Starts at once, is awaited by nobody, and is gone when it ends.
struct detached {
    struct promise_type {
        detached get_return_object() noexcept
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
        void unhandled_exception()
        {
            std::terminate();
        }
    };
};

static detached note(wg::group &tasks, std::vector<int> &order, int number)
{
    co_await tasks;
    order.push_back(number);
}

static void awaiting_goes_on_at_zero_in_order_without_memory()
{
    wg::group tasks;
    std::vector<int> order;
    order.reserve(4);
    note(tasks, order, 1); // zero: it does not even suspend
    CHECK(order.size() == 1);
    tasks.add();
    const long before = allocations;
    note(tasks, order, 2);
    note(tasks, order, 3);
    CHECK(order.size() == 1 && allocations - before == 2); // the two frames
    tasks.done();
    CHECK(allocations - before == 2);
    CHECK((order == std::vector<int>{ 1, 2, 3 }));
}

// The coroutine, its group and the awaiter are gone before the done that resumed it returns.
static detached ends_the_group(std::unique_ptr<wg::group> tasks, bool &ended)
{
    co_await *tasks;
    tasks.reset();
    ended = true;
}

static void a_coroutine_may_end_its_group()
{
    bool ended = false;
    std::unique_ptr<wg::group> tasks(new wg::group);
    wg::group &same = *tasks;
    same.add();
    ends_the_group(std::move(tasks), ended);
    CHECK(!ended);
    same.done();
    CHECK(ended);
}

static detached three_rounds(wg::group &tasks, int &rounds)
{
    for (int i = 0; i < 3; i++) {
        tasks.add();
        co_await tasks;
        rounds++;
    }
}

static void a_coroutine_may_use_its_group_again()
{
    wg::group tasks;
    int rounds = 0;
    three_rounds(tasks, rounds);
    for (int i = 1; i <= 3; i++) {
        tasks.done();
        CHECK(rounds == i);
    }
}

static detached sums(std::unique_ptr<wg::group> tasks, const int (&parts)[2], int &sum, wg::group &over)
{
    co_await *tasks;
    sum = parts[0] + parts[1]; // no atomics: done() orders them
    tasks.reset();
    over.done();
}

// Two threads count off while this one awaits: it goes on here or on either of them, with the frame freed there.
static void last_done_against_co_await()
{
    for (int i = 0; i < 2000; i++) {
        int parts[2] = { 0, 0 }, sum = 0;
        std::atomic<bool> go(false);
        wg::group over;
        over.add();
        std::unique_ptr<wg::group> owned(new wg::group);
        wg::group &tasks = *owned;
        tasks.add(2);
        std::thread one([&] {
            until([&go] { return go.load(); });
            parts[0] = 40;
            tasks.done();
        });
        std::thread two([&] {
            until([&go] { return go.load(); });
            parts[1] = 2;
            tasks.done();
        });
        go = true;
        idle(i);
        sums(std::move(owned), parts, sum, over);
        over.wait();
        CHECK(sum == 42);
        one.join();
        two.join();
    }
}

static void coroutines()
{
    awaiting_goes_on_at_zero_in_order_without_memory();
    a_coroutine_may_end_its_group();
    a_coroutine_may_use_its_group_again();
    last_done_against_co_await();
}

#endif
