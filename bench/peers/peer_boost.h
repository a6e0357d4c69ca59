/* SPDX-License-Identifier: 0BSD */
/*
 * peer_boost.h: boost::latch, on a mutex and a condition variable.  No add; a timed wait needs
 * a compiled library of Boost, so it is left out.
 */
#define BOOST_THREAD_VERSION 4
#define BOOST_THREAD_DONT_PROVIDE_INTERRUPTIONS
#include <boost/thread/lock_guard.hpp> /* first: the header of the latch fails to include it */

#include <boost/thread/latch.hpp>
#include <new>

#define PEER_NAME "boost::latch"
#define PEER_ADDS 0
#define PEER_REUSABLE 0
#define PEER_WAITERS 1
#define PEER_LOOKS 1
#define PEER_TIMED 0
#define PEER_HEAP 1

#include "../harness.h"

typedef struct group_storage {
    alignas(boost::latch) unsigned char bytes[sizeof(boost::latch)];
} group_storage;
typedef boost::latch *group;

static inline group group_make(group_storage *storage, unsigned n, unsigned waiters)
{
    (void)waiters;
    return new (storage->bytes) boost::latch(n);
}

static inline void group_end(group g)
{
    g->~latch();
}

static inline group group_heap()
{
    return new boost::latch(std::size_t(0));
}

static inline void group_done(group g)
{
    g->count_down();
}

static inline void group_wait(group g)
{
    g->wait();
}
