// SPDX-License-Identifier: GPL-2.0-only
/* Grows and fells trees of pid namespaces, and runs their inits. */
#include "stress_tree.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "stress.h"

static void node__run(struct node *nodes, int nr, int self)
	__attribute__((noreturn));

/*
 * Forks node @i's init into a new pid namespace. An init cannot identify its
 * node by its own pid, so its parent in the tree forks it. Inits are made
 * before any task may be killed, so forks are simply counted.
 */
static pid_t node__start(struct node *nodes, int nr, int i)
{
	pid_t pid = ns__clone(CLONE_NEWPID, NULL);

	if (!pid)
		node__run(nodes, nr, i);
	if (pid > 0)
		atomic_fetch_add(&shared->counts.forks, 1);
	return pid;
}

static void reap(int sig __maybe_unused)
{
	int saved = errno;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = saved;
}

static void start_member(void)
{
	pid_t pid = ns__clone(0, NULL);

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	if (pid > 0)
		atomic_fetch_add(&shared->counts.forks, 1);
}

static int node__setns(struct node *nodes, int child)
{
	int fd = ns__open(nodes[child].pid, "pid");
	int rc;

	if (fd < 0)
		return fd;
	rc = ns__set(fd, CLONE_NEWPID);
	atomic_fetch_add(rc ? &shared->counts.setns_err :
			 &shared->counts.setns_ok, 1);
	close(fd);
	return rc;
}

static void node__run(struct node *nodes, int nr, int self)
{
	struct node *me = &nodes[self];
	struct sigaction sa = {
		.sa_handler = me->handler ? reap : SIG_IGN,
	};
	long number;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGCHLD, &sa, NULL);
	signal__unblock_all();

	for (uint32_t i = 0; i < me->members; i++)
		start_member();
	for (int i = self + 1; i < nr; i++)
		if (nodes[i].parent == self && node__start(nodes, nr, i) < 0)
			_exit(1);

	/*
	 * /proc belongs to the owner's namespace: /proc/self is the number that the
	 * owner sees.
	 */
	number = link__number("/proc/self");
	if (number <= 0)
		_exit(1);
	me->pid = number;
	word__set(&me->ready, 1);

	for (uint32_t done = 0; ; ) {
		if (atomic_load(&me->asked) == done) {
			/* No timeout: an idle init is not a failure. */
			syscall(SYS_futex, &me->asked, FUTEX_WAIT, done, NULL,
				NULL, 0);
			continue;
		}
		if (me->order == NODE_EXIT)
			_exit(0);
		me->answer = node__setns(nodes, me->arg);
		word__set(&me->answered, ++done);
	}
}

int node__order(struct node *n, enum node_order order, int arg, bool wait)
{
	uint32_t seq = atomic_load(&n->asked) + 1;
	int err;

	n->order = order;
	n->arg = arg;
	word__set(&n->asked, seq);
	if (!wait)
		return 0;
	err = word__await(&n->answered, seq, WORD_LIMIT_MS);
	return err ? err : n->answer;
}

/* Draws a trunk of @depth nodes, then siblings on any node with room below. */
static void draw_shape(struct tree *t, struct rng *r, int depth, int more)
{
	if (depth == 1)
		more = 0;
	t->nr = depth + more > TREE_MAX ? TREE_MAX : depth + more;
	memset(t->node, 0, TREE_MAX * sizeof(*t->node));
	for (int i = 0; i < t->nr; i++) {
		struct node *n = &t->node[i];

		n->parent = i - 1;
		if (i >= depth) {
			do
				n->parent = rng__below(r, i);
			while (t->node[n->parent].level == (uint32_t)depth);
		}
		n->level = n->parent < 0 ? 1 : t->node[n->parent].level + 1;
		n->handler = rng__chance(r, 50);
		n->members = rng__chance(r, 20) ? rng__range(r, 1, 2) : 0;
	}
}

int tree__grow(struct tree *t, struct node *shared_nodes, struct rng *r,
	       int depth, int more)
{
	int err = 0;

	t->node = shared_nodes;
	for (int i = 0; i < TREE_MAX; i++)
		t->nsfd[i] = t->pidfd[i] = -1;
	draw_shape(t, r, depth, more);

	t->root = node__start(t->node, t->nr, 0);
	if (t->root < 0) {
		err = t->root;
		t->root = 0;
		return err;
	}
	for (int i = 0; i < t->nr; i++) {
		err = word__await(&t->node[i].ready, 1, WORD_LIMIT_MS);
		if (err)
			break;
		t->nsfd[i] = ns__open(t->node[i].pid, "pid");
		t->pidfd[i] = ns__pidfd(t->node[i].pid, 0);
		err = t->nsfd[i] < 0 ? t->nsfd[i] : t->pidfd[i];
		if (err < 0)
			break;
		err = 0;
	}
	if (err)
		tree__kill(t);
	return err;
}

void tree__kill(struct tree *t)
{
	if (t->root > 0)
		kill(t->root, SIGKILL);
}

void tree__forget(struct tree *t)
{
	for (int i = 0; i < TREE_MAX; i++) {
		if (t->nsfd[i] >= 0)
			close(t->nsfd[i]);
		if (t->pidfd[i] >= 0)
			close(t->pidfd[i]);
		t->nsfd[i] = t->pidfd[i] = -1;
	}
	t->root = 0;
}

int tree__fell(struct tree *t)
{
	int err;

	if (!t->root)
		return 0;
	tree__kill(t);
	err = ns__wait_dead(t->pidfd[0], WORD_LIMIT_MS);
	if (err)
		return err;
	if (waitpid(t->root, NULL, 0) != t->root)
		err = -errno;
	tree__forget(t);
	return err;
}

struct path tree__path_to(const struct tree *t, int node)
{
	struct path p = { .tree = t, .nr = t->node[node].level };

	for (int l = p.nr - 1; l >= 0; l--) {
		p.node[l] = node;
		node = t->node[node].parent;
	}
	return p;
}

struct path tree__path(const struct tree *t, struct rng *r, int least)
{
	int node = rng__below(r, t->nr);

	/* Nodes 0 .. depth - 1 are the trunk: node n is on level n + 1. */
	if ((int)t->node[node].level < least)
		node = least - 1;
	return tree__path_to(t, node);
}
