/* SPDX-License-Identifier: 0BSD */
/* backends.c: finds a semaphore by its name, and makes the semaphore of a user. */
#include "backends.h"

#include "suite.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* The handle must fit into WG_SEM_SIZE bytes, so the rest is on the heap. */
typedef struct cond_sem {
    pthread_mutex_t mutex;
    pthread_cond_t more;
    uint32_t tokens;
} cond_sem_t;

static cond_sem_t *self_of(void *sem)
{
    return *(cond_sem_t **)sem;
}

static int cond_init(void *sem, bool process_shared)
{
    pthread_condattr_t attributes;
    cond_sem_t *const self = malloc(sizeof *self);
    if (self == NULL)
        return ENOMEM;
    REQUIRE(!process_shared);
    REQUIRE(pthread_mutex_init(&self->mutex, NULL) == 0);
    REQUIRE(pthread_condattr_init(&attributes) == 0);
    REQUIRE(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    REQUIRE(pthread_cond_init(&self->more, &attributes) == 0);
    REQUIRE(pthread_condattr_destroy(&attributes) == 0);
    self->tokens = 0;
    *(cond_sem_t **)sem = self;
    return 0;
}

static void cond_destroy(void *sem)
{
    cond_sem_t *const self = self_of(sem);
    REQUIRE(pthread_cond_destroy(&self->more) == 0);
    REQUIRE(pthread_mutex_destroy(&self->mutex) == 0);
    free(self);
}

static int cond_acquire(void *sem, const struct timespec *deadline)
{
    cond_sem_t *const self = self_of(sem);
    int error = 0, cancelable;
    REQUIRE(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelable) == 0);
    REQUIRE(pthread_mutex_lock(&self->mutex) == 0);
    while (self->tokens == 0 && error == 0)
        error = deadline != NULL ? pthread_cond_timedwait(&self->more, &self->mutex, deadline)
                                 : pthread_cond_wait(&self->more, &self->mutex);
    if (self->tokens > 0) {
        self->tokens--;
        error = 0;
    }
    REQUIRE(pthread_mutex_unlock(&self->mutex) == 0);
    REQUIRE(pthread_setcancelstate(cancelable, &cancelable) == 0);
    /* POSIX refuses a time before the clock began.  Such a time has passed. */
    return error == EINVAL && deadline->tv_sec < 0 ? ETIMEDOUT : error;
}

static void cond_release(void *sem, uint32_t n)
{
    cond_sem_t *const self = self_of(sem);
    REQUIRE(pthread_mutex_lock(&self->mutex) == 0);
    self->tokens += n;
    /* Under the mutex: after the unlock, the waiters may have destroyed everything. */
    REQUIRE(pthread_cond_broadcast(&self->more) == 0);
    REQUIRE(pthread_mutex_unlock(&self->mutex) == 0);
}

const wg_sem_ops_t cond_sem_ops = {
    .name = "cond",
    .init = cond_init,
    .destroy = cond_destroy,
    .acquire = cond_acquire,
    .release = cond_release,
};

const wg_sem_ops_t *backend_from(int argc, char **argv)
{
    const char *const name = argc > 1 ? argv[1] : "";
    const wg_sem_ops_t *const all[] = { wg_sem_default(), wg_sem_futex(), wg_sem_posix(), wg_sem_dispatch(),
                                        &cond_sem_ops };
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i] != NULL && strcmp(all[i]->name, name) == 0)
            return all[i];
    fprintf(stderr, "usage: %s futex|posix|dispatch|cond; '%s' is not in this build\n", argv[0], name);
    exit(2);
}

wg_t *init_over(wg_storage_t *storage, const wg_sem_ops_t *ops)
{
    const wg_config_t config = { sizeof config, ops, 0 };
    wg_t *const wg = wg_init(storage, &config);
    REQUIRE(wg != NULL);
    return wg;
}

wg_t *make_over(const wg_sem_ops_t *ops)
{
    const wg_config_t config = { sizeof config, ops, 0 };
    wg_t *const wg = wg_create_with(&config);
    REQUIRE(wg != NULL);
    return wg;
}
