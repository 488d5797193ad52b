// SPDX-License-Identifier: GPL-2.0-only
/*
 * The abilities of a caller that has joined and kept its struct pid: groups, exec and
 * further joins; and its end. What cases_life.c and cases_end.c test holds as well.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

/* --- groups and sessions of its own -------------------------------------- */

static void child_leads(void)
{
	static const struct scene_spec spec = { .leader = LEADER_NOT_GROUP };
	struct kept k = kept__start(&spec);
	struct actor child;
	long inner;

	kept__finish(&k);
	child = actor__spawn("child", &k.s.caller, 0);
	inner = actor__run(&child, op_getpid);
	check__eq("the child's group is outside", actor__run(&child, op_getpgrp),
		  0);
	check__err("setpgid() on it by the caller",
		   actor__call(&k.s.caller, op_setpgid, inner, inner), 0);
	check__eq("the child's group then", actor__run(&child, op_getpgrp), inner);
	check__err("kill() of the child's group",
		   actor__call(&k.s.init, op_kill, -inner, 0), 0);
	check__eq("setsid() by the caller", actor__run(&k.s.caller, op_setsid),
		  k.inner);
	check__eq("its session then", actor__run(&k.s.caller, op_getsid), k.inner);
	check__eq("and outside", getsid(k.pid), k.pid);
}

/* --- threads and exec ---------------------------------------------------- */

/* The thread that executes a program: the caller's only one, or a second one. */
static const struct execs {
	bool thread, leader_stays;
} alone, by_thread = { true, true }, by_last_thread = { true, false };

static void execs(const void *arg)
{
	const struct execs *e = arg;
	struct kept k = kept__make();
	int status;

	if (e->thread)
		check__must("a second thread", actor__call(&k.s.caller, actor__move,
							   e->leader_stays, 0));
	check__err("exec", actor__call(&k.s.caller, actor__exec,
				       (long)"/proc/thread-self/exe", 0), 0);
	check__eq("getpid() after exec", actor__run(&k.s.caller, op_getpid),
		  k.inner);
	check__eq("gettid() after exec", actor__run(&k.s.caller, op_gettid),
		  k.inner);
	check__eq("getsid() after exec", actor__run(&k.s.caller, op_getsid),
		  k.inner);
	kept__check_numbers(k.pid, &k.was);
	check__eq("pid ns after exec", ns__id(k.pid, "pid"),
		  ns__id(k.s.init.pid, "pid"));
	check__eq("the numbers in the target (mask)",
		  actor__run(&k.s.init, op_numbers), 1L << 1 | 1L << k.inner);
	check__err("its pidfd is silent", ns__wait_dead(k.s.caller.pidfd, 0),
		   -ETIMEDOUT);
	actor__exit(&k.s.caller, 5);
	check__eq("the parent reaps it", waitpid(k.pid, &status, 0), k.pid);
	check__eq("exit status", WEXITSTATUS(status), 5);
}

/* --- further joins ------------------------------------------------------- */

#define DEPTH 4

/* As far as there is room; a struct pid of level 0 has room for one at least. */
static void goes_deeper(void)
{
	struct actor init = { .pid = 0 }, x = actor__spawn("caller", NULL, 0);
	struct ns_numbers was = joined__numbers(NULL, x.pid, "NSpid");
	int nsfd, level, status;
	long err;

	for (level = 1; level <= DEPTH; level++) {
		init = actor__spawn("init of a nested pid ns",
				    level > 1 ? &init : NULL, CLONE_NEWPID);
		nsfd = check__must("nested pid ns", ns__open(init.pid, "pid"));
		err = scene__enter(&x, nsfd, CLONE_NEWPID);
		close(nsfd);
		if (err == -EOVERFLOW && level > 1)
			break;
		check__err("setns to the next level", err, 0);
		check__eq("getpid()", actor__run(&x, op_getpid),
			  kept__check_numbers(x.pid, &was));
		check__err("kill() by the init of that level",
			   actor__call(&init, op_kill,
				       actor__run(&x, op_getpid), 0), 0);
		was = joined__numbers(NULL, x.pid, "NSpid");
	}
	check__detail("levels joined by one struct pid: %d", level - 1);
	actor__exit(&x, 8);
	check__eq("its parent reaps it", waitpid(x.pid, &status, 0), x.pid);
	check__eq("exit status", WEXITSTATUS(status), 8);
}

static void does_not_go_back(void)
{
	struct kept k = kept__make();
	int outer = check__must("own pid ns", ns__open(0, "pid"));

	check__err("setns to the pid ns that it has left",
		   scene__enter(&k.s.caller, outer, CLONE_NEWPID), -EPERM);
	check__err("unshare(CLONE_NEWPID)",
		   actor__call(&k.s.caller, op_unshare, CLONE_NEWPID, 0), 0);
	check__eq("getpid()", actor__run(&k.s.caller, op_getpid), k.inner);
	close(outer);
}

/* --- ends ---------------------------------------------------------------- */

/* As a process that entered by mainline's setns() and fork() does. */
static void zombie_holds_init_up(void)
{
	struct kept k = kept__make();

	actor__exit(&k.s.caller, 0);
	check__must("death of the caller",
		    ns__wait_dead(k.s.caller.pidfd, run__patience()));
	check__must("kill the init", op_kill(k.s.init.pid, SIGKILL));
	while (!ns__init_waits(k.s.init.pid))
		usleep(1000);
	check__err("the init waits for the zombie",
		   ns__wait_dead(k.s.init.pidfd, 50), -ETIMEDOUT);
	check__eq("the parent reaps it", waitpid(k.pid, NULL, 0), k.pid);
	check__err("then the init ends",
		   ns__wait_dead(k.s.init.pidfd, run__patience()), 0);
}

/* When the parent exits, the new parent is outside, and not the target's init. */
static void parent_dies(void)
{
	struct actor init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	struct actor parent = actor__spawn("parent", NULL, 0);
	struct actor x = actor__spawn("caller", &parent, 0);
	int nsfd = check__must("target", ns__open(init.pid, "pid"));
	int status;

	check__err("setns", scene__enter(&x, nsfd, CLONE_NEWPID), 0);
	actor__exit(&parent, 0);
	check__eq("the parent is reaped", waitpid(parent.pid, NULL, 0), parent.pid);
	check__eq("its new parent, outside",
		  joined__numbers(NULL, x.pid, "PPid").number[0], getpid());
	check__eq("its new parent, inside", actor__run(&x, op_getppid), 0);
	actor__exit(&x, 5);
	check__eq("the new parent reaps it", waitpid(x.pid, &status, 0), x.pid);
	check__eq("exit status", WEXITSTATUS(status), 5);
}

#define LIFE(name, fn) KEEP("life: " name, fn)

static const struct test_case cases[] = {
	LIFE("a child can lead a group, the caller a session", child_leads),
	KEEP_WITH("life: exec", execs, &alone),
	KEEP_WITH("life: exec by a second thread", execs, &by_thread),
	KEEP_WITH("life: exec by a second thread after the leader's end", execs,
		  &by_last_thread),
	LIFE("it joins one level after another", goes_deeper),
	LIFE("it can unshare its children, and not go back", does_not_go_back),
	LIFE("as a zombie it holds up the target's init", zombie_holds_init_up),
	LIFE("orphaned itself, it goes to its old subreaper", parent_dies),
};

PROGRAM_PART(keep_life__add, cases)
