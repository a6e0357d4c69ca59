// SPDX-License-Identifier: 0BSD
// test.cpp: the classes of wg.hpp, in every standard.  With an argument: what ends the program by std::terminate().
//
// Linked with --wrap: a refused thread, and what the waits are told, are seen without any clock.
#include "check.hpp"

#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// The library, listened to.

static std::atomic<int> refused(0);                 // what wg_go() returns without a thread
static std::atomic<int> waits(0);                   // calls of wg_wait()
static std::atomic<std::int64_t> told(0);           // the timeout of the last wg_wait_for()
static std::atomic<bool> answer_for_library(false); // wg_wait_for() says ETIMEDOUT at once

extern "C" {
int __real_wg_go(wg_t *wg, void (*fn)(void *arg), void *arg);
int __wrap_wg_go(wg_t *wg, void (*fn)(void *arg), void *arg);
void __real_wg_wait(wg_t *wg);
void __wrap_wg_wait(wg_t *wg);
int __real_wg_wait_for(wg_t *wg, std::int64_t timeout_ns);
int __wrap_wg_wait_for(wg_t *wg, std::int64_t timeout_ns);
}

int __wrap_wg_go(wg_t *wg, void (*fn)(void *arg), void *arg)
{
    return refused != 0 ? refused.load() : __real_wg_go(wg, fn, arg);
}

void __wrap_wg_wait(wg_t *wg)
{
    waits++;
    __real_wg_wait(wg);
}

int __wrap_wg_wait_for(wg_t *wg, std::int64_t timeout_ns)
{
    told = timeout_ns;
    return answer_for_library ? ETIMEDOUT : __real_wg_wait_for(wg, timeout_ns);
}

static void until(const std::function<bool()> &true_)
{
    while (!true_())
        std::this_thread::yield();
}

// So that two threads meet at another point each round.
static void idle(int turns)
{
    std::atomic<int> turn(0);
    while (turn++ < turns) {
    }
}

// Groups.

static_assert(!std::is_copy_constructible<wg::group>::value && !std::is_move_constructible<wg::group>::value &&
                  !std::is_copy_assignable<wg::group>::value && !std::is_move_assignable<wg::group>::value,
              "a group stays where it is");
static_assert(sizeof(wg::group) == sizeof(wg_storage_t), "the storage is inside, and nothing else");

static void a_group_is_its_storage()
{
    wg::group tasks;
    CHECK(static_cast<void *>(tasks.native_handle()) == static_cast<void *>(&tasks));
    CHECK(wg_attach(reinterpret_cast<wg_storage_t *>(&tasks)) == tasks.native_handle());
}

static void a_group_counts()
{
    wg::group tasks;
    CHECK(tasks.try_wait());
    tasks.add(2);
    tasks.add();
    CHECK(tasks.count() == 3 && tasks.waiters() == 0 && !tasks.try_wait());
    tasks.done();
    tasks.add(-2);
    CHECK(tasks.try_wait());
    tasks.wait();
}

static void a_closed_group_refuses()
{
    wg::group tasks;
    CHECK(tasks.try_add() && tasks.try_add(2) && !tasks.is_closed());
    tasks.close();
    CHECK(tasks.is_closed() && !tasks.try_add() && tasks.count() == 3);
    tasks.reopen();
    CHECK(!tasks.is_closed() && tasks.try_add());
    tasks.add(-4);
}

static void a_config_makes_the_group_or_throws()
{
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = wg_sem_posix();
    {
        wg::group tasks(config);
        tasks.go([] {});
    }
    config.flags = 0x8000;
    bool thrown = false;
    try {
        wg::group tasks(config);
    } catch (const std::system_error &error) {
        thrown = error.code() == std::errc::invalid_argument;
    }
    CHECK(thrown);
}

