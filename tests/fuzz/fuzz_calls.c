/* SPDX-License-Identifier: 0BSD */
/*
 * fuzz_calls.c: random calls on one group, compared with a plain model.
 *
 * One thread plays all threads.  Where the library would sleep or wake, it calls the
 * semaphore below.  The semaphore then makes further calls from the input, as other
 * threads would.  So waits nest, time out while they are let go, and meet a group that
 * is in use again.  Each result, each snapshot and each misuse must be the one that the
 * model predicts.  A misuse that is not predicted stops the run, and so does a
 * predicted one that does not come.
 */
#include <wg/wg.h>

#include <errno.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECK(condition) ((condition) ? (void)0 : lost(#condition, __LINE__))
#define DEPTH_MAX 6

static void lost(const char *condition, int line)
{
    fprintf(stderr, "fuzz_calls.c:%d: the group is not as the model says: %s\n", line, condition);
    abort();
}

/* The input: one byte for each choice; zeroes when it is used up. */
static const uint8_t *input, *input_end;

static unsigned choose(unsigned n)
{
    return input < input_end ? *input++ % n : 0;
}

/* The model: what the header promises, in plain integers. */
static struct {
    int64_t counter;
    uint32_t waiters, tokens;
    uint32_t owed; /* tokens that the current call must release */
    bool closed;
    int depth; /* of nested waits */
} model;

/* What the runs met: see met_everything(). */
static struct {
    long misuses[WG_MISUSE_ADD_AFTER_CLOSE + 1];
    long waits[DEPTH_MAX + 1], timeouts, owed;
} seen;

static wg_t *group;
static jmp_buf out;
static bool stranded;        /* a misuse was reported while threads slept in the group */
static wg_misuse_t expected; /* the misuse that the next call must end in; 0: none */
enum { MISUSED = 1, ABANDONED };

static void on_panic(const wg_t *wg, wg_misuse_t misuse, const char *message)
{
    if (misuse != expected) {
        fprintf(stderr, "reported misuse %d, predicted %d: %s\n", (int)misuse, (int)expected, message);
        abort();
    }
    seen.misuses[misuse]++;
    stranded |= wg_waiters(wg) != 0;
    CHECK(wg == group && message != NULL && strlen(message) > 20);
    longjmp(out, MISUSED);
}

static void play_one(void);

static void check_snapshots(void)
{
    CHECK(wg_count(group) == (uint32_t)model.counter);
    CHECK(wg_waiters(group) == model.waiters);
    CHECK(wg_is_closed(group) == model.closed);
    const bool zero = wg_try_wait(group);
    CHECK(zero == (model.counter == 0));
}

/* The semaphore: other threads run while this one sleeps or is about to wake. */

static int fake_init(void *sem, bool process_shared)
{
    CHECK(!process_shared);
    memset(sem, 0xa5, WG_SEM_SIZE);
    return 0;
}

static void fake_destroy(void *sem)
{
    memset(sem, 0x5a, WG_SEM_SIZE);
}

/* 0 | ETIMEDOUT, as the input says. */
static int sleep_meanwhile(const struct timespec *deadline)
{
    for (;;) {
        switch (choose(4)) {
        case 0: /* also when the input is used up */
            if (model.tokens > 0) {
                model.tokens--;
                return 0;
            }
            if (deadline != NULL)
                return ETIMEDOUT;
            if (input == input_end)
                longjmp(out, ABANDONED);
            break;
        case 1:
            if (deadline != NULL)
                return ETIMEDOUT; /* allowed though a token may be there */
            break;
        default:
            play_one();
        }
    }
}

