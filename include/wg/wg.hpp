/* SPDX-License-Identifier: 0BSD */
/*
 * wg.hpp: wait groups and scopes for C++11 and later.  wg.h and scope.h for classes, callables and coroutines; header
 * only.
 *
 *     wg::group tasks;
 *     for (auto &job : jobs)
 *         tasks.go([&job] { job.run(); });
 *     tasks.wait();
 *
 * The rules are those of wg.h and scope.h: ORDERING, REUSE, LIFETIME, MISUSE.  A member function that has the name of
 * a function of these headers does what that one does.
 *
 * Exceptions: none passes through the library.  The wait of a wg::scope rethrows the exception of a task.  An exception
 * that leaves a task of a group, a notice or a coroutine that was resumed here ends the program by std::terminate(), as
 * one that leaves the function of a std::thread.  With -fno-exceptions, what would throw std::system_error calls
 * std::terminate().
 */
#ifndef WG_WG_HPP
#define WG_WG_HPP

#include <wg/scope.h>
#include <wg/wg.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <ratio>
#include <system_error>
#include <type_traits>
#include <utility>
#if defined(__cpp_impl_coroutine) && defined(__has_include)
#if __has_include(<coroutine>)
#include <coroutine>
#endif
#endif

namespace wg
{

namespace detail
{

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
[[noreturn]] inline void fail(int error, const char *what)
{
    throw std::system_error(error, std::generic_category(), what);
}

/* Calls f(); an exception comes back in 'thrown'. */
template <class F> int call_kept(F &f, std::exception_ptr &thrown)
{
    try {
        return f();
    } catch (...) {
        thrown = std::current_exception();
        return 0;
    }
}
#else
[[noreturn]] inline void fail(int, const char *)
{
    std::terminate();
}

template <class F> int call_kept(F &f, std::exception_ptr &)
{
    return f();
}
#endif

/* In nanoseconds, rounded up, so that no wait is early.  A duration beyond 64 bits becomes the longest one.  A duration
   that is no number (NaN) becomes zero. */
template <class Rep, class Period> std::int64_t nanoseconds(const std::chrono::duration<Rep, Period> &duration)
{
    typedef std::numeric_limits<std::int64_t> bounds;
    typedef std::ratio_divide<Period, std::nano> unit;
    /* duration_cast() multiplies by unit::num before it divides.  9.2e18 is a little below 2^63. */
    const double limit = 9.2e18 / (unit::num == 1 ? 1.0 : static_cast<double>(unit::den));
    const double about = std::chrono::duration<double, std::nano>(duration).count();
    if (!(about > -limit))
        return (bounds::min)();
    if (about >= limit)
        return (bounds::max)();
    const std::chrono::nanoseconds exact = std::chrono::duration_cast<std::chrono::nanoseconds>(duration);
    return static_cast<std::int64_t>(exact.count()) + (exact < duration ? 1 : 0);
}

/* From 'now' until 'deadline'; 0 if that has passed. */
inline std::int64_t time_left(std::int64_t deadline, std::int64_t now) noexcept
{
    if (deadline <= now)
        return 0;
    const std::uint64_t left = static_cast<std::uint64_t>(deadline) - static_cast<std::uint64_t>(now);
    const std::int64_t most = (std::numeric_limits<std::int64_t>::max)();
    return left < static_cast<std::uint64_t>(most) ? static_cast<std::int64_t>(left) : most;
}

} // namespace detail

/* A group that lives where it is declared; it is not copied or moved. */
class group
{
  public:
    /* An empty, open group, as wg_attach() makes one of zero-filled storage. */
    group() noexcept : storage_()
    {
        const wg_t *const made = wg_attach(&storage_); /* never refused, since the storage is aligned */
        (void)made;
    }

    /* A group as wg_init() makes it.  Throws std::system_error if that refuses. */
    explicit group(const wg_config_t &config) : storage_()
    {
        if (wg_init(&storage_, &config) == nullptr)
            detail::fail(errno, "wg::group");
    }

    /*
     * Waits for the tasks, so that none outlives what it refers to.  A notice, and a coroutine that awaits the group,
     * count as waits: each must have begun or been withdrawn, or the group is destroyed while it is in use.
     */
    ~group()
    {
        wait();
        wg_destroy(wg_attach(&storage_)); /* gcc warns of the end of memory that it sees is not from the heap */
    }

    group(const group &) = delete;
    group &operator=(const group &) = delete;

    /* For the functions of wg.h. */
    wg_t *native_handle() noexcept
    {
        return reinterpret_cast<wg_t *>(&storage_);
    }

