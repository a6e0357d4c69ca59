/* SPDX-License-Identifier: 0BSD */
/* scene.c: starts scenes, watches them, and ends them. */
#include "scene.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCENES_MAX = 16, CHILDREN_MAX = 16, LOOK_NS = 50000000 };

/* In memory that all processes share: the first process sees which scenes hang. */
typedef struct stage {
    atomic_bool ending;
    unsigned count;
    scene_t scenes[SCENES_MAX];
} stage_t;

static stage_t *stage;
static pid_t children[CHILDREN_MAX + 1];
static unsigned child_count, children_ended;

void scenes_make(void)
{
    stage = map_shared(sizeof *stage);
}

pid_t fork_child(void)
{
    CHECK(child_count < CHILDREN_MAX);
    const pid_t parent = getpid(), pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
    } else {
        children[child_count++] = pid;
    }
    return pid;
}

pid_t child(unsigned number)
{
    return children[number];
}

static scene_t *add(const char *name, void (*play)(scene_t *), void *own, uint64_t seed)
{
    CHECK(stage->count < SCENES_MAX);
    scene_t *const scene = &stage->scenes[stage->count++];
    scene->name = name;
    scene->play = play;
    scene->own = own;
    scene->seed = seed | 1;
    atomic_store(&scene->began_ns, now_ns());
    return scene;
}

static void *run(void *arg)
{
    scene_t *const scene = arg;
    scene->play(scene);
    atomic_store(&scene->began_ns, 0);
    return NULL;
}

void scene_fork(const char *name, void (*play)(scene_t *), uint64_t seed)
{
    scene_t *const scene = add(name, play, NULL, seed);
    scene->in_process = true;
    if (fork_child() == 0) {
        run(scene);
        _exit(EXIT_SUCCESS);
    }
}

void scene_start(const char *name, void (*play)(scene_t *), void *own, uint64_t seed)
{
    scene_t *const scene = add(name, play, own, seed);
    CHECK(pthread_create(&scene->thread, NULL, run, scene) == 0);
}

bool is_ending(void)
{
    return atomic_load(&stage->ending);
}

bool scene_goes_on(scene_t *scene)
{
    atomic_store(&scene->began_ns, now_ns());
    return !is_ending();
}

/* How many scenes still play.  Gives up if one hangs. */
static unsigned look(void)
{
    unsigned playing = 0;
    for (unsigned i = 0; i < stage->count; i++) {
        const int64_t began = atomic_load(&stage->scenes[i].began_ns);
        playing += began != 0;
        if (began != 0 && now_ns() - began > (int64_t)PATIENCE_S * 1000000000)
            give_up("a round of scene '%s' has hung for %d s", stage->scenes[i].name, PATIENCE_S);
    }
    return playing;
}

static void reap(void)
{
    int status;
    while (waitpid(-1, &status, WNOHANG) > 0) {
        CHECK(is_ending() && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
        children_ended++;
    }
}

void scenes_watch(double seconds)
{
    const int64_t began = now_ns();
    while (look() > 0 || children_ended < child_count) {
        nap(LOOK_NS);
        if ((double)(now_ns() - began) >= seconds * 1e9)
            atomic_store(&stage->ending, true);
        reap();
    }
    for (unsigned i = 0; i < stage->count; i++)
        if (!stage->scenes[i].in_process)
            pthread_join(stage->scenes[i].thread, NULL);
}
