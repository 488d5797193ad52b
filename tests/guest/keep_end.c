// SPDX-License-Identifier: GPL-2.0-only
/*
 * A task that joined and kept its struct pid led a process group or a session with
 * members outside, and dies. Its struct pid lives on as the id of the group, without
 * numbers in the namespaces that the task had joined: their inits can end.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

/* Makes the caller join one level further down. */
static void go_deeper(const struct kept *k)
{
	struct actor below = actor__spawn("init below the target", &k->s.init,
					  CLONE_NEWPID);
	int nsfd = check__must("target below", ns__open(below.pid, "pid"));

	check__err("setns, one level below",
		   scene__enter(&k->s.caller, nsfd, CLONE_NEWPID), 0);
	close(nsfd);
}

/* *arg: the number of joins. */
static void group_outlives_leader(const void *arg)
{
	static const struct scene_spec leader_of_group = {
		.leader = LEADER_NOT_SESSION,
	};
	struct actor member = actor__spawn("member", NULL, 0);
	struct kept k = kept__start(&leader_of_group);

	check__err("setpgid() of a member",
		   setpgid(member.pid, k.pid) ? -errno : 0, 0);
	kept__finish(&k);
	if (*(const int *)arg > 1)
		go_deeper(&k);
	actor__exit(&k.s.caller, 0);
	check__eq("the caller is reaped", waitpid(k.pid, NULL, 0), k.pid);
	check__err("kill() of the group, outside", op_kill(-k.pid, 0), 0);
	check__err("kill() of its number inside",
		   actor__call(&k.s.init, op_kill, k.inner, 0), -ESRCH);
	check__err("kill() of its group inside",
		   actor__call(&k.s.init, op_kill, -k.inner, 0), -ESRCH);
	check__eq("the member's group", getpgid(member.pid), k.pid);
	check__err("SIGKILL to the target's init", op_kill(k.s.init.pid, SIGKILL),
		   0);
	check__err("the init ends: it waits for no number",
		   ns__wait_dead(k.s.init.pidfd, run__patience()), 0);
	check__eq("the member's group then", getpgid(member.pid), k.pid);
	actor__exit(&member, 0);
	check__eq("the member is reaped", waitpid(member.pid, NULL, 0), member.pid);
	check__err("the group ends with its last member", op_kill(-k.pid, 0),
		   -ESRCH);
}

static const int once = 1, twice = 2;
static const struct test_case cases[] = {
	KEEP_WITH("end: a group outlives its leader, the target does not wait",
		  group_outlives_leader, &once),
	KEEP_WITH("end: a group outlives its leader, who joined twice",
		  group_outlives_leader, &twice),
};

PROGRAM_PART(keep_end__add, cases)