    void add(int delta = 1) noexcept
    {
        wg_add(native_handle(), delta);
    }

    void done() noexcept
    {
        wg_done(native_handle());
    }

    /*
     * Adds 1 and calls f() on a new thread; what f returns is dropped.  f is copied, or moved if it is an rvalue, and
     * destroyed on that thread before the task is done.  It must return: a pthread_exit() or a cancellation in it
     * calls std::terminate() where the system makes an exception of them.
     * Throws std::system_error if there is no thread, std::bad_alloc if there is no memory, and what the copy or the
     * move throws.  Then nothing is counted, nothing runs, and the copy is gone: to call f yourself after that, pass
     * an lvalue or std::ref(f).
     */
    template <class F> void go(F &&f)
    {
        typedef typename std::decay<F>::type task_type;
        std::unique_ptr<task_type> task(new task_type(std::forward<F>(f)));
        const int error = wg_go(native_handle(), run<task_type>, task.get());
        if (error != 0)
            detail::fail(error, "wg::group::go");
        (void)task.release(); /* the thread has it, and may have deleted it */
    }

    void wait() noexcept
    {
        wg_wait(native_handle());
    }

    WG_CHECK_RESULT bool try_wait() noexcept
    {
        return wg_try_wait(native_handle());
    }

    /* Whether the counter was zero within 'timeout', of any unit; the longest is some 292 years. */
    template <class Rep, class Period> WG_CHECK_RESULT bool wait_for(const std::chrono::duration<Rep, Period> &timeout)
    {
        return wg_wait_for(native_handle(), detail::nanoseconds(timeout)) == 0;
    }

    /*
     * Whether the counter was zero before Clock reached 'deadline'.  Any clock: what is left is taken from its now(),
     * and slept by CLOCK_MONOTONIC; then now() is asked again.  So it is never early by that clock.  A clock that is
     * set forward while the wait sleeps is noticed only at the end of that sleep.
     */
    template <class Clock, class Duration>
    WG_CHECK_RESULT bool wait_until(const std::chrono::time_point<Clock, Duration> &deadline)
    {
        const std::int64_t end = detail::nanoseconds(deadline.time_since_epoch());
        for (;;) {
            const std::int64_t left = detail::time_left(end, detail::nanoseconds(Clock::now().time_since_epoch()));
            if (wg_wait_for(native_handle(), left) == 0)
                return true;
            if (left == 0)
                return false;
        }
    }

    WG_CHECK_RESULT bool try_add(std::uint32_t n = 1) noexcept
    {
        return wg_try_add(native_handle(), n);
    }

    void close() noexcept
    {
        wg_close(native_handle());
    }

    void reopen() noexcept
    {
        wg_reopen(native_handle());
    }

    WG_CHECK_RESULT bool is_closed() const noexcept
    {
        return wg_is_closed(handle());
    }

    WG_CHECK_RESULT std::uint32_t count() const noexcept
    {
        return wg_count(handle());
    }

    WG_CHECK_RESULT std::uint32_t waiters() const noexcept
    {
        return wg_waiters(handle());
    }

  private:
    /* noexcept: an exception must not pass through wg_go(), which is C. */
    template <class Task> static void run(void *arg) noexcept
    {
        const std::unique_ptr<Task> task(static_cast<Task *>(arg));
        static_cast<void>(std::move(*task)());
    }

    const wg_t *handle() const noexcept
    {
        return reinterpret_cast<const wg_t *>(&storage_);
    }

    wg_storage_t storage_;
};

/*
 * A wg_scope_t that lives where it is declared; it is not copied or moved.
 *
 *     wg::scope tasks;
 *     for (auto &job : jobs)
 *         tasks.go([&job] { job.run(); });
 *     tasks.wait();
 *
 * A task is a callable that returns nothing, or an int that is 0 or an error.  It is copied, or moved if it is an
 * rvalue, and destroyed on the thread that ran it before the wait returns.
 */
class scope
{
  public:
    /* The defaults.  Throws std::system_error if wg_scope_init() refuses, as the other constructor. */
    scope() : storage_(), scope_(wg_scope_init(&storage_, nullptr)), caught_(false), exception_()
    {
        check();
    }

    explicit scope(const wg_scope_config_t &config)
        : storage_(), scope_(wg_scope_init(&storage_, &config)), caught_(false), exception_()
    {
        check();
    }

    /* Waits for the tasks, so that none outlives what it refers to.  An error or an exception that is left is lost. */
    ~scope()
    {
        const int lost = wg_scope_wait(scope_);
        (void)lost;
        wg_scope_destroy(scope_);
    }