/* Nothing comes between this return and what the library does next.  So this function predicts that, too. */
static int fake_acquire(void *sem, const struct timespec *deadline)
{
    CHECK(*(unsigned char *)sem == 0xa5);
    const int result = sleep_meanwhile(deadline);
    if (result == ETIMEDOUT && model.counter > 0 && model.waiters > 0) {
        model.waiters--; /* the wait takes its registration back */
        seen.timeouts++;
    } else if (result == ETIMEDOUT) {
        seen.owed++; /* too late: the wait will ask for its token without a deadline */
    } else if (model.counter != 0 || model.waiters != 0) {
        expected = WG_MISUSE_REUSED_TOO_SOON;
    }
    return result;
}

static void fake_release(void *sem, uint32_t n)
{
    CHECK(*(unsigned char *)sem == 0xa5);
    CHECK(n >= 1 && n == model.owed);
    /* The library has decided: whatever comes now, these tokens are owed. */
    while (choose(4) == 1)
        play_one();
    model.tokens += n;
}

static const wg_sem_ops_t fake = { "fake", fake_init, fake_destroy, fake_acquire, fake_release };

/* The calls. */

static void predict_add(int64_t delta)
{
    const int64_t now = model.counter + delta;
    if (now < 0)
        expected = delta < 0 ? WG_MISUSE_NEGATIVE_COUNTER : WG_MISUSE_COUNTER_OVERFLOW;
    else if (now > INT32_MAX)
        expected = WG_MISUSE_COUNTER_OVERFLOW;
    else if (model.counter == 0 && delta > 0 && model.closed)
        expected = WG_MISUSE_ADD_AFTER_CLOSE;
    else {
        model.counter = now;
        if (now == 0 && delta < 0) {
            model.owed = model.waiters; /* they are let go within the call */
            model.waiters = 0;
        }
    }
}

static void play_add(void)
{
    static const int deltas[] = { 1, 2, 3, -1, -2, -3, 0, 1000, -1000, INT32_MAX, INT32_MIN, INT32_MAX - 1 };
    const int delta = deltas[choose(sizeof deltas / sizeof *deltas)];
    predict_add(delta);
    wg_add(group, delta);
    CHECK(expected == 0);
}

static void play_done(void)
{
    predict_add(-1);
    wg_done(group);
    CHECK(expected == 0);
}

static void play_try_add(void)
{
    static const uint32_t counts[] = { 1, 2, 0, 7, INT32_MAX, UINT32_MAX, INT32_MAX - 1 };
    const uint32_t n = counts[choose(sizeof counts / sizeof *counts)];
    const bool admitted = !model.closed;
    if (admitted && model.counter + n > INT32_MAX)
        expected = WG_MISUSE_COUNTER_OVERFLOW;
    else if (admitted)
        model.counter += n;
    const bool was_admitted = wg_try_add(group, n);
    CHECK(expected == 0);
    CHECK(was_admitted == admitted);
}

static void wait_for_zero(bool timed)
{
    const struct timespec far = { 1000000000, 0 };
    if (model.depth == DEPTH_MAX)
        return;
    const bool zero = model.counter == 0;
    model.depth++;
    if (!zero) {
        model.waiters++;
        seen.waits[model.depth]++;
    }
    const int result =
        timed ? (choose(2) != 0 ? wg_wait_until(group, &far) : wg_wait_for(group, INT64_MAX)) : (wg_wait(group), 0);
    CHECK(expected == 0);
    model.depth--;
    if (zero)
        CHECK(result == 0);
    else if (result == 0)
        CHECK(model.counter == 0 && model.waiters == 0);
    else
        CHECK(result == ETIMEDOUT && timed);
}

static void play_looks(void)
{
    const struct timespec bad = { 5, 1000000000 }, worse = { 5, -1 };
    CHECK(wg_wait_until(group, &bad) == EINVAL && wg_wait_until(group, &worse) == EINVAL);
    CHECK(wg_wait_for(group, 0) == (model.counter == 0 ? 0 : ETIMEDOUT));
    CHECK(wg_wait_for(group, INT64_MIN) == (model.counter == 0 ? 0 : ETIMEDOUT));
}

