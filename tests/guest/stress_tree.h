/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trees of pid namespaces. Every node is a namespace with an init that reaps
 * and takes orders; the root is a child of its owner's namespace. A node's
 * state is in shared memory; the fds belong to the owner (and its forks).
 */
#ifndef TESTS_GUEST_STRESS_TREE_H
#define TESTS_GUEST_STRESS_TREE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stress_rng.h"

#define TREE_MAX	8	/* namespaces in a tree */
#define TREE_DEPTH	4	/* levels below the owner */

/* Orders to an init. */
enum node_order {
	NODE_EXIT,		/* exit voluntarily */
	NODE_SETNS,		/* setns() into the child node @arg */
};

/* A namespace, in shared memory. */
struct node {
	_Atomic uint32_t ready;
	_Atomic uint32_t asked;		/* orders given */
	_Atomic uint32_t answered;	/* orders carried out */
	uint32_t order;			/* enum node_order */
	int32_t arg;
	int32_t answer;			/* 0 or -errno */
	pid_t pid;			/* the init, as the owner sees it */
	int32_t parent;			/* index, -1 for the root */
	uint32_t level;			/* 1 for the root */
	uint32_t members;		/* idle processes beside the init */
	bool handler;			/* reap in a handler, or ignore SIGCHLD */
};

struct tree {
	struct node *node;		/* TREE_MAX nodes in shared memory */
	int nr;
	pid_t root;			/* child of the owner; 0: no tree */
	int nsfd[TREE_MAX];
	int pidfd[TREE_MAX];
};

/* The nodes from the root to one namespace. */
struct path {
	const struct tree *tree;
	int nr;
	int node[TREE_DEPTH];
};

/*
 * Grows a tree of @depth levels with up to @more siblings, in @shared (room for
 * TREE_MAX nodes). Returns 0 when all inits are ready, or -errno; a failure
 * leaves only a root init to reap. The caller's wait loop must know @t->root.
 */
int tree__grow(struct tree *t, struct node *shared, struct rng *r, int depth,
	       int more);

/*
 * tree__kill() kills the root's init, and with it all tasks of the tree; the
 * root remains a child to be reaped. tree__fell() also reaps the root and
 * closes the fds. It returns 0, -errno, or -ETIMEDOUT if the init does not end.
 */
void tree__kill(struct tree *t);
int tree__fell(struct tree *t);

/* Closes the fds. Call after the owner has reaped @t->root elsewhere. */
void tree__forget(struct tree *t);

/* Draws a path of at least @least levels from @t (which must have one). */
struct path tree__path(const struct tree *t, struct rng *r, int least);

/* Returns the path that ends at @node. */
struct path tree__path_to(const struct tree *t, int node);

/*
 * Sends an order to a node's init. With @wait, returns its answer (0 or -errno)
 * or -ETIMEDOUT.
 */
int node__order(struct node *n, enum node_order order, int arg, bool wait);

#endif /* TESTS_GUEST_STRESS_TREE_H */
