/* SPDX-License-Identifier: 0BSD */
/*
 * soak.c: load and faults for a settable time, with invariants checked all the while.
 *
 *     wg_soak [SECONDS [SEED]]
 *
 * Several scenes run at once, each a thread that plays rounds on groups of its own:
 *
 *   rounds   random workers and waiters, waiters with random deadlines; the group
 *            is freed as soon as the last wait has returned
 *   drain    admitters in wg_try_add against wg_close and timed waits, reopened
 *   shared   a group in shared memory, its workers processes of which one is
 *            stopped and continued at random
 *
 * while signals rain, waiters are cancelled in their waits, threads move from
 * processor to processor, and memory comes and goes.  Each worker writes a word
 * without atomics before its wg_done(), and each wait that returns 0 reads them
 * all: an early return is seen.  A round that does not end within the patience is
 * a hang, and stops the run.  At the end it prints what was done, a rate each.
 */
#include <wg/wg.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 60
#define WORKERS_MAX 16
#define WAITERS_MAX 8
#define SCENES_EACH 2

static _Noreturn void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

#define CHECK(condition) ((condition) ? (void)0 : give_up("soak.c:%d: does not hold: %s", __LINE__, #condition))

static atomic_bool ending;
static const wg_sem_ops_t *backends[3];
static unsigned backend_count;

static struct {
    atomic_ulong rounds, tasks, waits, timeouts, drains, admitted, refused, processes, stops, signals, cancels, moves;
} done;

#define COUNT(what) atomic_fetch_add_explicit(&done.what, 1, memory_order_relaxed)

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void nap(int64_t ns)
{
    const struct timespec t = { ns / 1000000000, ns % 1000000000 };
    nanosleep(&t, NULL);
}

/* A generator of its own for each scene: xorshift64. */
static unsigned pick(uint64_t *seed, unsigned n)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (unsigned)(*seed >> 33) % n;
}

static void linger(unsigned how)
{
    switch (how) {
    case 0:
        sched_yield();
        break;
    case 1:
        nap(20000);
        break;
    default:
        break;
    }
}

/*
 * The watch: a scene says when a round begins; none may take longer than PATIENCE_S.
 */
typedef struct scene {
    _Alignas(64) atomic_llong began_ns;
    uint64_t seed;
    const char *name;
    pthread_t thread;
} scene_t;

static void begin_round(scene_t *scene)
{
    atomic_store(&scene->began_ns, now_ns());
}

static pthread_t start(void *(*fn)(void *), void *arg)
{
    pthread_t thread;
    for (int tries = 0; pthread_create(&thread, NULL, fn, arg) != 0; tries++) {
        CHECK(tries < 1000);
        nap(1000000);
    }
    return thread;
}

static wg_t *make_group(uint64_t *seed)
{
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = backends[pick(seed, backend_count)];
    wg_t *const wg = wg_create_with(&config);
    CHECK(wg != NULL);
    return wg;
}

/*
 * Scene "rounds".
 */
typedef struct party {
    wg_t *wg;
    uint64_t work[WORKERS_MAX]; /* written without atomics: the group must order it */
    unsigned workers;
    uint64_t stamp;
    atomic_uint inside; /* waiters that have not returned; the last frees the group */
    atomic_int borrowed;
} party_t;

typedef struct member {
    party_t *party;
    unsigned index, pace;
    int64_t timeout_ns; /* < 0: none */
} member_t;

static void *work(void *arg)
{
    const member_t self = *(member_t *)arg;
    linger(self.pace);
    self.party->work[self.index] = self.party->stamp + self.index;
    wg_done(self.party->wg);
    return NULL;
}

static void check_work(const party_t *party)
{
    for (unsigned i = 0; i < party->workers; i++)
        CHECK(party->work[i] == party->stamp + i); /* else: it returned early */
}

/* Waits in slices while they time out, then for ever; never early, and not late if it says so. */
static void *await(void *arg)
{
    const member_t self = *(member_t *)arg;
    party_t *const party = self.party;
    int64_t timeout_ns = self.timeout_ns;
    for (int slices = 0; timeout_ns >= 0; slices++) {
        const int64_t began = now_ns();
        const int result = wg_wait_for(party->wg, timeout_ns);
        if (result == 0)
            break;
        CHECK(result == ETIMEDOUT);
        CHECK(now_ns() - began >= timeout_ns);
        COUNT(timeouts);
        timeout_ns = slices < 3 ? timeout_ns * 2 : -1;
    }
    if (timeout_ns < 0)
        wg_wait(party->wg);
    COUNT(waits);
    check_work(party);
    if (atomic_fetch_sub(&party->inside, 1) == 1) {
        wg_destroy(party->wg);
        party->wg = NULL;
    }
    return NULL;
}

