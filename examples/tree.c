/* SPDX-License-Identifier: 0BSD */
/*
 * tree.c: a group as a task of another group, without a thread between them.
 *
 * Each node has a group, and the group of its parent counts the node as one task.  When
 * all below a node is done, the node's notice calls wg_done() for the parent.  So the last
 * task below a node counts the node off, and one wait at the root waits for the whole tree.
 */
#include <wg/wg.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHILDREN = 3, LEVELS = 3, NODES = 3 + 9 };

static struct {
    wg_storage_t group;
    wg_notice_t notice;
} nodes[NODES];
static int used;
static atomic_int leaves;

static void leaf(void *unused)
{
    (void)unused;
    atomic_fetch_add(&leaves, 1);
}

static void done(void *parent)
{
    wg_done(parent);
}

/* Makes what is below a parent: tasks at the last level, nodes at the levels above. */
static void grow(wg_t *parent, int level)
{
    for (int i = 0; i < CHILDREN; i++) {
        if (level == LEVELS) {
            if (wg_go(parent, leaf, NULL) != 0)
                leaf(NULL);
            continue;
        }
        const int node = used++;
        wg_t *const wg = wg_attach(&nodes[node].group);
        if (wg == NULL)
            abort();
        wg_add(parent, 1);
        grow(wg, level + 1);
        if (!wg_notify(wg, &nodes[node].notice, done, parent))
            done(parent); /* all below is done already */
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        fprintf(stderr, "tree: unexpected argument: '%s'\n", argv[1]);
        return 2;
    }
    wg_t *const root = wg_create();
    if (root == NULL)
        return EXIT_FAILURE;
    grow(root, 1);
    wg_wait(root);
    printf("%d leaves below %d nodes are done\n", atomic_load(&leaves), used);

    /* The root waited for each node, and a notice counted each node off: all notices were called, so groups may end. */
    for (int i = 0; i < used; i++)
        wg_destroy(wg_attach(&nodes[i].group));
    wg_destroy(root);
    return EXIT_SUCCESS;
}
