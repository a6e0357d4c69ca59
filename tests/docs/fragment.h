/* SPDX-License-Identifier: 0BSD */
/* fragment.h: what a fragment of C in the documents may take for granted. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <wg/wg.h>

typedef struct job {
    wg_t *wg;
    int number;
} job_t;

extern wg_t *wg;
extern wg_storage_t storage;
extern wg_config_t config;
extern job_t jobs[8];
extern int i, n;
void work(void *arg);