/* Cancelled while it waits: the wait is no cancellation point, so it ends and is cancelled only then. */
static void *await_cancelled(void *arg)
{
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    await(arg);
    for (;;)
        pause();
    return NULL;
}

static void *play_rounds(void *arg)
{
    scene_t *const scene = arg;
    pthread_t threads[WORKERS_MAX + WAITERS_MAX];
    member_t members[WORKERS_MAX + WAITERS_MAX];
    party_t party;
    while (!atomic_load(&ending)) {
        begin_round(scene);
        memset(&party, 0, sizeof party);
        party.wg = make_group(&scene->seed);
        party.workers = 1 + pick(&scene->seed, WORKERS_MAX);
        party.stamp = (uint64_t)now_ns();
        const unsigned waiters = 1 + pick(&scene->seed, WAITERS_MAX);
        const int cancelled = pick(&scene->seed, 4) == 0 ? (int)pick(&scene->seed, waiters) : -1;
        atomic_store(&party.inside, waiters);
        wg_add(party.wg, (int)party.workers);
        for (unsigned i = 0; i < waiters; i++) {
            const int64_t timeout_ns = (int64_t)pick(&scene->seed, 200) * 1000;
            members[i] = (member_t){ &party, i, 0, pick(&scene->seed, 2) ? timeout_ns : -1 };
            threads[i] = start((int)i == cancelled ? await_cancelled : await, &members[i]);
        }
        for (unsigned i = 0; i < party.workers; i++) {
            members[waiters + i] = (member_t){ &party, i, pick(&scene->seed, 4), -1 };
            threads[waiters + i] = start(work, &members[waiters + i]);
        }
        if (cancelled >= 0) {
            pthread_cancel(threads[cancelled]);
            COUNT(cancels);
        }
        for (unsigned i = 0; i < waiters + party.workers; i++) {
            void *result;
            pthread_join(threads[i], &result);
            CHECK((result == PTHREAD_CANCELED) == ((int)i == cancelled));
        }
        CHECK(party.wg == NULL);
        atomic_fetch_add(&done.tasks, party.workers);
        COUNT(rounds);
    }
    return NULL;
}

/*
 * Scene "drain": requests come until the gate is closed; none is running once a drain said 0.
 */
#define ADMITTERS 3

typedef struct gate {
    wg_t *wg;
    atomic_bool stop;
    atomic_int running;
} gate_t;

static void *admit(void *arg)
{
    gate_t *const gate = arg;
    while (!atomic_load_explicit(&gate->stop, memory_order_relaxed)) {
        if (!wg_try_add(gate->wg, 2)) {
            COUNT(refused);
            sched_yield();
            continue;
        }
        atomic_fetch_add_explicit(&gate->running, 1, memory_order_relaxed);
        wg_add(gate->wg, 1); /* a subtask of a counted task is legal in a closed group */
        wg_done(gate->wg);
        atomic_fetch_sub_explicit(&gate->running, 1, memory_order_relaxed);
        wg_add(gate->wg, -2);
        COUNT(admitted);
    }
    return NULL;
}

static void *play_drain(void *arg)
{
    scene_t *const scene = arg;
    while (!atomic_load(&ending)) {
        begin_round(scene);
        gate_t gate = { make_group(&scene->seed), false, 0 };
        pthread_t threads[ADMITTERS];
        for (int i = 0; i < ADMITTERS; i++)
            threads[i] = start(admit, &gate);
        for (int drains = 0; drains < 50; drains++) {
            nap(pick(&scene->seed, 100000));
            wg_close(gate.wg);
            if (pick(&scene->seed, 2) == 0 && wg_wait_for(gate.wg, pick(&scene->seed, 30000)) == ETIMEDOUT) {
                wg_reopen(gate.wg); /* called off */
                COUNT(timeouts);
                continue;
            }
            wg_wait(gate.wg);
            CHECK(atomic_load_explicit(&gate.running, memory_order_relaxed) == 0);
            CHECK(wg_count(gate.wg) == 0 && wg_is_closed(gate.wg));
            wg_reopen(gate.wg);
            COUNT(drains);
        }
        wg_close(gate.wg);
        atomic_store(&gate.stop, true);
        for (int i = 0; i < ADMITTERS; i++)
            pthread_join(threads[i], NULL);
        wg_wait(gate.wg);
        wg_destroy(gate.wg);
    }
    return NULL;
}

