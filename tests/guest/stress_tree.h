/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trees of pid namespaces. Every node is a namespace with an init that reaps
 * and obeys; the root is a child of its owner's namespace. A node's state is
 * in shared memory, the fds belong to the owner (and to whom it forks).
 */
#ifndef GUEST_STRESS_TREE_H
#define GUEST_STRESS_TREE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stress_rng.h"
#include "stress_word.h"

#define TREE_MAX	8	/* namespaces in a tree */
#define TREE_DEPTH	4	/* levels below the owner */

/* What an init can be told. */
enum node_order {
	NODE_EXIT,		/* exit of its own will */
	NODE_SETNS,		/* setns() into the child node @arg */
};

/* In shared memory. */
struct node {
	_Atomic uint32_t ready;
	_Atomic uint32_t asked;		/* orders given */
	_Atomic uint32_t answered;	/* orders carried out */
	uint32_t order;			/* enum node_order */
	int32_t arg;
	int32_t answer;			/* 0 or -errno */
	pid_t pid;			/* of its init, as the owner sees it */
	int32_t parent;			/* index, -1 for the root */
	uint32_t level;			/* 1 for the root */
	uint32_t members;		/* idle processes beside the init */
	bool handler;			/* reaps in a handler, or ignores SIGCHLD */
};

struct tree {
	struct node *node;		/* shared, TREE_MAX of them */
	int nr;
	pid_t root;			/* child of the owner; 0: no tree */
	int nsfd[TREE_MAX];
	int pidfd[TREE_MAX];
};

/* Nodes from the root to one namespace. */
struct path {
	const struct tree *tree;
	int nr;
	int node[TREE_DEPTH];
};

/*
 * Grows a tree of @depth levels with up to @more siblings, in @shared (room
 * for TREE_MAX nodes). Returns when all inits are ready: 0 or -errno; on
 * failure nothing is left but a root init to reap. The caller's wait loop
 * must know @t->root.
 */
int tree__grow(struct tree *t, struct node *shared, struct rng *r, int depth,
	       int more);

/*
 * Kills the root's init, and all in the tree with it. The root stays a child
 * to be reaped: tree__fell() does that too, and closes the fds. 0, or
 * -ETIMEDOUT when the init does not get to its end.
 */
void tree__kill(struct tree *t);
int tree__fell(struct tree *t);

/* To be called once the owner reaped @t->root elsewhere. Closes the fds. */
void tree__forget(struct tree *t);

/* A path of at least @least levels drawn from @t (which has one as long). */
void tree__path(const struct tree *t, struct rng *r, int least,
		struct path *p);

/* The path that ends at @node. */
void tree__path_to(const struct tree *t, int node, struct path *p);

static inline int path__leaf(const struct path *p)
{
	return p->node[p->nr - 1];
}

/* Tells a node's init; with @wait, its answer (0 or -errno) or -ETIMEDOUT. */
int node__order(struct node *n, enum node_order order, int arg, bool wait);

#endif
