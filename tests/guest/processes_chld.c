// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIGCHLD: si_pid, si_uid, si_code and si_status of each event of each kind of child,
 * for a parent in the same and in an outer pid or user namespace.
 */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

#define CHILD_UID 1000

/* Kinds of children. */
struct kind {
	int ns;			/* CLONE_NEWPID, CLONE_NEWUSER */
	bool threads;		/* one more */
	bool dead_leader;	/* the leader has exited before */
	bool inner;		/* the parent is in a pid namespace of its own */
	bool heir;		/* the parent is not the one that made the child */
};

struct family {
	struct actor parent, child;
	siginfo_t *info;
	pid_t number;		/* the child's in the parent's pid namespace */
};

static long receive(long info, long b __maybe_unused)
{
	return signal__await(SIGCHLD, run__patience(), (siginfo_t *)info);
}

static void set_up(struct family *f, const struct kind *k)
{
	struct actor maker;
	struct ns_numbers n, parent;

	f->info = shared__alloc(sizeof(*f->info));
	f->parent = actor__spawn("parent", NULL, k->inner ? CLONE_NEWPID : 0);
	check__must("block", actor__call(&f->parent, op_block, SIGCHLD, 0));
	maker = k->heir ? actor__spawn("maker", &f->parent, 0) : f->parent;
	f->child = actor__spawn("child", &maker, k->ns & CLONE_NEWPID);
	check__must("become a plain user",
		    actor__call(&f->child, op_become, CHILD_UID, 0));
	if (k->ns & CLONE_NEWUSER) {
		check__must("unshare", actor__call(&f->child, op_unshare,
						   CLONE_NEWUSER, 0));
		check__must("map", actor__call(&f->child, op_map_user, 0, CHILD_UID));
	}
	if (k->threads)
		check__must("thread", actor__run(&f->child, op_add_thread));
	if (k->dead_leader)
		lose_leader(&f->child);
	if (k->heir) {
		actor__exit(&maker, 0);
		check__true("the maker is reaped", reap_by(&f->parent, &maker) > 0);
		check__eq("its SIGCHLD", actor__call(&f->parent, receive, (long)f->info,
						     0), SIGCHLD);
	}
	check__must("NSpid", ns__numbers("/proc", f->parent.pid, "NSpid", &parent));
	check__must("NSpid", ns__numbers("/proc", f->child.pid, "NSpid", &n));
	f->number = n.number[parent.nr - 1];
}

static bool is_end(int code)
{
	return code == CLD_EXITED || code == CLD_KILLED;
}

static void check_info(const struct family *f, const struct kind *k, const char *what,
		       int code, int status)
{
	check__note("%s", what);
	check__eq("the parent gets SIGCHLD",
		  actor__call(&f->parent, receive, (long)f->info, 0), SIGCHLD);
	check__eq("si_pid", f->info->si_pid, f->number);
	/*
	 * The kernel takes the status of a leader that has exited before, and
	 * translates the uid twice if a child in a user namespace stops.
	 */
	if (!k->dead_leader || !is_end(code)) {
		check__eq("si_code", f->info->si_code, code);
		check__eq("si_status", f->info->si_status, status);
	}
	if (!(k->ns & CLONE_NEWUSER) || is_end(code))
		check__eq("si_uid", f->info->si_uid, CHILD_UID);
}

static void exits(const void *arg)
{
	struct family f;

	set_up(&f, arg);
	actor__exit(&f.child, 9);
	check_info(&f, arg, "exit", CLD_EXITED, 9);
	check__eq("the parent reaps it", reap_by(&f.parent, &f.child), f.number);
}

static void is_killed(const void *arg)
{
	struct family f;

	set_up(&f, arg);
	check__must("SIGSTOP", op_kill(f.child.pid, SIGSTOP));
	check_info(&f, arg, "stop", CLD_STOPPED, SIGSTOP);
	check__must("SIGCONT", op_kill(f.child.pid, SIGCONT));
	check_info(&f, arg, "continue", CLD_CONTINUED, SIGCONT);
	check__must("SIGKILL", op_kill(f.child.pid, SIGKILL));
	check_info(&f, arg, "kill", CLD_KILLED, SIGKILL);
	check__eq("the parent reaps it", reap_by(&f.parent, &f.child), f.number);
}

#define CHLD(name, ...) \
	PROCESS_WITH("chld: exit of " name, exits, \
		     (&(const struct kind){ __VA_ARGS__ })), \
	PROCESS_WITH("chld: stop and kill of " name, is_killed, \
		     (&(const struct kind){ __VA_ARGS__ }))

static const struct test_case cases[] = {
	CHLD("a child", .ns = 0),
	CHLD("a child with two threads", .threads = true),
	CHLD("a child with a dead leader", .dead_leader = true),
	CHLD("an init", .ns = CLONE_NEWPID),
	CHLD("an init with two threads", .ns = CLONE_NEWPID, .threads = true),
	CHLD("an init with a dead leader", .ns = CLONE_NEWPID, .dead_leader = true),
	CHLD("a child in a user ns", .ns = CLONE_NEWUSER),
	CHLD("an init in a user ns with two threads",
	     .ns = CLONE_NEWPID | CLONE_NEWUSER, .threads = true),
	CHLD("a child in its parent's pid ns", .inner = true),
	CHLD("the same with a dead leader", .inner = true, .dead_leader = true),
	CHLD("an orphan in its init's pid ns", .inner = true, .heir = true),
};

PROGRAM_PART(chld__add, cases)