static void the_destructor_waits()
{
    std::atomic<bool> ended(false);
    {
        wg::group tasks;
        tasks.go([&tasks, &ended] {
            until([&tasks] { return tasks.waiters() == 1; }); // the destructor's wait
            ended = true;
        });
    }
    CHECK(ended);
}

static void the_destructor_waits_while_an_exception_is_on_its_way()
{
    std::atomic<bool> ended(false);
    bool caught = false;
    try {
        wg::group tasks;
        tasks.go([&tasks, &ended] {
            until([&tasks] { return tasks.waiters() == 1; });
            ended = true;
        });
        throw std::logic_error("on its way");
    } catch (const std::logic_error &) {
        caught = true;
    }
    CHECK(caught && ended);
}

// Tasks.

// Counts those that live.  Can be moved, not copied; can be called only as an rvalue, as a std::thread calls.
class only_moves
{
  public:
    explicit only_moves(std::atomic<int> &ran) : ran_(&ran)
    {
        alive++;
    }

    only_moves(only_moves &&other) noexcept : ran_(other.ran_)
    {
        alive++;
    }

    only_moves(const only_moves &) = delete;

    ~only_moves()
    {
        alive--;
    }

    int operator()() &&
    {
        return ++*ran_;
    }

    static std::atomic<int> alive;

  private:
    std::atomic<int> *ran_;
};

std::atomic<int> only_moves::alive(0);

static std::atomic<int> plain_calls(0);

static void plain()
{
    plain_calls++;
}

static void go_takes_any_callable()
{
    std::atomic<int> ran(0);
    std::vector<int> results(8);
    const std::function<void()> function = [&ran] { ran++; };
    auto lvalue = [&ran]() mutable { ran++; };
    wg::group tasks;
    tasks.go(plain);
    tasks.go(&plain);
    tasks.go(function);
    tasks.go(lvalue);
    tasks.go(std::ref(lvalue));
    tasks.go(only_moves(ran));
    for (std::size_t i = 0; i < results.size(); i++)
        tasks.go([i, &results] { results[i] = static_cast<int>(i); });
    tasks.wait();
    CHECK(ran == 4 && plain_calls == 2);
    for (std::size_t i = 0; i < results.size(); i++)
        CHECK(results[i] == static_cast<int>(i));
}

static void a_task_is_destroyed_before_it_is_done()
{
    for (int i = 0; i < 100; i++) {
        std::atomic<int> ran(0);
        wg::group tasks;
        tasks.go(only_moves(ran));
        tasks.wait();
        CHECK(only_moves::alive == 0 && ran == 1);
    }
}

static void without_a_thread_go_throws_and_loses_nothing()
{
    std::atomic<int> ran(0);
    wg::group tasks;
    refused = EAGAIN;
    int code = 0;
    std::string what;
    auto mine = [&ran] { ran++; };
    try {
        tasks.go(mine);
    } catch (const std::system_error &error) {
        code = error.code().value();
        what = error.what();
    }
    CHECK(code == EAGAIN && what.find("wg::group::go") == 0);
    mine(); // it is still the caller's
    bool thrown = false;
    try {
        tasks.go(only_moves(ran));
    } catch (const std::system_error &) {
        thrown = true;
    }
    refused = 0;
    CHECK(thrown && tasks.count() == 0 && ran == 1 && only_moves::alive == 0);
}

static void without_memory_go_throws_and_loses_nothing()
{
    std::atomic<int> ran(0);
    wg::group tasks;
    bool thrown = false;
    only_moves mine(ran);
    out_of_memory = true;
    try {
        tasks.go(std::move(mine));
    } catch (const std::bad_alloc &) {
        thrown = true;
    }
    out_of_memory = false;
    CHECK(thrown && tasks.count() == 0 && ran == 0 && only_moves::alive == 1);
}