/*
 * Scene "shared".  The children are made once, before any thread: they play rounds
 * on the same shared group until told to end.
 */
#define PROCESSES 3

typedef struct common {
    wg_storage_t storage, start;
    uint64_t work[PROCESSES]; /* without atomics */
    _Atomic uint64_t round;
    atomic_bool end;
    pid_t pids[PROCESSES];
} common_t;

static _Noreturn void be_worker(common_t *common, unsigned index)
{
    wg_t *const wg = wg_attach(&common->storage);
    wg_t *const gun = wg_attach(&common->start);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when the parent aborts */
    for (uint64_t round = 1;; round++) {
        wg_wait(gun);
        if (atomic_load(&common->end))
            _exit(0);
        if (atomic_load(&common->round) != round)
            give_up("process %u began round %llu too soon", index, (unsigned long long)round);
        common->work[index] = round;
        wg_done(wg);
        /* The next round begins when the parent has armed the gun again. */
        while (atomic_load(&common->round) == round && !atomic_load(&common->end))
            nap(20000);
    }
}

static common_t *start_processes(const wg_sem_ops_t *sem)
{
    common_t *const common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(common != MAP_FAILED);
    wg_config_t config = WG_CONFIG_INIT;
    config.sem = sem;
    config.flags = WG_PROCESS_SHARED;
    CHECK(wg_init(&common->storage, &config) != NULL && wg_init(&common->start, &config) != NULL);
    wg_add(wg_attach(&common->start), 1);
    for (unsigned i = 0; i < PROCESSES; i++) {
        const pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            be_worker(common, i);
        common->pids[i] = pid;
    }
    return common;
}

typedef struct shared_scene {
    scene_t scene;
    common_t *common;
} shared_scene_t;

static void *play_shared(void *arg)
{
    shared_scene_t *const self = arg;
    common_t *const common = self->common;
    wg_t *const wg = wg_attach(&common->storage);
    wg_t *const gun = wg_attach(&common->start);
    for (uint64_t round = 1;; round++) {
        begin_round(&self->scene);
        const bool last = atomic_load(&ending);
        wg_add(wg, last ? 0 : PROCESSES);
        atomic_store(&common->end, last);
        atomic_store(&common->round, round);
        wg_done(gun);
        if (last)
            break;
        const pid_t victim = common->pids[pick(&self->scene.seed, PROCESSES)];
        const bool stop = pick(&self->scene.seed, 4) == 0;
        if (stop) {
            kill(victim, SIGSTOP);
            COUNT(stops);
            if (wg_wait_for(wg, 200000) == ETIMEDOUT)
                COUNT(timeouts);
            kill(victim, SIGCONT);
        }
        wg_wait(wg);
        for (unsigned i = 0; i < PROCESSES; i++)
            CHECK(common->work[i] == round);
        COUNT(processes);
        /* Arm the gun only when nobody is in its wait any more: all have done this round's work. */
        wg_add(gun, 1);
    }
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status;
        CHECK(waitpid(common->pids[i], &status, 0) == common->pids[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    wg_destroy(wg);
    wg_destroy(gun);
    munmap(common, sizeof *common);
    return NULL;
}

/*
 * The weather: signals, other processors, less memory.
 */
static void on_signal(int number)
{
    (void)number;
    COUNT(signals);
}

/* Some threads to one processor, the others to all that there are. */
static void move_threads(uint64_t *seed, const cpu_set_t *all)
{
    cpu_set_t one;
    unsigned skip = pick(seed, (unsigned)CPU_COUNT(all));
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, all) && skip-- == 0)
            CPU_SET(cpu, &one);
    DIR *const tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    for (const struct dirent *task; (task = readdir(tasks)) != NULL;)
        if (task->d_name[0] != '.')
            sched_setaffinity(atoi(task->d_name), sizeof one, pick(seed, 2) ? &one : all); /* it may be gone */
    closedir(tasks);
    COUNT(moves);
}

static void *rain(void *arg)
{
    uint64_t seed = *(uint64_t *)arg;
    cpu_set_t all;
    CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
    const size_t size = 64u << 20;
    while (!atomic_load(&ending)) {
        kill(getpid(), SIGUSR1);
        if (pick(&seed, 50) == 0)
            move_threads(&seed, &all);
        if (pick(&seed, 200) == 0) {
            char *const memory = malloc(size);
            if (memory != NULL)
                memset(memory, 1, size);
            free(memory);
        }
        nap(500000);
    }
    return NULL;
}