    scope(const scope &) = delete;
    scope &operator=(const scope &) = delete;

    /* For the functions of scope.h. */
    wg_scope_t *native_handle() noexcept
    {
        return scope_;
    }

    /*
     * wg_scope_go_task(): queues f(), whatever the bound of the queue.
     * Throws std::bad_alloc, and what the copy or the move throws; then nothing is queued.
     */
    template <class F> void go(F &&f)
    {
        typedef item<typename std::decay<F>::type> item_type;
        std::unique_ptr<item_type> task(new item_type(*this, std::forward<F>(f)));
        task->node.fn = run<item_type>;
        task->node.arg = task.get();
        wg_scope_go_task(scope_, &task.release()->node);
    }

    /*
     * wg_scope_go(): false if the queue is full.  Then nothing is queued, and the copy is gone: to call f yourself
     * after that, pass an lvalue or std::ref(f).  Throws as go().
     */
    template <class F> WG_CHECK_RESULT bool try_go(F &&f)
    {
        typedef item<typename std::decay<F>::type> item_type;
        std::unique_ptr<item_type> task(new item_type(*this, std::forward<F>(f)));
        const int error = wg_scope_go(scope_, run<item_type>, task.get());
        if (error == EAGAIN)
            return false;
        if (error != 0)
            detail::fail(error, "wg::scope::try_go");
        (void)task.release(); /* the thread that runs it may have deleted it */
        return true;
    }

    void stop(int error = 0) noexcept
    {
        wg_scope_stop(scope_, error);
    }

    WG_CHECK_RESULT bool stopped() const noexcept
    {
        return wg_scope_stopped(scope_);
    }

    /* If the first error was an exception, rethrows it.  Else returns the first error, or 0. */
    int wait()
    {
        const int error = wg_scope_wait(scope_);
        std::exception_ptr thrown;
        std::swap(thrown, exception_);
        caught_.store(false, std::memory_order_relaxed); /* no task is left */
        if (error == of_exception() && thrown)
            std::rethrow_exception(thrown);
        return error;
    }

  private:
    template <class Task> struct item {
        template <class F> item(scope &its, F &&f) : node(), owner(&its), task(std::forward<F>(f))
        {
        }

        typedef decltype(std::declval<Task>()()) result;
        static_assert(std::is_void<result>::value || std::is_same<result, int>::value,
                      "a task of a scope returns nothing, or an int: 0 or an error");

        int operator()()
        {
            return call(std::is_void<result>());
        }

        int call(std::true_type)
        {
            std::move(task)();
            return 0;
        }

        int call(std::false_type)
        {
            return std::move(task)();
        }

        wg_task_t node;
        scope *owner;
        Task task;
    };

    /* noexcept: an exception must not pass through the library, which is C. */
    template <class Item> static int run(void *arg) noexcept
    {
        const std::unique_ptr<Item> task(static_cast<Item *>(arg));
        std::exception_ptr thrown;
        const int error = detail::call_kept(*task, thrown);
        return thrown ? task->owner->keep(thrown) : error;
    }

    /* The scope keeps which error was the first; this keeps what was thrown first. */
    int keep(const std::exception_ptr &thrown) noexcept
    {
        if (!caught_.exchange(true, std::memory_order_relaxed))
            exception_ = thrown;
        return of_exception();
    }

    /* The error of a task that threw.  If a task returns this value itself, wait() returns it. */
    static int of_exception() noexcept
    {
        return (std::numeric_limits<int>::min)();
    }

    void check() const
    {
        if (scope_ == nullptr)
            detail::fail(errno, "wg::scope");
    }

    wg_scope_storage_t storage_;
    wg_scope_t *scope_;
    std::atomic<bool> caught_;
    std::exception_ptr exception_; /* written by the task that set caught_, read by the wait */
};

/* Counts one task off when its scope ends, by whatever way.  The task was counted before, by add() or try_add(). */
class task_guard
{
  public:
    explicit task_guard(group &tasks) noexcept : tasks_(tasks)
    {
    }

    ~task_guard()
    {
        tasks_.done(); /* the group may be gone when this returns */
    }

    task_guard(const task_guard &) = delete;
    task_guard &operator=(const task_guard &) = delete;