static void a_guard_is_done_on_every_way_out()
{
    wg::group tasks;
    tasks.add(2);
    auto leave = [&tasks](bool by_exception) {
        const wg::task_guard guard(tasks);
        if (by_exception)
            throw std::logic_error("out");
    };
    leave(false);
    CHECK(tasks.count() == 1);
    bool caught = false;
    try {
        leave(true);
    } catch (const std::logic_error &) {
        caught = true;
    }
    CHECK(caught && tasks.count() == 0);
}

// Time.

template <class Rep, class Period> static std::int64_t heard(std::chrono::duration<Rep, Period> timeout)
{
    wg::group tasks;
    tasks.add();
    answer_for_library = true;
    CHECK(!tasks.wait_for(timeout));
    answer_for_library = false;
    tasks.done();
    return told;
}

static void a_timeout_of_any_unit_is_rounded_up_and_saturates()
{
    typedef std::numeric_limits<double> real;
    typedef std::chrono::duration<double> seconds;
    typedef std::chrono::duration<std::int64_t, std::ratio<1, 60>> frames;
    typedef std::chrono::duration<std::int64_t, std::pico> picoseconds;
    typedef std::chrono::duration<std::int64_t, std::ratio<7, 3>> sevenths;
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();

    CHECK(heard(nanoseconds(5)) == 5);
    CHECK(heard(nanoseconds(-5)) == -5);
    CHECK(heard(milliseconds(5)) == 5000000);
    CHECK(heard(std::chrono::duration<int>(3)) == 3000000000);
    CHECK(heard(hours(1)) == 3600000000000);
    CHECK(heard(picoseconds(1)) == 1 && heard(picoseconds(1000)) == 1 && heard(picoseconds(1001)) == 2);
    CHECK(heard(frames(1)) == 16666667 && heard(frames(-1)) == -16666666);
    CHECK(heard(std::chrono::duration<float>(0.5F)) == 500000000);
    CHECK(heard(std::chrono::duration<double, std::nano>(0.25)) == 1);
    CHECK(heard(std::chrono::duration<unsigned char>(200)) == 200000000000);

    // Just below 2^63 ns are exact, just above they are its end.
    CHECK(heard(hours(2555555)) == 2555555 * 3600000000000);
    CHECK(heard(hours(2562048)) == most && heard(hours(-2562048)) == least);
    CHECK(heard(hours::max()) == most && heard(hours::min()) == least);
    CHECK(heard(nanoseconds::max()) == most && heard(nanoseconds::min()) == least);
    CHECK(heard(frames::max()) == most && heard(sevenths::max()) == most && heard(sevenths::min()) == least);
    CHECK(heard(picoseconds::max()) == 9223372036854776);
    CHECK(heard(seconds(real::infinity())) == most && heard(seconds(-real::infinity())) == least);
    CHECK(heard(seconds(real::max())) == most && heard(seconds(std::nan(""))) <= 0);
    CHECK(heard(std::chrono::duration<std::uint64_t>(std::numeric_limits<std::uint64_t>::max())) == most);
}

// A clock that is no clock of the system: it shows what it is told to, and then one step more each time.
struct any_clock {
    typedef milliseconds duration;
    typedef duration::rep rep;
    typedef duration::period period;
    typedef std::chrono::time_point<any_clock> time_point;
    static const bool is_steady = false;

    static time_point now()
    {
        const time_point shown = next;
        next += step;
        asked++;
        return shown;
    }

    static time_point next;
    static milliseconds step;
    static int asked;
};

const bool any_clock::is_steady;
any_clock::time_point any_clock::next;
milliseconds any_clock::step(0);
int any_clock::asked;

