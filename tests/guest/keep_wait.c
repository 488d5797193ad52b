// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waits for the caller that began before it joined and kept its struct pid: no wait is
 * woken by the join, and each reports what happens to the caller after it.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keep.h"
#include "ops.h"

enum wait_kind { BY_PID, BY_GROUP, BY_OWN_GROUP, BY_ANY, BY_PIDFD };

static const struct blocked_wait {
	enum wait_kind kind;
	bool for_stop;		/* waits for a stop; else for the exit */
} by_pid = { BY_PID, false }, by_group = { BY_GROUP, false },
	by_own_group = { BY_OWN_GROUP, false }, by_any = { BY_ANY, false },
	by_pidfd = { BY_PIDFD, false }, for_stop = { BY_PID, true };

static void begin_wait(const struct actor *parent, const struct blocked_wait *w,
		       const struct actor *child)
{
	const pid_t number[] = {
		[BY_PID] = child->pid, [BY_GROUP] = -child->pid,
		[BY_OWN_GROUP] = 0, [BY_ANY] = -1,
	};

	if (w->kind == BY_PIDFD)
		actor__ask(parent, op_wait_pidfd,
			   actor__give(parent, child->pidfd), 0);
	else
		actor__ask(parent, op_waitpid, number[w->kind],
			   w->for_stop ? WUNTRACED : 0);
	actor__wait_asleep(parent);
}

/* A wake-up that finds nothing sleeps again: count the switches of the sleeper. */
static long switches_of(pid_t pid)
{
	char path[64], text[4096];
	struct ns_numbers n;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	check__must(path, file__read(path, text, sizeof(text)));
	check__must("switches", ns__parse(text, "voluntary_ctxt_switches", &n));
	return n.number[0];
}

static void sleeps_on(const void *arg)
{
	const struct blocked_wait *w = arg;
	struct actor init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	struct actor parent = actor__spawn("parent", NULL, 0);
	struct actor x = actor__spawn("caller", &parent, 0);
	int nsfd = check__must("target", ns__open(init.pid, "pid"));
	long number, before;

	if (w->kind != BY_OWN_GROUP)
		check__must("setsid", actor__run(&x, op_setsid));
	number = actor__give(&x, nsfd);
	begin_wait(&parent, w, &x);
	before = switches_of(parent.pid);
	check__err("setns", actor__call(&x, op_setns, number, CLONE_NEWPID), 0);
	check__true("the wait goes on", actor__pending(&parent, 50));
	check__eq("wake-ups of the parent", switches_of(parent.pid) - before, 0);
	if (w->for_stop)
		check__must("SIGSTOP", op_kill(x.pid, SIGSTOP));
	else
		actor__exit(&x, 6);
	check__eq("the wait returns the old number", actor__answer(&parent), x.pid);
	if (w->for_stop)
		check__eq("the stop", actor__run(&parent, op_wait_status),
			  SIGSTOP << 8 | 0x7f);
	else if (w->kind != BY_PIDFD)
		check__eq("exit status",
			  WEXITSTATUS(actor__run(&parent, op_wait_status)), 6);
}

/* Result of a child that joins between vfork() and its exit. */
static long vfork_joins(long seen, long nsfd)
{
	long *result = (long *)seen;
	pid_t pid;

	pid = vfork();
	if (!pid) {
		result[0] = ns__set(nsfd, CLONE_NEWPID);
		result[1] = getpid();
		_exit(7);
	}
	return pid;
}

static void vforked(void)
{
	long *seen = shared__alloc(2 * sizeof(*seen));
	struct actor init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	struct actor parent = actor__spawn("parent", NULL, 0);
	int nsfd = check__must("target", ns__open(init.pid, "pid"));
	long old;

	old = actor__call(&parent, vfork_joins, (long)seen,
			  actor__give(&parent, nsfd));
	check__true("vfork() returns a number", old > 0);
	check__err("setns by the child", seen[0], 0);
	check__eq("getpid() of the child, in the target", seen[1], 2);
	check__eq("waitpid() by that number",
		  actor__call(&parent, op_waitpid, old, 0), old);
	check__eq("exit status",
		  WEXITSTATUS(actor__run(&parent, op_wait_status)), 7);
}

#define WAIT(name, how) KEEP_WITH("wait: " name, sleeps_on, &how)

static const struct test_case cases[] = {
	WAIT("waitpid() by number sleeps on until the exit", by_pid),
	WAIT("waitpid() by the caller's group sleeps on until the exit", by_group),
	WAIT("waitpid(0), one group with the caller, sleeps on until the exit",
	     by_own_group),
	WAIT("waitpid(-1) sleeps on until the exit", by_any),
	WAIT("waitid(P_PIDFD) sleeps on until the exit", by_pidfd),
	WAIT("waitpid(WUNTRACED) sleeps on until a stop", for_stop),
	KEEP("wait: a vfork child joins, and is reaped by its number", vforked),
};

PROGRAM_PART(keep_wait__add, cases)