static void play_one(void)
{
    check_snapshots();
    switch (choose(16)) {
    case 0:
        play_add();
        break;
    case 1:
    case 2:
        predict_add(1);
        wg_add(group, 1);
        CHECK(expected == 0);
        break;
    case 3:
        play_try_add();
        break;
    case 4:
        wait_for_zero(false);
        break;
    case 5:
        wait_for_zero(true);
        break;
    case 6:
        wg_close(group);
        model.closed = true;
        break;
    case 7:
        wg_reopen(group);
        model.closed = false;
        break;
    case 8:
        play_looks();
        break;
    case 9: /* perhaps one done too many */
        play_done();
        break;
    default: /* mostly legal, so that a sequence gets somewhere */
        if (model.counter > 0 && choose(4) != 0)
            play_done();
        break;
    }
    check_snapshots();
}

/* Plays until the input ends, the group is misused, or a wait is left for ever. */
static int play_all(void)
{
    const int how = setjmp(out);
    if (how == 0)
        while (input < input_end)
            play_one();
    return how;
}

static void play_group(bool in_storage)
{
    static wg_storage_t storage;
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = &fake;
    memset(&model, 0, sizeof model);
    expected = 0;
    group = in_storage ? wg_init(&storage, &config) : wg_create_with(&config);
    CHECK(group != NULL);

    stranded = false;
    const int how = play_all();
    if (how != MISUSED && (model.counter != 0 || model.waiters != 0)) {
        expected = WG_MISUSE_DESTROYED_IN_USE;
        if (setjmp(out) == 0) {
            wg_destroy(group);
            lost("a group in use was destroyed and not reported", __LINE__);
        }
    }
    expected = 0;
    stranded |= wg_waiters(group) != 0;
    wg_destroy(group); /* never reports a second time */
    if (stranded && !in_storage)
        free(group); /* the library leaves it to the threads that sleep in it; here none does */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wg_set_panic_handler(on_panic);
    input = data;
    input_end = data + size;
    play_group(choose(2) != 0);
    return 0;
}

#ifndef WG_FUZZER
/* This number of sequences is sure to meet all that one thread can meet. */
#define SURE_ROUNDS 5000

/* Prints the counts of the kinds 1..n.  Returns whether each is above 0; the kind 'but' may be 0. */
static bool met_all(const char *what, const long *counts, int n, int but)
{
    bool all = true;
    printf("%s:", what);
    for (int kind = 1; kind <= n; kind++) {
        printf(" %ld", counts[kind - 1]);
        all &= counts[kind - 1] > 0 || kind == but;
    }
    puts(all ? "" : "  <- one was never met");
    return all;
}

/* Whether the runs met all that one thread can meet.  A fuzzer that no longer finds these cases must not pass. */
static bool met_everything(void)
{
    /* An add during a wait takes two threads. */
    bool all = met_all("misuses", &seen.misuses[1], WG_MISUSE_ADD_AFTER_CLOSE, WG_MISUSE_ADD_DURING_WAIT);
    all &= met_all("waits by depth", &seen.waits[1], DEPTH_MAX, 0);
    all &= met_all("timed out", &seen.timeouts, 1, 0);
    all &= met_all("took a token owed", &seen.owed, 1, 0);
    return all;
}

/* Without libFuzzer: inputs from a generator with a fixed start, so that a failure can be repeated. */
int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? atol(argv[1]) : 200000;
    uint64_t x = 88172645463325252u;
    uint8_t bytes[200];
    for (long round = 0; round < rounds; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            bytes[i] = (uint8_t)(x >> 32);
        }
        LLVMFuzzerTestOneInput(bytes, 1 + (size_t)round % sizeof bytes);
    }
    printf("%ld call sequences, all as predicted; met:\n", rounds);
    const bool all = met_everything();
    return all || rounds < SURE_ROUNDS ? EXIT_SUCCESS : EXIT_FAILURE;
}
#endif