static void a_deadline_of_any_clock_is_asked_of_that_clock()
{
    typedef any_clock::time_point at;
    wg::group tasks;
    tasks.add();

    // The clock is slow: each sleep of what is left ends early by it.  Told: 20, 12, 4, and then only to look.
    any_clock::next = at(milliseconds(-5));
    any_clock::step = milliseconds(8);
    any_clock::asked = 0;
    answer_for_library = true;
    CHECK(!tasks.wait_until(at(milliseconds(15))));
    CHECK(any_clock::asked == 4 && told == 0);
    // Passed, by much.
    any_clock::asked = 0;
    CHECK(!tasks.wait_until((at::min)()) && any_clock::asked == 1 && told == 0);
    // A deadline of another unit, beyond 64 bits, by a clock before its epoch.
    any_clock::next = at(milliseconds(-1000));
    any_clock::step = milliseconds::max() / 2; // one sleep is all
    CHECK(!tasks.wait_until(std::chrono::time_point<any_clock, hours>(hours(1))));
    CHECK(told == 0);
    answer_for_library = false;

    std::thread late([&tasks] {
        until([&tasks] { return tasks.waiters() == 1; });
        tasks.done();
    });
    any_clock::next = at(milliseconds(-1000));
    CHECK(tasks.wait_until((std::chrono::time_point<any_clock, hours>::max)()));
    CHECK(told == std::numeric_limits<std::int64_t>::max());
    late.join();
    CHECK(tasks.wait_until((at::min)()));
}

template <class Clock> static void never_early()
{
    wg::group tasks;
    tasks.add();
    const auto deadline = Clock::now() + milliseconds(2);
    CHECK(!tasks.wait_until(deadline));
    CHECK(Clock::now() >= deadline);
    tasks.done();
    CHECK(tasks.wait_until(deadline));
}

static void timed_waits_are_never_early()
{
    never_early<std::chrono::steady_clock>();
    never_early<std::chrono::system_clock>();
    wg::group tasks;
    tasks.add();
    const auto begun = std::chrono::steady_clock::now();
    CHECK(!tasks.wait_for(milliseconds(2)));
    CHECK(std::chrono::steady_clock::now() - begun >= milliseconds(2));
    CHECK(!tasks.wait_for(milliseconds::min()));
    tasks.done();
    CHECK(tasks.wait_for(milliseconds::min()));
}

// Notices.

typedef wg::notice<std::function<void()>> any_notice;

static void a_notice_is_called_once()
{
    int calls = 0;
    wg::group tasks;
    any_notice notice([&calls] { calls++; });
    CHECK(!notice.cancel());                    // never registered
    CHECK(!notice.notify(tasks) && calls == 0); // zero already
    tasks.add();
    CHECK(notice.notify(tasks) && calls == 0);
    tasks.done();
    CHECK(calls == 1 && !notice.cancel());
    tasks.add();
    CHECK(notice.notify(tasks)); // and again
    tasks.done();
    CHECK(calls == 2);
}

static void a_notice_is_withdrawn_by_hand_and_by_its_scope()
{
    int calls = 0;
    wg::group tasks;
    tasks.add();
    any_notice by_hand([&calls] { calls++; });
    {
        any_notice by_scope([&calls] { calls++; });
        CHECK(by_hand.notify(tasks) && by_scope.notify(tasks));
    }
    CHECK(by_hand.cancel() && !by_hand.cancel());
    CHECK(by_hand.notify(tasks) && by_hand.cancel());
    tasks.done();
    CHECK(calls == 0);
}

static void a_notice_may_outlive_its_group_when_it_was_called()
{
    int calls = 0;
    any_notice notice([&calls] { calls++; });
    std::unique_ptr<wg::group> tasks(new wg::group);
    tasks->add();
    CHECK(notice.notify(*tasks));
    tasks->done();
    tasks.reset(); // the address sanitizer sees each later access
    CHECK(!notice.cancel() && calls == 1);
}

static void the_destructor_waits_for_a_running_function()
{
    std::atomic<bool> begun(false), ended(false);
    std::thread worker;
    wg::group tasks;
    tasks.add();
    {
        any_notice notice([&begun, &ended] {
            const int before = waits;
            begun = true;
            until([before] { return waits != before; }); // the destructor has come to its wait
            ended = true;
        });
        CHECK(notice.notify(tasks));
        worker = std::thread([&tasks] { tasks.done(); });
        until([&begun] { return begun.load(); });
    }
    CHECK(ended);
    worker.join();
}