  private:
    group &tasks_;
};

/*
 * A wg_notice_t with its function: f() is called when the counter is zero, as NOTICES in wg.h has it.  Allocates
 * nothing.  In C++11 and 14 name the type: wg::notice<decltype(f)> n(f).
 *
 * The destructor withdraws the notice.  If it is too late for that, the destructor waits until f() has returned: after
 * it, f() neither runs nor will.  So
 * - declare the notice after the group and after all that f() uses.  The group must live until the notice is destroyed
 *   or f() has returned, whichever comes first;
 * - do not destroy a notice while you hold a lock that f() takes, nor inside the function of a notice, its own
 *   included.  The destructor would wait for ever.
 */
template <class F> class notice
{
  public:
    explicit notice(F f) : f_(std::move(f)), node_(), wg_(nullptr)
    {
    }

    ~notice()
    {
        (void)cancel();
        /* Now running_ is destroyed, before the rest, and waits: a notice that was called too late to be withdrawn is
           still in the hands of the library. */
    }

    notice(const notice &) = delete;
    notice &operator=(const notice &) = delete;

    /*
     * wg_notify().  True: f() will be called once; the notice may be gone when this returns.  False: the counter is
     * zero, and f() will not be called.  May be called again when f() has begun, when cancel() has returned true, or
     * when this has returned false.  If it is called inside f(), the next call of f() may come before this one ends.
     */
    WG_CHECK_RESULT bool notify(group &tasks) noexcept
    {
        running_.add();
        wg_ = tasks.native_handle();
        if (wg_notify(wg_, &node_, call, this))
            return true;
        running_.done();
        return false;
    }

    /* True: f() will not be called.  False: it was, is, or is about to be, or was never to be.  Does not wait. */
    bool cancel() noexcept
    {
        if (running_.try_wait()) /* there is no call to come, and the group may be gone */
            return false;
        if (!wg_notify_cancel(wg_, &node_))
            return false;
        running_.done();
        return true;
    }

  private:
    static void call(void *arg) noexcept
    {
        notice *const self = static_cast<notice *>(arg);
        static_cast<void>(self->f_());
        self->running_.done(); /* the notice may be gone when this returns */
    }

    F f_;
    wg_notice_t node_;
    wg_t *wg_;      /* where the notice was registered last */
    group running_; /* calls of f() that are to come or have not returned; last, so that it is destroyed first */
};

#ifdef __cpp_deduction_guides
template <class F> notice(F) -> notice<F>;
#endif

/*
 * wg_wait_any() without a deadline: the index of the first group in the list that was found at zero.
 * Throws std::system_error if that refuses: the groups have different semaphores, or one is shared by processes.
 */
template <class... Groups> WG_CHECK_RESULT std::size_t wait_any(group &first, Groups &...more)
{
    wg_t *const groups[] = { first.native_handle(), more.native_handle()... };
    wg_choice_t choices[1 + sizeof...(more)] = {};
    for (std::size_t i = 0; i < 1 + sizeof...(more); i++)
        choices[i].wg = groups[i];
    std::size_t which = 0;
    const int error = wg_wait_any(choices, 1 + sizeof...(more), nullptr, &which);
    if (error != 0)
        detail::fail(error, "wg::wait_any");
    return which;
}

#ifdef __cpp_lib_coroutine

/* What co_await makes of a group.  It lies in the coroutine's frame, and the notice in it: nothing is allocated. */
class group_awaiter
{
  public:
    explicit group_awaiter(group &tasks) noexcept : wg_(tasks.native_handle()), node_()
    {
    }

    group_awaiter(const group_awaiter &) = delete;
    group_awaiter &operator=(const group_awaiter &) = delete;

    WG_CHECK_RESULT bool await_ready() const noexcept
    {
        return wg_try_wait(wg_);
    }

    /* When wg_notify() has returned true, the coroutine may run elsewhere or have ended: nothing is touched after it.
     */
    WG_CHECK_RESULT bool await_suspend(std::coroutine_handle<> coroutine) noexcept
    {
        return wg_notify(wg_, &node_, resume, coroutine.address());
    }

    void await_resume() const noexcept
    {
    }

  private:
    static void resume(void *coroutine) noexcept
    {
        std::coroutine_handle<>::from_address(coroutine).resume();
    }

    wg_t *wg_;
    wg_notice_t node_;
};

/*
 * co_await tasks: goes on when the counter is zero, at once if it is zero now.  Otherwise the coroutine goes on inside
 * the call that NOTICES in wg.h names, such as the last done(): it must not block there, so hand a long piece of work
 * to an executor.  It counts as a wait, which has returned when the coroutine goes on: the coroutine of the only party
 * may destroy the group then.  Do not destroy a coroutine that is suspended here.
 */
inline group_awaiter operator co_await(group &tasks) noexcept
{
    return group_awaiter(tasks);
}

#endif

} // namespace wg

#endif
