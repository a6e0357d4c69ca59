/* SPDX-License-Identifier: 0BSD */
/*
 * sort.c: a parallel merge sort with nested scopes.
 *
 * Each large part of the numbers gets a scope of its own, on the stack: one half is a task, the other half is sorted
 * here, and the wait comes before the merge.  The tasks do the same with their halves.  A wait runs the tasks of its
 * scope that no thread has begun, so no wait blocks while there is work below it, however few threads there are.
 */
#include <wg/scope.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 300000, SMALL = 2000 };

typedef struct part {
    uint32_t *numbers, *spare; /* n of each */
    size_t n;
} part_t;

static int compare(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Makes one sorted whole of two sorted halves. */
static void merge(const part_t *part, size_t half)
{
    const uint32_t *left = part->numbers, *right = part->numbers + half, *const end = part->numbers + part->n;
    uint32_t *out = part->spare;
    while (left < part->numbers + half && right < end)
        *out++ = *right < *left ? *right++ : *left++;
    memcpy(out, left, (size_t)(part->numbers + half - left) * sizeof *left); /* what is left on the right is in place */
    memcpy(part->numbers, part->spare, (size_t)(right - part->numbers) * sizeof *right);
}

static int sort(void *arg)
{
    const part_t *const part = arg;
    if (part->n <= SMALL) {
        qsort(part->numbers, part->n, sizeof *part->numbers, compare);
        return 0;
    }
    const size_t half = part->n / 2;
    part_t left = { part->numbers, part->spare, half };
    part_t right = { part->numbers + half, part->spare + half, part->n - half };
    wg_task_t task = { .fn = sort, .arg = &left };

    wg_scope_storage_t storage;
    wg_scope_t *const scope = wg_scope_init(&storage, NULL);
    if (scope == NULL)
        return -1;
    wg_scope_go_task(scope, &task); /* cannot fail: it needs no memory, as the node is here */
    const int here = sort(&right);
    const int there = wg_scope_wait(scope);
    wg_scope_destroy(scope);
    merge(part, half);
    return here != 0 ? here : there;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "sort: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    static uint32_t numbers[NUMBERS], spare[NUMBERS];
    uint32_t random = 1;
    uint64_t before = 0, after = 0;
    for (size_t i = 0; i < NUMBERS; i++) {
        random = random * 1664525 + 1013904223;
        before += numbers[i] = random;
    }

    part_t all = { numbers, spare, NUMBERS };
    bool sorted = sort(&all) == 0;
    for (size_t i = 0; i < NUMBERS; i++) {
        after += numbers[i];
        sorted = sorted && (i == 0 || numbers[i - 1] <= numbers[i]);
    }
    sorted = sorted && after == before;
    printf("%d numbers are %s\n", NUMBERS, sorted ? "sorted" : "NOT sorted");
    return sorted ? EXIT_SUCCESS : EXIT_FAILURE;
}