// The last done has the list already, but has not come to this notice: too late to withdraw, and still to be called.
static void the_destructor_waits_for_a_function_that_is_still_to_run()
{
    std::atomic<bool> first_begun(false), second_ended(false);
    std::thread worker;
    wg::group tasks;
    tasks.add();
    any_notice first([&first_begun] {
        const int before = waits;
        first_begun = true;
        until([before] { return waits != before; });
    });
    {
        any_notice second([&second_ended] { second_ended = true; });
        CHECK(first.notify(tasks) && second.notify(tasks));
        worker = std::thread([&tasks] { tasks.done(); });
        until([&first_begun] { return first_begun.load(); });
        CHECK(!second_ended);
    }
    CHECK(second_ended);
    worker.join();
}

static void a_function_may_register_its_notice_again()
{
    int calls = 0;
    wg::group tasks;
    std::unique_ptr<any_notice> notice;
    notice.reset(new any_notice([&tasks, &notice, &calls] {
        if (++calls == 3)
            return;
        tasks.add();
        CHECK(notice->notify(tasks));
    }));
    tasks.add();
    CHECK(notice->notify(tasks));
    for (int i = 1; i <= 3; i++) {
        CHECK(tasks.count() == 1);
        tasks.done();
        CHECK(calls == i);
    }
    CHECK(tasks.count() == 0);
}

static void a_group_is_a_task_of_another()
{
    wg::group parent, child;
    parent.add();
    auto report = [&parent] { parent.done(); };
    wg::notice<decltype(report)> notice(report);
    child.add();
    CHECK(notice.notify(child) && parent.count() == 1);
    child.done();
    CHECK(parent.try_wait());
}

static void last_done_against_destructor()
{
    int called = 0, withdrawn = 0;
    for (int i = 0; i < 2000; i++) {
        wg::group tasks;
        tasks.add();
        std::atomic<bool> go(false);
        std::thread worker([&tasks, &go] {
            until([&go] { return go.load(); });
            tasks.done();
        });
        int calls = 0; // no atomic: the destructor orders it
        bool is_withdrawn = false;
        {
            auto call = [&calls] { calls++; };
            wg::notice<decltype(call)> notice(call);
            CHECK(notice.notify(tasks));
            go = true;
            idle(i);
            is_withdrawn = i % 2 == 0 && notice.cancel();
        }
        CHECK(calls == 0 || calls == 1);
        CHECK(!is_withdrawn || calls == 0);
        calls != 0 ? called++ : withdrawn++;
        worker.join();
    }
    std::printf("last done against destructor: %d called, %d withdrawn\n", called, withdrawn);
}

static void wait_any_finds_the_first_that_is_empty()
{
    wg::group a, b, c;
    a.add();
    b.add();
    c.add();
    std::thread worker([&c] { c.done(); });
    CHECK(wg::wait_any(a, b, c) == 2);
    CHECK(wg::wait_any(c, a) == 0);
    worker.join();
    a.done();
    CHECK(wg::wait_any(a, b, c) == 0);
    b.done();

    wg_config_t config = WG_CONFIG_INIT;
    config.sem = wg_sem_posix();
    wg::group other(config);
    bool thrown = false;
    try {
        CHECK(wg::wait_any(a, other) == 2); // throws
    } catch (const std::system_error &error) {
        thrown = error.code().value() == EINVAL;
    }
    CHECK(thrown);
}

static void two_files_share_the_inline_functions()
{
    wg::group tasks;
    CHECK(second_wait() == static_cast<member>(&wg::group::wait));
    CHECK(second_uses(tasks) == 2);
}

