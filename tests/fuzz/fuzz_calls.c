/* SPDX-License-Identifier: 0BSD */
/*
 * fuzz_calls.c: random calls on one group, held against a plain model.
 *
 * One thread plays all: where the library would sleep or wake it calls the
 * semaphore below, and that plays further calls from the input, as other threads
 * would meanwhile.  So waits nest, time out while they are let go, and meet a
 * group that is in use again.  Each result, each snapshot and each misuse must be
 * the one that the model predicts; a misuse that is not predicted stops the run,
 * and so does one that was predicted and does not come.
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
#define CALLS_MAX 4
#define NOTICES 4
#define NOTICES_MAX (NOTICES + 2 * DEPTH_MAX)

static void lost(const char *condition, int line)
{
    fprintf(stderr, "fuzz_calls.c:%d: the group is not as the model says: %s\n", line, condition);
    abort();
}

/* The input, a byte a choice; zeroes when it is used up. */
static const uint8_t *input, *input_end;

static unsigned choose(unsigned n)
{
    return input < input_end ? *input++ % n : 0;
}

/* The model: what the header promises, in plain integers. */
static struct {
    int64_t counter;
    uint32_t waiters, tokens;
    uint32_t owed; /* by the call that is under way */
    bool closed;
    int depth; /* of waits, one in the other */
    int calls; /* of notices, one in the other */
    bool due;  /* zero, and the notices are not yet called */
    unsigned count;
    int registered[NOTICES_MAX]; /* what notices there are, oldest first: below NOTICES ours, else of a wait for any */
    bool is_claimed[NOTICES];    /* by the last done, but not yet called: they are nobody's */
} model;

/* Notices that the last done calls, one after another; calls nest, each through all of its own. */
typedef struct calling {
    int whose[NOTICES_MAX];
    unsigned next, count;
} calling_t;

static calling_t calling[CALLS_MAX + 2];
static int calling_now;

/* A wait for any: of our group, perhaps twice, and of one that never ends. */
typedef struct any {
    void *sem;
    int places; /* of our group among the choices */
    bool has_slept;
    uint32_t tokens, called;
} any_t;

static any_t anys[DEPTH_MAX];
static int anys_count;

