/* SPDX-License-Identifier: 0BSD */
/* scene.h: scenes that run at once, in threads or processes, and are watched: none may hang. */
#ifndef SCENE_H
#define SCENE_H

#include "soak.h"

#include <pthread.h>
#include <sys/types.h>

typedef struct scene {
    _Alignas(64) atomic_llong began_ns; /* when its round began; 0: the scene has ended */
    const char *name;
    void (*play)(struct scene *self); /* rounds while scene_goes_on() */
    void *own;
    uint64_t seed;
    bool in_process;
    pthread_t thread;
} scene_t;

/* To be called before any fork. */
void scenes_make(void);

/* Forks a child that dies with this process, and that must not end before the run does.  Returns what fork() does. */
pid_t fork_child(void);

/* The process id of a child.  0: there are no more. */
pid_t child(unsigned number);

/* Start a scene.  All forks must come before the first thread. */
void scene_fork(const char *name, void (*play)(scene_t *), uint64_t seed);
void scene_start(const char *name, void (*play)(scene_t *), void *own, uint64_t seed);

/* Begins a round.  False: the run is ending. */
bool scene_goes_on(scene_t *scene);

/* Whether the run is ending.  For threads that are no scenes. */
bool is_ending(void);

/* Watches all scenes until the seconds are over, then until all have ended. */
void scenes_watch(double seconds);

/* The scenes: groups come and go; a gate is drained; notices are called; processes share a group; there is no memory.
 */
void play_groups(scene_t *scene);
void play_drain(scene_t *scene);
void play_notices(scene_t *scene);
void play_shared(scene_t *scene);
void play_starved(scene_t *scene);

/* Plays one group.  poor: memory may be denied at any time. */
void play_group(uint64_t *seed, bool poor);

/* Makes what play_shared() needs as its 'own'.  Forks. */
void *shared_make(const wg_sem_ops_t *sem);

/* Whether a process may be starved.  Sanitizers stop a program that is denied memory. */
bool can_starve(void);

#endif