#ifdef __cpp_deduction_guides
static void the_type_of_a_notice_is_deduced()
{
    int calls = 0;
    wg::group tasks;
    tasks.add();
    wg::notice notice([&calls] { calls++; });
    CHECK(notice.notify(tasks));
    tasks.done();
    CHECK(calls == 1);
}
#else
static void the_type_of_a_notice_is_deduced()
{
}
#endif

#ifdef __cpp_lib_coroutine
#include "coroutines.hpp"
#else
static void coroutines()
{
    std::puts("no coroutines in this standard or compiler");
}
#endif

// Scopes.

static_assert(!std::is_copy_constructible<wg::scope>::value && !std::is_move_constructible<wg::scope>::value,
              "a scope stays where it is");

static wg_scope_config_t scope_config(unsigned threads, unsigned queue)
{
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.threads = threads;
    config.queue = queue;
    return config;
}

static void a_scope_runs_any_callable()
{
    std::atomic<int> ran(0);
    std::vector<int> results(100);
    auto lvalue = [&ran]() mutable { ran++; };
    plain_calls = 0;
    wg::scope tasks(scope_config(3, 0));
    tasks.go(plain);
    tasks.go(lvalue);
    tasks.go(std::ref(lvalue));
    for (std::size_t i = 0; i < results.size(); i++)
        tasks.go([i, &results] {
            results[i] = static_cast<int>(i);
            return 0;
        });
    CHECK(tasks.wait() == 0);
    CHECK(ran == 2 && plain_calls == 1);
    tasks.go(only_moves(ran));
    CHECK(tasks.wait() == 3 && ran == 3 && only_moves::alive == 0); // the int that it returns is its error
    for (std::size_t i = 0; i < results.size(); i++)
        CHECK(results[i] == static_cast<int>(i));
}

static void the_wait_of_a_scope_returns_the_first_error_or_rethrows()
{
    std::atomic<int> ran(0);
    wg::scope tasks(scope_config(1, 0)); // one thread: so the order is known
    for (int round = 0; round < 2; round++) {
        ran = 0;
        tasks.go([&ran] { ran++; });
        tasks.go([] { return EDOM; });
        tasks.go([] { throw std::runtime_error("too late"); });
        tasks.go([&tasks, &ran] { ran += tasks.stopped(); });
        CHECK(!tasks.stopped() && tasks.wait() == EDOM && ran == 2);

        tasks.go([] { throw std::runtime_error("the first"); });
        tasks.go([] { return EDOM; });
        tasks.go([] { throw std::runtime_error("the second"); });
        std::string what;
        try {
            (void)tasks.wait();
        } catch (const std::runtime_error &error) {
            what = error.what();
        }
        CHECK(what == "the first" && !tasks.stopped() && tasks.wait() == 0);

        tasks.stop(ERANGE);
        CHECK(tasks.stopped() && tasks.wait() == ERANGE);
        tasks.go([] { return (std::numeric_limits<int>::min)(); });
        CHECK(tasks.wait() == (std::numeric_limits<int>::min)());
    }
}

static void exceptions_of_tasks_that_run_at_once()
{
    for (int round = 0; round < 200; round++) {
        wg::scope tasks(scope_config(4, 0));
        for (int i = 0; i < 8; i++)
            tasks.go([i] { throw i; });
        int thrown = -1;
        try {
            (void)tasks.wait();
        } catch (int i) {
            thrown = i;
        }
        CHECK(thrown >= 0 && thrown < 8);
    }
}

