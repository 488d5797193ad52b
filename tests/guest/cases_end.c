// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of the target: the death of its init takes the joined task along, and when
 * all tasks are gone, the kernel frees both pid namespaces of the join.
 */
#include "cases_life.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "cases.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"

static const int init_ends[] = { SIGKILL, 0 };

/* *arg: the signal that ends the target's init; 0: the init exits. */
static void init_takes_it_along(const void *arg)
{
	const int sig = *(const int *)arg;
	struct joined j = joined__make();
	int status;

	if (sig)
		check__must("kill the init", op_kill(j.s.init.pid, sig));
	else
		actor__exit(&j.s.init, 0);
	check__eq("the joined task is dead", waitpid(j.now, &status, 0),
		  j.now);
	check__true("it was killed by SIGKILL", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGKILL);
	check__err("now the init's death can finish",
		   ns__wait_dead(j.s.init.pidfd, run__patience()), 0);
	check__eq("it is reaped", waitpid(j.s.init.pid, &status, 0),
		  j.s.init.pid);
}

/* Accesses files of @pid in /proc, so that the kernel caches them. */
static void visit_proc(pid_t pid)
{
	static const char * const names[] = { "status", "task", "fd", "ns" };
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, names[i]);
		check__must(path, access(path, R_OK) ? -errno : 0);
	}
}

/* Makes @caller join the pid namespace of @init without keeping an fd of it. */
static void join(const struct actor *caller, const struct actor *init)
{
	int nsfd = check__must("target", ns__open(init->pid, "pid"));

	check__err("setns", scene__enter(caller, nsfd, 0), 0);
	close(nsfd);
}

/*
 * A join involves two pid namespaces, the caller's first and the target in it.
 * Both belong to a user namespace with a limit. If a new pid namespace can be
 * made at a limit of one afterwards, both were freed. A remaining reference to
 * the caller's old number would keep the first one.
 */
static void namespaces_are_freed(void)
{
	struct actor owner, home, init, caller;

	owner = actor__spawn("owner", NULL, 0);
	check__must("unshare(CLONE_NEWUSER)",
		    actor__call(&owner, op_unshare, CLONE_NEWUSER, 0));
	check__must("limit of two pid ns",
		    actor__call(&owner, op_limit_pid_ns, 2, 0));
	home = actor__spawn("init of the caller's pid ns", &owner,
			    CLONE_NEWPID);
	init = actor__spawn("init of the target", &home, CLONE_NEWPID);
	/* The caller needs a capability that the owner does not have. */
	caller = actor__spawn("caller", NULL, 0);
	check__must("setsid", actor__run(&caller, op_setsid));
	check__err("a third pid ns", actor__run(&owner, op_try_pid_ns), -ENOSPC);
	visit_proc(caller.pid);
	join(&caller, &home);
	join(&caller, &init);

	actor__exit(&caller, 0);
	check__true("the caller is reaped", waitpid(-1, NULL, 0) > 1);
	actor__exit(&init, 0);
	check__true("the target's init is reaped",
		    actor__call(&home, op_waitpid, -1, 0) > 1);
	actor__exit(&home, 0);
	check__eq("the home's init is reaped",
		  actor__call(&owner, op_waitpid, -1, 0), home.pid);
	close(caller.pidfd);
	close(init.pidfd);
	close(home.pidfd);
	check__must("limit of one pid ns",
		    actor__call(&owner, op_limit_pid_ns, 1, 0));
	check__err("both pid namespaces are freed", joined__await_room(&owner), 0);
}

static const struct test_case cases[] = {
	LIFE_BOTH("both pid namespaces are freed when all is over",
		  namespaces_are_freed),
	CASE_WITH(WHERE_MOVES, "life: SIGKILL to the target's init kills it",
		  init_takes_it_along, &init_ends[0]),
	CASE_WITH(WHERE_MOVES, "life: the exit of the target's init kills it",
		  init_takes_it_along, &init_ends[1]),
	CASE_WITH(WHERE_KEEP, "keep: life: SIGKILL to the target's init kills it",
		  init_takes_it_along, &init_ends[0]),
	CASE_WITH(WHERE_KEEP,
		  "keep: life: the exit of the target's init kills it",
		  init_takes_it_along, &init_ends[1]),
};

PROGRAM_PART(cases_end__add, cases)
