// SPDX-License-Identifier: GPL-2.0-only
/*
 * setns where it does not move its caller: stock kernels, and join kernels with
 * the sysctl at 0. cases_refusal.c tests that the caller stays unchanged in
 * every state; this file tests the effects on its children.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "cases.h"
#include "ns.h"
#include "ops.h"
#include "scene.h"

static const struct scene_spec plain;

static struct scene enter(void)
{
	struct scene s = scene__build(&plain);

	check__err("setns", scene__setns(&s, s.caller_nsfd, CLONE_NEWPID), 0);
	return s;
}

static void child_lands(void)
{
	struct ns_numbers n;
	struct actor child;
	struct scene s = enter();

	check__eq("pid_for_children names the target",
		  ns__id(s.caller.pid, "pid_for_children"),
		  ns__id(s.init.pid, "pid"));
	check__eq("the caller's own pid ns stays", ns__id(s.caller.pid, "pid"),
		  ns__id(0, "pid"));

	child = actor__spawn("child", &s.caller, 0);
	check__eq("the child's pid ns", ns__id(child.pid, "pid"),
		  ns__id(s.init.pid, "pid"));
	check__eq("getppid() of the child", actor__run(&child, op_getppid), 0);
	check__must("NSpid", ns__numbers("/proc", child.pid, "NSpid", &n));
	check__eq("levels of the child", n.nr, 2);
	check__eq("getpid() of the child", actor__run(&child, op_getpid),
		  n.number[1]);
	check__err("the target's init finds it",
		   actor__call(&s.init, op_kill, n.number[1], 0), 0);

	actor__exit(&child, 7);
	check__eq("the caller reaps it by its own number for it",
		  actor__call(&s.caller, op_waitpid, child.pid, 0), child.pid);
	check__eq("its status",
		  WEXITSTATUS(actor__run(&s.caller, op_wait_status)), 7);
}

static void parent_sees_no_change(void)
{
	struct scene s = enter();
	int status;

	check__err("pidfd from before is silent",
		   ns__poll(s.caller.pidfd, POLLIN, 0), -ETIMEDOUT);
	check__eq("its number", actor__number(&s.caller), s.caller.pid);
	actor__exit(&s.caller, 3);
	check__eq("waitpid() by the number from before",
		  waitpid(s.caller.pid, &status, 0), s.caller.pid);
	check__eq("status", WEXITSTATUS(status), 3);
}

/* The kernel requires new threads to be in the namespace of future children. */
static void threads_and_unshare_refused(void)
{
	struct scene s = enter();

	/* pthread_create() returns the error of clone(). */
	check__err("a new thread", actor__run(&s.caller, op_add_thread),
		   -EINVAL);
	check__err("unshare(CLONE_NEWPID)",
		   actor__call(&s.caller, op_unshare, CLONE_NEWPID, 0),
		   -EINVAL);
}

static void own_resets(void)
{
	struct scene s = enter();
	int fd;

	fd = check__must("own pid ns", ns__open(0, "pid"));
	check__err("setns to the own pid ns",
		   scene__enter(&s.caller, fd, CLONE_NEWPID), 0);
	check__eq("pid_for_children is the own one again",
		  ns__id(s.caller.pid, "pid_for_children"), ns__id(0, "pid"));
	check__err("a new thread", actor__run(&s.caller, op_add_thread), 0);
	check__err("its end", actor__run(&s.caller, op_end_threads), 0);
}

static void dead_target_takes_no_child(void)
{
	static const struct scene_spec dying = { .target = TARGET_DYING };
	struct scene s = scene__build(&dying);

	check__err("setns", scene__setns(&s, s.caller_nsfd, 0), 0);
	check__err("fork after it", actor__run(&s.caller, op_fork_sleeper),
		   -ENOMEM);
}

static void first_child_is_init(void)
{
	static const struct scene_spec initless = {
		.target = TARGET_INITLESS,
	};
	struct actor child;
	struct scene s = scene__build(&initless);

	check__err("setns", scene__setns(&s, s.caller_nsfd, 0), 0);
	child = actor__spawn("first child", &s.caller, 0);
	check__eq("its number in the target", actor__run(&child, op_getpid), 1);
}

static void death_of_init_spares_caller(void)
{
	struct actor child;
	struct scene s = enter();

	child = actor__spawn("child", &s.caller, 0);
	check__must("kill the target's init", op_kill(s.init.pid, SIGKILL));
	check__err("the child in the target dies with it",
		   ns__wait_dead(child.pidfd, run__patience()), 0);
	check__eq("the caller reaps it",
		  actor__call(&s.caller, op_waitpid, child.pid, 0), child.pid);
	check__err("the init can end", ns__wait_dead(s.init.pidfd,
						     run__patience()), 0);
	check__eq("the caller lives", actor__number(&s.caller), s.caller.pid);
}

/*
 * setns checks capabilities in the user namespace that the same call enters.
 * The caller has all capabilities there, and none in its old user namespace.
 */
static void owner_enters_both(void)
{
	static const struct scene_spec owner = { .creds = CREDS_TARGET_ONLY };
	struct scene s = scene__build(&owner);

	check__err("setns(pidfd, user + pid)",
		   scene__setns(&s, s.caller_pidfd,
				CLONE_NEWUSER | CLONE_NEWPID), 0);
	check__eq("pid_for_children names the target",
		  ns__id(s.caller.pid, "pid_for_children"),
		  ns__id(s.init.pid, "pid"));
}

/* In MODE_JOIN the kernel is a join kernel with the sysctl at 0. */
#define MAINLINE(name, fn) CASE(WHERE_STAYS, "mainline: " name, fn)

static const struct test_case cases[] = {
	MAINLINE("after setns only children are born into the target",
		 child_lands),
	MAINLINE("the parent sees no change of the caller",
		 parent_sees_no_change),
	MAINLINE("threads and unshare are refused after setns",
		 threads_and_unshare_refused),
	MAINLINE("setns to the own pid ns takes it back", own_resets),
	MAINLINE("a target with a dead init takes no child",
		 dead_target_takes_no_child),
	MAINLINE("the first child in an empty target is its init",
		 first_child_is_init),
	MAINLINE("the owner of a user ns enters it and a pid ns of it at once",
		 owner_enters_both),
	MAINLINE("the death of the target's init spares the caller",
		 death_of_init_spares_caller),
};

PROGRAM_PART(cases_mainline__add, cases)