static void a_full_scope_refuses_and_loses_nothing()
{
    std::atomic<int> ran(0);
    wg::scope tasks(scope_config(1, 2));
    auto mine = [&ran] { ran++; };
    CHECK(tasks.try_go(mine) && tasks.try_go(mine) && !tasks.try_go(mine));
    CHECK(!tasks.try_go(only_moves(ran)));
    CHECK(only_moves::alive == 0);
    mine(); // it is still the caller's
    tasks.go(mine);
    CHECK(ran == 1 && tasks.wait() == 0 && ran == 4);
    bool thrown = false;
    out_of_memory = true;
    try {
        tasks.go(mine);
    } catch (const std::bad_alloc &) {
        thrown = true;
    }
    out_of_memory = false;
    CHECK(thrown && tasks.wait() == 0 && ran == 4);
}

static void the_destructor_of_a_scope_waits()
{
    std::atomic<int> ran(0);
    try {
        wg::scope tasks(scope_config(2, 0));
        for (int i = 0; i < 50; i++)
            tasks.go([&ran] { ran++; });
        tasks.go([] { throw std::runtime_error("lost"); });
        throw std::runtime_error("on its way");
    } catch (const std::runtime_error &error) {
        CHECK(std::strcmp(error.what(), "on its way") == 0);
    }
    CHECK(ran == 50);
}

static long fibonacci(int n)
{
    if (n < 2)
        return n;
    long one = 0;
    wg::scope tasks;
    tasks.go([n, &one] { one = fibonacci(n - 1); });
    const long two = fibonacci(n - 2);
    CHECK(tasks.wait() == 0);
    return one + two;
}

static void a_refused_scope_throws()
{
    wg_scope_config_t config = WG_SCOPE_CONFIG_INIT;
    config.size = 1;
    int code = 0;
    try {
        wg::scope tasks(config);
    } catch (const std::system_error &error) {
        code = error.code().value();
    }
    CHECK(code == EINVAL);
}

// What std::terminate() ends, by the name that the command line gives.

static int must_terminate(const char *what)
{
    std::set_terminate([] { std::_Exit(42); });
    wg::group tasks;
    if (std::strcmp(what, "task") == 0) {
        tasks.go([] { throw std::runtime_error("out of a task"); });
        tasks.wait();
    } else if (std::strcmp(what, "notice") == 0) {
        any_notice notice([] { throw std::runtime_error("out of a notice"); });
        tasks.add();
        CHECK(notice.notify(tasks));
        try {
            tasks.done();
        } catch (const std::runtime_error &) {
            std::puts("it has passed through the library");
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return must_terminate(argv[1]);
    a_group_is_its_storage();
    a_group_counts();
    a_closed_group_refuses();
    a_config_makes_the_group_or_throws();
    the_destructor_waits();
    the_destructor_waits_while_an_exception_is_on_its_way();
    go_takes_any_callable();
    a_task_is_destroyed_before_it_is_done();
    without_a_thread_go_throws_and_loses_nothing();
    without_memory_go_throws_and_loses_nothing();
    a_guard_is_done_on_every_way_out();
    a_timeout_of_any_unit_is_rounded_up_and_saturates();
    a_deadline_of_any_clock_is_asked_of_that_clock();
    timed_waits_are_never_early();
    a_notice_is_called_once();
    a_notice_is_withdrawn_by_hand_and_by_its_scope();
    a_notice_may_outlive_its_group_when_it_was_called();
    the_destructor_waits_for_a_running_function();
    the_destructor_waits_for_a_function_that_is_still_to_run();
    a_function_may_register_its_notice_again();
    a_group_is_a_task_of_another();
    last_done_against_destructor();
    wait_any_finds_the_first_that_is_empty();
    two_files_share_the_inline_functions();
    the_type_of_a_notice_is_deduced();
    coroutines();
    a_scope_runs_any_callable();
    the_wait_of_a_scope_returns_the_first_error_or_rethrows();
    exceptions_of_tasks_that_run_at_once();
    a_full_scope_refuses_and_loses_nothing();
    the_destructor_of_a_scope_waits();
    CHECK(fibonacci(10) == 55);
    a_refused_scope_throws();
    std::printf("C++ %ld: all passed\n", static_cast<long>(__cplusplus));
    return 0;
}
