// SPDX-License-Identifier: GPL-2.0-only
/*
 * The new parent of an orphan: a living thread of the old parent, else the nearest
 * living subreaper among the old parent's ancestors in its pid namespace, else the init
 * of this namespace. The new parent can reap the orphan.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ns.h"
#include "ops.h"
#include "processes.h"

/* When a process calls prctl(PR_SET_CHILD_SUBREAPER). */
enum when {
	NEVER,
	BEFORE,		/* before it makes children */
	AFTER,		/* when all its descendants exist */
	CLEARED,	/* before, and again with 0 when all exist */
};

struct ancestor {
	enum when subreaper;
	bool leader_dies;	/* a second thread goes on */
};

enum heir { TOP, GRANDPARENT, PARENT };

/* The grandparent and the parent of the father of the orphan. */
struct lineage {
	struct ancestor grandparent, parent;
	bool ns;		/* the grandparent is the init of a pid namespace */
	bool father_threads;	/* the father has a second thread */
	enum heir heir;
};

static void set_subreaper(const struct actor *x, int value)
{
	check__must("PR_SET_CHILD_SUBREAPER",
		    actor__call(x, op_prctl, PR_SET_CHILD_SUBREAPER, value));
}

static struct actor spawn_ancestor(const char *name, const struct actor *parent,
				   int flags, const struct ancestor *a)
{
	struct actor x = actor__spawn(name, parent, flags);

	if (a->subreaper == BEFORE || a->subreaper == CLEARED)
		set_subreaper(&x, 1);
	return x;
}

static void age(const struct actor *x, const struct ancestor *a)
{
	if (a->subreaper == AFTER || a->subreaper == CLEARED)
		set_subreaper(x, a->subreaper == AFTER);
	if (a->leader_dies)
		lose_leader(x);
}

/* Checks that @heir (NULL: the director) is the parent of @orphan and can reap it. */
static void check_heir(const struct actor *orphan, const struct actor *heir)
{
	struct ns_numbers parent;

	check__eq("getppid() of the orphan", actor__run(orphan, op_getppid),
		  heir ? actor__run(heir, op_getpid) : getpid());
	check__must("PPid", ns__numbers("/proc", orphan->pid, "PPid", &parent));
	check__eq("the same outside", parent.number[0], heir ? heir->pid : getpid());
	actor__exit(orphan, 3);
	check__true("the new parent reaps it", reap_by(heir, orphan) > 0);
}

/* @top is the parent of the grandparent; NULL: the director, which is a subreaper. */
static void inherits_below(const struct actor *top, const struct lineage *l)
{
	struct actor grandparent, parent, father, orphan;

	check__note("below %s", top ? top->name : "the director");
	grandparent = spawn_ancestor("grandparent", top, l->ns ? CLONE_NEWPID : 0,
				     &l->grandparent);
	parent = spawn_ancestor("parent", &grandparent, 0, &l->parent);
	father = actor__spawn("father", &parent, 0);
	orphan = actor__spawn("orphan", &father, 0);
	age(&grandparent, &l->grandparent);
	age(&parent, &l->parent);
	if (l->father_threads)
		check__must("thread", actor__run(&father, op_add_thread));

	check__eq("getppid() before", actor__run(&orphan, op_getppid),
		  actor__run(&father, op_getpid));
	actor__exit(&father, 0);
	check__true("the father is reaped", reap_by(&parent, &father) > 0);
	check_heir(&orphan, l->heir == PARENT ? &parent :
		   l->heir == GRANDPARENT ? &grandparent : top);
	actor__exit(&parent, 0);
	reap_by(&grandparent, &parent);
	actor__exit(&grandparent, 0);
	reap_by(top, &grandparent);
}

static void inherits(const void *arg)
{
	inherits_below(NULL, arg);
	inherits_below(nursery(), arg);
}

static const struct lineage
	none_in_ns = { .ns = true, .heir = GRANDPARENT },
	before = { .parent = { BEFORE }, .heir = PARENT },
	after = { .parent = { AFTER }, .heir = PARENT },
	after_threads = { .parent = { AFTER }, .father_threads = true, .heir = PARENT },
	farther = { .grandparent = { BEFORE }, .heir = GRANDPARENT },
	farther_after = { .grandparent = { AFTER }, .heir = GRANDPARENT },
	both = { .grandparent = { BEFORE }, .parent = { BEFORE }, .heir = PARENT },
	nearer_after = { .grandparent = { BEFORE }, .parent = { AFTER },
			 .heir = PARENT },
	farther_last = { .grandparent = { AFTER }, .parent = { BEFORE },
			 .heir = PARENT },
	cleared = { .parent = { CLEARED }, .heir = TOP },
	nearer_cleared = { .grandparent = { BEFORE }, .parent = { CLEARED },
			   .heir = GRANDPARENT },
	dead_leader = { .parent = { BEFORE, true }, .heir = PARENT },
	dead_leader_after = { .parent = { AFTER, true }, .heir = PARENT },
	ns_before = { .ns = true, .parent = { BEFORE }, .heir = PARENT },
	ns_after = { .ns = true, .parent = { AFTER }, .heir = PARENT },
	ns_cleared = { .ns = true, .parent = { CLEARED }, .heir = GRANDPARENT },
	ns_dead_leader = { .ns = true, .grandparent = { NEVER, true },
			   .heir = GRANDPARENT },
	ns_init_after = { .ns = true, .grandparent = { AFTER },
			  .heir = GRANDPARENT };