/* What the runs met: see met_everything(). */
static struct {
    long misuses[WG_MISUSE_NOTICE + 1];
    long waits[DEPTH_MAX + 1], timeouts, owed;
    long calls[CALLS_MAX], withdrawn, too_late, at_zero;
    long found, found_twice, found_at_registration, none_found;
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
static void play_cancel(void);

static void check_snapshots(void)
{
    CHECK(wg_count(group) == (uint32_t)model.counter);
    CHECK(wg_waiters(group) == model.waiters);
    CHECK(wg_is_closed(group) == model.closed);
    const bool zero = wg_try_wait(group);
    CHECK(zero == (model.counter == 0));
}

/* Notices in the model. */

static void forget(unsigned at)
{
    model.count--;
    memmove(&model.registered[at], &model.registered[at + 1], (model.count - at) * sizeof model.registered[0]);
}

/* Its place in the order of registration, or -1. */
static int find(int whose)
{
    for (unsigned at = 0; at < model.count; at++)
        if (model.registered[at] == whose)
            return (int)at;
    return -1;
}

/* The library calls a notice: it must be the next.  With the first one, all are claimed. */
static void check_called(int whose)
{
    if (model.due) {
        calling_t *const now = &calling[++calling_now];
        model.due = false;
        now->next = 0;
        now->count = model.count;
        memcpy(now->whose, model.registered, sizeof now->whose);
        for (unsigned i = 0; i < now->count; i++)
            if (now->whose[i] < NOTICES)
                model.is_claimed[now->whose[i]] = true;
        model.count = 0;
    }
    CHECK(calling_now > 0);
    calling_t *const now = &calling[calling_now];
    CHECK(now->next < now->count && now->whose[now->next] == whose);
    if (whose < NOTICES)
        model.is_claimed[whose] = false;
    if (++now->next == now->count)
        calling_now--; /* what it plays is no longer within these */
}

/* The semaphore: other threads run while this one sleeps or is about to wake. */

static bool is_setting_up;

static int fake_init(void *sem, bool process_shared)
{
    CHECK(!process_shared);
    memset(sem, 0xa5, WG_SEM_SIZE);
    if (is_setting_up)
        return 0;
    /* A wait for any has looked, and registers when this returns. */
    any_t *const any = &anys[anys_count - 1];
    const int whose = NOTICES + anys_count - 1;
    any->sem = sem;
    while (choose(4) == 1)
        play_one();
    for (int i = 0; i < any->places && model.counter > 0; i++)
        model.registered[model.count++] = whose;
    return 0;
}

static void fake_destroy(void *sem)
{
    memset(sem, 0x5a, WG_SEM_SIZE);
}

/* 0 | ETIMEDOUT, as the input says. */
static int sleep_meanwhile(uint32_t *tokens, const struct timespec *deadline)
{
    for (;;) {
        switch (choose(4)) {
        case 0: /* also when the input is used up */
            if (*tokens > 0) {
                --*tokens;
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

static any_t *any_of(const void *sem)
{
    for (int i = 0; i < anys_count; i++)
        if (anys[i].sem == sem)
            return &anys[i];
    return NULL;
}

/* After its sleep it withdraws what is still registered; what was called owes it a token. */
static int acquire_for_any(any_t *any, const struct timespec *deadline)
{
    const int result = sleep_meanwhile(&any->tokens, deadline), whose = NOTICES + (int)(any - anys);
    CHECK(any == &anys[anys_count - 1]);
    if (!any->has_slept)
        for (int at; (at = find(whose)) >= 0;)
            forget((unsigned)at);
    any->has_slept = true;
    return result;
}

/* Nothing can happen between its return and what the library does then, so it predicts that, too. */
static int fake_acquire(void *sem, const struct timespec *deadline)
{
    CHECK(*(unsigned char *)sem == 0xa5);
    if (any_of(sem) != NULL)
        return acquire_for_any(any_of(sem), deadline);
    const int result = sleep_meanwhile(&model.tokens, deadline);
    if (result == ETIMEDOUT && model.counter > 0 && model.waiters > 0) {
        model.waiters--; /* it withdraws */
        seen.timeouts++;
    } else if (result == ETIMEDOUT) {
        seen.owed++; /* too late: it will ask for its token without a deadline */
    } else if (model.counter != 0 || model.waiters != 0) {
        expected = WG_MISUSE_REUSED_TOO_SOON;
    }
    return result;
}

static void fake_release(void *sem, uint32_t n)
{
    CHECK(*(unsigned char *)sem == 0xa5);
    any_t *const any = any_of(sem);
    if (any != NULL) {
        CHECK(n == 1 && !any->has_slept);
        check_called(NOTICES + (int)(any - anys));
        any->tokens++;
        any->called++;
        return;
    }
    CHECK(n >= 1 && n == model.owed);
    model.owed = 0;
    /* The library has decided; whatever comes now, these tokens are owed. */
    if (model.due && choose(2) != 0)
        play_cancel(); /* too late */
    while (choose(4) == 1)
        play_one();
    model.tokens += n;
}

static const wg_sem_ops_t fake = { "fake", fake_init, fake_destroy, fake_acquire, fake_release };

/* The calls. */

/* Whether an add that lifts the counter comes while notices are not yet called. */
static bool is_too_early(int64_t delta)
{
    return model.counter == 0 && delta > 0 && model.due;
}

static void predict_add(int64_t delta)
{
    const int64_t now = model.counter + delta;
    if (now < 0)
        expected = delta < 0 ? WG_MISUSE_NEGATIVE_COUNTER : WG_MISUSE_COUNTER_OVERFLOW;
    else if (now > INT32_MAX)
        expected = WG_MISUSE_COUNTER_OVERFLOW;
    else if (is_too_early(delta))
        expected = WG_MISUSE_ADD_DURING_WAIT;
    else if (model.counter == 0 && delta > 0 && model.closed)
        expected = WG_MISUSE_ADD_AFTER_CLOSE;
    else {
        model.counter = now;
        if (now == 0 && delta < 0) {
            model.owed = model.waiters; /* they are let go within the call */
            model.waiters = 0;
            model.due |= model.count > 0; /* likewise */
        }
    }
}

/* The call itself: what it owes, it gives before it returns. */
static void add(int delta, bool by_done)
{
    const bool was_due = model.due; /* to a call that is under way around this one */
    const int calling_before = calling_now;
    predict_add(delta);
    if (by_done)
        wg_done(group);
    else
        wg_add(group, delta);
    CHECK(expected == 0);
    CHECK(model.due == was_due && calling_now == calling_before);
}

static void play_add(void)
{
    static const int deltas[] = { 1, 2, 3, -1, -2, -3, 0, 1000, -1000, INT32_MAX, INT32_MIN, INT32_MAX - 1 };
    add(deltas[choose(sizeof deltas / sizeof *deltas)], false);
}

static void play_done(void)
{
    add(-1, true);
}

static void play_try_add(void)
{
    static const uint32_t counts[] = { 1, 2, 0, 7, INT32_MAX, UINT32_MAX, INT32_MAX - 1 };
    const uint32_t n = counts[choose(sizeof counts / sizeof *counts)];
    const bool admitted = !model.closed;
    if (admitted && model.counter + n > INT32_MAX)
        expected = WG_MISUSE_COUNTER_OVERFLOW;
    else if (admitted && is_too_early(n))
        expected = WG_MISUSE_ADD_DURING_WAIT;
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

static wg_notice_t notices[NOTICES];

static void on_zero(void *arg);

static void play_notify(void)
{
    const int whose = (int)choose(NOTICES);
    const bool is_zero = model.counter == 0;
    if (model.is_claimed[whose])
        return; /* it is nobody's yet */
    if ((is_zero || find(whose) >= 0) && choose(8) != 0)
        return; /* mostly what gets somewhere */
    if (find(whose) >= 0)
        expected = WG_MISUSE_NOTICE;
    else if (!is_zero)
        model.registered[model.count++] = whose;
    const bool is_registered = wg_notify(group, &notices[whose], on_zero, &notices[whose]);
    CHECK(expected == 0);
    CHECK(is_registered == !is_zero);
    seen.at_zero += is_zero;
}

/* The fn of each.  It may play on, as the only party may, and as others may meanwhile. */
static void on_zero(void *arg)
{
    const int whose = (int)((wg_notice_t *)arg - notices);
    check_called(whose);
    seen.calls[model.calls]++;
    if (model.calls + 1 < CALLS_MAX) {
        model.calls++;
        const bool again = !model.closed && model.counter == 0 && choose(2) != 0;
        if (again) { /* it begins a generation, and may end it, too */
            add(1, false);
            play_notify();
            if (choose(2) != 0)
                play_done();
        }
        while (choose(3) == 1)
            play_one();
        model.calls--;
    }
}

static void play_cancel(void)
{
    const int whose = (int)choose(NOTICES), at = find(whose);
    const bool in_time = at >= 0 && model.counter > 0;
    if (in_time)
        forget((unsigned)at);
    const bool withdrawn = wg_notify_cancel(group, &notices[whose]);
    CHECK(withdrawn == in_time);
    seen.withdrawn += in_time;
    seen.too_late += at >= 0 && !in_time;
}

static wg_t *never; /* a group whose task does not end */

static void wait_for_any(void)
{
    wg_t *const choices_of[][3] = { { group }, { never, group }, { group, never, group } };
    const size_t which_kind = choose(3), n = which_kind + 1, place = which_kind == 1;
    const struct timespec far = { 1000000000, 0 }, past = { 0, 0 }, bad = { 5, -1 };
    if (anys_count == DEPTH_MAX || model.depth == DEPTH_MAX)
        return;
    wg_choice_t choices[3];
    memset(choices, 0x5a, sizeof choices);
    for (size_t i = 0; i < n; i++)
        choices[i].wg = choices_of[which_kind][i];
    size_t which = 77;
    const bool zero = model.counter == 0;
    CHECK(wg_wait_any(choices, n, &bad, &which) == EINVAL && wg_wait_any(choices, 0, NULL, &which) == EINVAL);
    CHECK(wg_wait_any(choices, n, &past, &which) == (zero ? 0 : ETIMEDOUT) && which == (zero ? place : 77));

    any_t *const any = &anys[anys_count];
    memset(any, 0, sizeof *any);
    any->places = which_kind == 2 ? 2 : 1;
    if (!zero) {
        model.depth++;
        anys_count++;
    }
    which = 77;
    const bool timed = choose(2) != 0;
    const int result = wg_wait_any(choices, n, timed ? &far : NULL, &which);
    CHECK(expected == 0);
    CHECK(any->tokens == 0);
    if (!zero) {
        model.depth--;
        anys_count--;
        CHECK(any->sem != NULL && *(unsigned char *)any->sem == 0);
    }
    const bool at_registration = !zero && !any->has_slept;
    if (zero || at_registration || any->called > 0)
        CHECK(result == 0 && which == place);
    else
        CHECK(result == ETIMEDOUT && timed && which == 77);
    seen.found += any->called > 0;
    seen.found_twice += any->called > 1;
    seen.found_at_registration += at_registration;
    seen.none_found += result != 0;
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
    switch (choose(22)) {
    case 0:
        play_add();
        break;
    case 1:
    case 2:
        add(1, false);
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
    case 9: /* one too many, perhaps */
        play_done();
        break;
    case 10:
    case 11:
        play_notify();
        break;
    case 12:
        play_cancel();
        break;
    case 13:
        wait_for_any();
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
    static wg_storage_t storage, storage_of_never;
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = &fake;
    memset(&model, 0, sizeof model);
    memset(notices, 0, sizeof notices);
    calling_now = anys_count = 0;
    expected = 0;
    is_setting_up = true;
    never = wg_init(&storage_of_never, &config); /* and left, perhaps with what a wait had registered */
    CHECK(never != NULL);
    wg_add(never, 1);
    group = in_storage ? wg_init(&storage, &config) : wg_create_with(&config);
    CHECK(group != NULL);
    is_setting_up = false;

    stranded = false;
    const int how = play_all();
    if (how != MISUSED && (model.counter != 0 || model.waiters != 0 || model.count != 0)) {
        expected = WG_MISUSE_DESTROYED_IN_USE;
        if (setjmp(out) == 0) {
            wg_destroy(group);
            lost("a group in use was destroyed without a word", __LINE__);
        }
    }
    expected = 0;
    stranded |= wg_waiters(group) != 0;
    wg_destroy(group); /* never reports a second time */
    if (stranded && !in_storage)
        free(group); /* it stays, as the header says, for those who sleep in it: here, nobody does */
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
/* So many call sequences are sure to meet all that one thread can meet. */
#define SURE_ROUNDS 5000

/* Prints the counts of kinds 1..n; whether none is 0. */
static bool met_all(const char *what, const long *counts, int n)
{
    bool all = true;
    printf("%s:", what);
    for (int kind = 1; kind <= n; kind++) {
        printf(" %ld", counts[kind - 1]);
        all &= counts[kind - 1] > 0;
    }
    puts(all ? "" : "  <- one was never met");
    return all;
}

/* Whether the runs met all that one thread can meet: a fuzzer that has grown blind must not pass. */
static bool met_everything(void)
{
    bool all = met_all("misuses", &seen.misuses[1], WG_MISUSE_NOTICE);
    all &= met_all("waits by depth", &seen.waits[1], DEPTH_MAX);
    all &= met_all("timed out", &seen.timeouts, 1);
    all &= met_all("took a token owed", &seen.owed, 1);
    all &= met_all("calls of notices by depth", seen.calls, CALLS_MAX);
    all &= met_all("notices withdrawn, too late, at zero", &seen.withdrawn, 3);
    all &= met_all("waits for any: found, twice, when registering, none", &seen.found, 4);
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