static void *watch(void *arg)
{
    scene_t *const *const scenes = arg;
    while (!atomic_load(&ending)) {
        for (unsigned i = 0; scenes[i] != NULL; i++) {
            const int64_t began = atomic_load(&scenes[i]->began_ns);
            if (began != 0 && now_ns() - began > (int64_t)PATIENCE_S * 1000000000)
                give_up("a round of scene '%s' has hung for %d s", scenes[i]->name, PATIENCE_S);
        }
        nap(100000000);
    }
    return NULL;
}

static void print_rate(const char *what, unsigned long count, double seconds)
{
    printf("%-28s %12lu %12.0f /s\n", what, count, (double)count / seconds);
}

int main(int argc, char **argv)
{
    const double seconds = argc > 1 ? atof(argv[1]) : 60;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)now_ns();
    printf("soak for %.0f s, seed %llu\n", seconds, (unsigned long long)(seed |= 1));
    fflush(stdout);

    const wg_sem_ops_t *const tables[] = { wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch() };
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
        if (tables[i] != NULL) {
            printf("backend %s\n", tables[i]->name);
            backends[backend_count++] = tables[i];
        }
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGUSR1, &action, NULL); /* without SA_RESTART: every sleep is interrupted */

    static scene_t rounds[SCENES_EACH], drains[SCENES_EACH];
    static shared_scene_t shared[2];
    scene_t *scenes[2 * SCENES_EACH + 3] = { 0 };
    unsigned count = 0, shared_count = 0;
    for (unsigned i = 0; i < 2; i++)
        if (tables[i] != NULL) {
            shared[shared_count] = (shared_scene_t){ .scene = { .seed = seed + i, .name = "shared" } };
            shared[shared_count].common = start_processes(tables[i]);
            scenes[count++] = &shared[shared_count++].scene;
        }
    for (unsigned i = 0; i < SCENES_EACH; i++) {
        rounds[i] = (scene_t){ .seed = seed * 31 + i, .name = "rounds" };
        drains[i] = (scene_t){ .seed = seed * 37 + i, .name = "drain" };
        scenes[count++] = &rounds[i];
        scenes[count++] = &drains[i];
    }

    const int64_t began = now_ns();
    for (unsigned i = 0; i < shared_count; i++)
        shared[i].scene.thread = start(play_shared, &shared[i]);
    for (unsigned i = 0; i < SCENES_EACH; i++) {
        rounds[i].thread = start(play_rounds, &rounds[i]);
        drains[i].thread = start(play_drain, &drains[i]);
    }
    pthread_t weather = start(rain, &seed), watcher = start(watch, scenes);
    while ((double)(now_ns() - began) < seconds * 1e9)
        nap(50000000);
    atomic_store(&ending, true);

    for (unsigned i = 0; i < count; i++) {
        struct timespec patience;
        clock_gettime(CLOCK_REALTIME, &patience);
        patience.tv_sec += PATIENCE_S;
        if (pthread_timedjoin_np(scenes[i]->thread, NULL, &patience) != 0)
            give_up("scene '%s' does not end: a hang", scenes[i]->name);
    }
    pthread_join(weather, NULL);
    pthread_join(watcher, NULL);

    const double took = (double)(now_ns() - began) / 1e9;
    print_rate("rounds, group freed by waiter", atomic_load(&done.rounds), took);
    print_rate("tasks", atomic_load(&done.tasks), took);
    print_rate("waits that saw zero", atomic_load(&done.waits), took);
    print_rate("waits that timed out", atomic_load(&done.timeouts), took);
    print_rate("drains", atomic_load(&done.drains), took);
    print_rate("requests admitted", atomic_load(&done.admitted), took);
    print_rate("requests refused", atomic_load(&done.refused), took);
    print_rate("rounds of processes", atomic_load(&done.processes), took);
    print_rate("processes stopped", atomic_load(&done.stops), took);
    print_rate("signals", atomic_load(&done.signals), took);
    print_rate("waiters cancelled", atomic_load(&done.cancels), took);
    print_rate("moves between processors", atomic_load(&done.moves), took);
    CHECK(atomic_load(&done.rounds) > 0 && atomic_load(&done.drains) > 0);
    CHECK(shared_count == 0 || atomic_load(&done.processes) > 0);
    puts("no hang, no lost wake, no early return");
    return 0;
}
