// SPDX-License-Identifier: GPL-2.0-only
/*
 * The abilities of a caller that has joined and kept its struct pid: children, threads,
 * exec, further joins; and its end, that of its children, and that of the target.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

/* --- children ------------------------------------------------------------ */

static void forks(void)
{
	struct actor child;
	struct ns_numbers n;
	struct kept k = kept__make();
	long inner;

	child = actor__spawn("child", &k.s.caller, 0);
	inner = actor__run(&child, op_getpid);
	n = joined__numbers(NULL, child.pid, "NSpid");
	check__eq("levels of the child", n.nr, 2);
	check__eq("its innermost number", n.number[1], inner);
	check__eq("getppid() of the child", actor__run(&child, op_getppid),
		  k.inner);
	check__eq("its session is that of its parent",
		  actor__run(&child, op_getsid), k.inner);
	check__eq("its parent outside",
		  joined__numbers(NULL, child.pid, "PPid").number[0], k.pid);
	check__err("the target's init finds it",
		   actor__call(&k.s.init, op_kill, inner, 0), 0);
	actor__exit(&child, 2);
	check__eq("the caller reaps it",
		  actor__call(&k.s.caller, op_waitpid, inner, 0), inner);
	check__eq("exit status",
		  WEXITSTATUS(actor__run(&k.s.caller, op_wait_status)), 2);
}

static void orphans_stay_inside(void)
{
	struct actor child;
	struct kept k = kept__make();

	child = actor__spawn("child of the caller", &k.s.caller, 0);
	actor__exit(&k.s.caller, 0);
	check__eq("the parent reaps the caller", waitpid(k.pid, NULL, 0), k.pid);
	check__eq("getppid() of its child", actor__run(&child, op_getppid), 1);
	check__eq("its parent outside",
		  joined__numbers(NULL, child.pid, "PPid").number[0],
		  k.s.init.pid);
	actor__exit(&child, 3);
	check__true("the target's init reaps it",
		    actor__call(&k.s.init, op_waitpid, -1, 0) > 1);
}

/* A subreaper outside, the caller's parent, does not get children from inside. */
static void stays_subreaper(void)
{
	struct actor child, grandchild;
	struct kept k = kept__start(NULL);

	check__must("PR_SET_CHILD_SUBREAPER",
		    actor__call(&k.s.caller, op_prctl, PR_SET_CHILD_SUBREAPER, 1));
	kept__finish(&k);
	child = actor__spawn("child", &k.s.caller, 0);
	grandchild = actor__spawn("grandchild", &child, 0);
	actor__exit(&child, 0);
	check__true("the caller reaps its child",
		    actor__call(&k.s.caller, op_waitpid, -1, 0) > 0);
	check__eq("getppid() of its grandchild",
		  actor__run(&grandchild, op_getppid), k.inner);
}

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

static void has_threads(void)
{
	struct kept k = kept__make();

	check__err("a new thread", actor__run(&k.s.caller, op_add_thread), 0);
	check__err("one more", actor__run(&k.s.caller, op_add_thread), 0);
	check__eq("threads, seen by the container",
		  joined__numbers(joined__proc_of(&k.s.init), k.inner,
				  "Threads").number[0], 3);
	check__err("their end", actor__run(&k.s.caller, op_end_threads), 0);
	check__eq("getpid()", actor__run(&k.s.caller, op_getpid), k.inner);
	actor__exit(&k.s.caller, 0);
	check__eq("the parent reaps it", waitpid(k.pid, NULL, 0), k.pid);
}

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

static void makes_namespace(void)
{
	struct actor child;
	struct ns_numbers n;
	struct kept k = kept__make();

	child = actor__spawn("init of a pid ns made by the caller", &k.s.caller,
			     CLONE_NEWPID);
	n = joined__numbers(NULL, child.pid, "NSpid");
	check__eq("its levels", n.nr, 3);
	check__eq("its innermost number", n.number[2], 1);
	check__err("the target's init finds it",
		   actor__call(&k.s.init, op_kill, n.number[1], 0), 0);
	check__err("unshare(CLONE_NEWPID) by the caller",
		   actor__call(&k.s.caller, op_unshare, CLONE_NEWPID, 0), 0);
	check__err("back to the pid ns that it has left",
		   scene__enter(&k.s.caller, ns__open(0, "pid"), CLONE_NEWPID),
		   -EPERM);
}

/* --- ends ---------------------------------------------------------------- */

static const int init_ends[] = { SIGKILL, 0 };

/* *arg: the signal that ends the target's init; 0: the init exits. */
static void init_takes_it_along(const void *arg)
{
	const int sig = *(const int *)arg;
	struct kept k = kept__make();
	int status;

	if (sig)
		check__must("kill the init", op_kill(k.s.init.pid, sig));
	else
		actor__exit(&k.s.init, 0);
	check__eq("the caller is dead", waitpid(k.pid, &status, 0), k.pid);
	check__true("it was killed by SIGKILL", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGKILL);
	check__err("now the init's death can finish",
		   ns__wait_dead(k.s.init.pidfd, run__patience()), 0);
	check__eq("it is reaped", waitpid(k.s.init.pid, &status, 0),
		  k.s.init.pid);
}

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
	LIFE("a child is born into the target with the right parent", forks),
	LIFE("its orphans go to the target's init", orphans_stay_inside),
	LIFE("a subreaper stays one", stays_subreaper),
	LIFE("a child can lead a group, the caller a session", child_leads),
	LIFE("it can have threads", has_threads),
	KEEP_WITH("life: exec", execs, &alone),
	KEEP_WITH("life: exec by a second thread", execs, &by_thread),
	KEEP_WITH("life: exec by a second thread after the leader's end", execs,
		  &by_last_thread),
	LIFE("it joins one level after another", goes_deeper),
	LIFE("it can make a pid ns, and not go back", makes_namespace),
	KEEP_WITH("life: SIGKILL to the target's init kills it",
		  init_takes_it_along, &init_ends[0]),
	KEEP_WITH("life: the exit of the target's init kills it",
		  init_takes_it_along, &init_ends[1]),
	LIFE("as a zombie it holds up the target's init", zombie_holds_init_up),
	LIFE("orphaned itself, it goes to its old subreaper", parent_dies),
};

PROGRAM_PART(keep_life__add, cases)