static void *fork_quietly(void *child)
{
	pid_t pid = ns__clone(0, NULL);

	/* No parent death signal: the end of the forking thread would send it. */
	while (!pid)
		pause();
	*(long *)child = pid;
	return NULL;
}

static long fork_in_thread(long a __maybe_unused, long b __maybe_unused)
{
	pthread_t thread;
	long child = 0;
	int err = pthread_create(&thread, NULL, fork_quietly, &child);

	if (err)
		return -err;
	pthread_join(thread, NULL);
	return child;
}

/* The thread that forked exits: the child stays with the leader. */
static void leader_inherits(void)
{
	struct actor father = actor__spawn("father", NULL, 0);
	long child = check__must("fork", actor__run(&father, fork_in_thread));
	struct ns_numbers parent;

	check__must("PPid", ns__numbers("/proc", child, "PPid", &parent));
	check__eq("its parent", parent.number[0], father.pid);
	check__must("kill", op_kill(child, SIGKILL));
	check__eq("the leader reaps it", actor__call(&father, op_waitpid, child, 0),
		  child);
}

/* The father's leader exits: the child stays with the other thread. */
static void thread_inherits(void)
{
	struct actor father = actor__spawn("father", NULL, 0);
	struct actor child = actor__spawn("child", &father, 0);

	lose_leader(&father);
	check_heir(&child, &father);
}

/*
 * Someone who entered the namespace by setns() and fork() has a parent outside. The
 * namespace's init inherits the orphans, not the parent outside, a subreaper.
 */
static void injected(void)
{
	struct actor init, outer, father, orphan;

	init = actor__spawn("init", NULL, CLONE_NEWPID);
	outer = actor__spawn("parent outside", NULL, 0);
	set_subreaper(&outer, 1);
	father = spawn_into(&init, &outer, "father");
	orphan = actor__spawn("orphan", &father, 0);
	actor__exit(&father, 0);
	check__true("the father is reaped", reap_by(&outer, &father) > 0);
	check_heir(&orphan, &init);
}

/* The injected process itself loses its parent: its heir is outside, too. */
static void injected_orphan(void)
{
	struct actor init, outer, orphan;

	init = actor__spawn("init", NULL, CLONE_NEWPID);
	outer = actor__spawn("parent outside", NULL, 0);
	orphan = spawn_into(&init, &outer, "orphan");
	actor__exit(&outer, 0);
	check__true("the parent is reaped", reap_by(NULL, &outer) > 0);
	check__eq("getppid() of the orphan", actor__run(&orphan, op_getppid), 0);
	actor__exit(&orphan, 0);
	check__true("the director reaps it", reap_by(NULL, &orphan) > 0);
}

/* A second thread of the init executes a program, and gets the number 1. */
static void init_execs(void)
{
	struct actor init, father, orphan;

	init = actor__spawn("init", NULL, CLONE_NEWPID);
	father = actor__spawn("father", &init, 0);
	orphan = actor__spawn("orphan", &father, 0);
	check__must("a second thread", actor__call(&init, actor__move, 1, 0));
	check__err("exec", actor__run(&init, actor__exec), 0);
	check__eq("gettid() after it", actor__run(&init, op_gettid), 1);
	actor__exit(&father, 0);
	check__true("the father is reaped", reap_by(&init, &father) > 0);
	check_heir(&orphan, &init);
}

#define PARENT(name, lineage) \
	PROCESS_WITH("parent: " name, inherits, &lineage)

static const struct test_case cases[] = {
	PARENT("without a subreaper the init of the pid ns", none_in_ns),
	PARENT("a subreaper since before it had children", before),
	PARENT("a subreaper since after it had children", after),
	PARENT("the same, and the old parent has two threads", after_threads),
	PARENT("a subreaper farther up", farther),
	PARENT("a subreaper farther up since after it had children", farther_after),
	PARENT("the nearer of two subreapers", both),
	PARENT("the nearer of two, which became one later", nearer_after),
	PARENT("the nearer of two, which became one first", farther_last),
	PARENT("not one that is no subreaper any more", cleared),
	PARENT("not a nearer one that is no subreaper any more", nearer_cleared),
	PARENT("a living thread of a subreaper with a dead leader", dead_leader),
	PARENT("the same since after it had children", dead_leader_after),
	PARENT("in a pid ns, a subreaper in it", ns_before),
	PARENT("in a pid ns, one since after it had children", ns_after),
	PARENT("in a pid ns, its init if none is a subreaper any more", ns_cleared),
	PARENT("in a pid ns, a living thread of an init with a dead leader",
	       ns_dead_leader),
	PARENT("in a pid ns, its init as a subreaper", ns_init_after),
	PROCESS("parent: the thread that is left if the leader exits", thread_inherits),
	PROCESS("parent: the leader if the thread that forked exits", leader_inherits),
	PROCESS("parent: the init for children of one with a parent outside", injected),
	PROCESS("parent: one outside for the child of a parent outside",
		injected_orphan),
	PROCESS("parent: the init after an exec by its second thread", init_execs),
};

PROGRAM_PART(parent__add, cases)
