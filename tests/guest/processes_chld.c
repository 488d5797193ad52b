// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIGCHLD: si_pid, si_uid, si_code and si_status of each event of each kind of child,
 * for a parent in the same and in an outer pid or user namespace; and when SIGCHLD
 * replaces another exit signal.
 */
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

#define CHILD_UID 1000

/* Where the parent's next children will be born. */
enum next { HERE, IN_NEW_NS, IN_CHILDS_NS };

/* Kinds of children. */
struct kind {
	int ns;			/* CLONE_NEWPID, CLONE_NEWUSER */
	bool threads;		/* one more */
	bool dead_leader;	/* the leader has exited before */
	bool inner;		/* the parent is in a pid namespace of its own */
	bool heir;		/* the parent is not the one that made the child */
	enum next next;		/* the parent's namespace for children changes */
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

/* Changes the namespace for the parent's children, but not that of the parent. */
static void turn_away(const struct family *f, enum next next)
{
	int nsfd;
	long there;

	if (next == IN_NEW_NS)
		check__must("unshare", actor__call(&f->parent, op_unshare, CLONE_NEWPID,
						   0));
	if (next == IN_CHILDS_NS) {
		nsfd = check__must("the pid ns", ns__open(f->child.pid, "pid"));
		there = actor__give(&f->parent, nsfd);
		close(nsfd);
		check__must("setns",
			    actor__call(&f->parent, op_setns, there, CLONE_NEWPID));
	}
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
	turn_away(f, k->next);
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

/* --- other exit signals -------------------------------------------------- */

static const bool by_root, by_plain_user = true;

/*
 * The exit signal is an agreement of two programs: if one of them is replaced, the
 * parent gets SIGCHLD.
 */
static const struct farewell {
	const char *what;
	int sig;		/* the exit signal that the parent asks for */
	bool parent_execs, child_execs;
	int want;		/* the signal that the parent gets */
} farewells[] = {
	{ "no exec, SIGUSR1", SIGUSR1, .want = SIGUSR1 },
	{ "no exec, no signal", 0, .want = 0 },
	{ "exec of the parent, SIGUSR1", SIGUSR1, .parent_execs = true,
	  .want = SIGCHLD },
	{ "exec of the parent, no signal", 0, .parent_execs = true, .want = SIGCHLD },
	{ "exec of the parent, SIGCHLD", SIGCHLD, .parent_execs = true,
	  .want = SIGCHLD },
	{ "exec of the child, SIGUSR1", SIGUSR1, .child_execs = true,
	  .want = SIGCHLD },
	{ "exec of the child, no signal", 0, .child_execs = true, .want = SIGCHLD },
};

/* Makes a child with exit signal @sig, which sleeps or executes this program. */
static long make_child(long sig, long execs)
{
	const struct clone_args args = { .exit_signal = sig };
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid)
		return pid < 0 ? -errno : pid;
	/* The new program finds no socket, and exits. */
	syscall(SYS_close_range, 3, ~0U, 0);
	if (execs)
		actor__exec(0, 0);
	for (;;)
		pause();
}

static void check_farewell(const struct farewell *w, bool plain)
{
	static const int signals[] = { SIGCHLD, SIGUSR1 };
	struct actor parent = actor__spawn("parent", NULL, 0);
	pid_t child;

	check__note("%s", w->what);
	if (plain)
		check__must("become a plain user",
			    actor__call(&parent, op_become, CHILD_UID, 0));
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		check__must("block", actor__call(&parent, op_block, signals[i], 0));
	child = check__must("clone3", actor__call(&parent, make_child, w->sig,
						  w->child_execs));
	if (w->parent_execs)
		check__err("exec", actor__run(&parent, actor__exec), 0);
	if (!w->child_execs)
		check__must("SIGKILL", op_kill(child, SIGKILL));
	check__eq("the parent reaps the child",
		  actor__call(&parent, op_waitpid, child, __WALL), child);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		check__eq(sigabbrev_np(signals[i]),
			  actor__call(&parent, op_pending, signals[i], 0),
			  signals[i] == w->want);
}

static void exec_ends_agreement(const void *arg)
{
	const bool *plain = arg;

	for (size_t i = 0; i < ARRAY_SIZE(farewells); i++)
		check_farewell(&farewells[i], *plain);
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
	CHLD("a child whose parent has unshared its pid ns", .next = IN_NEW_NS),
	CHLD("the same in its parent's pid ns", .inner = true, .next = IN_NEW_NS),
	CHLD("an init in whose pid ns its siblings are born", .ns = CLONE_NEWPID,
	     .next = IN_CHILDS_NS),
	PROCESS_WITH("chld: SIGCHLD replaces the exit signal after an exec, by root",
		     exec_ends_agreement, &by_root),
	PROCESS_WITH("chld: SIGCHLD replaces the exit signal after an exec, by a user",
		     exec_ends_agreement, &by_plain_user),
};

PROGRAM_PART(chld__add, cases)
