// SPDX-License-Identifier: GPL-2.0-only
/*
 * Process groups and sessions that the caller of a join shares with others outside. It
 * stays a member, and its leader if it was: those outside reach the group by its number,
 * and the caller as "my own group".
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

static const struct scene_spec leader_of_group = { .leader = LEADER_NOT_SESSION },
	leader_of_none = { .leader = LEADER_NOT_GROUP };

/* A process outside, in the director's session, that blocks SIGURG. */
static struct actor spawn_sibling(void)
{
	struct actor x = actor__spawn("sibling", NULL, 0);

	check__must("block", actor__call(&x, op_block, SIGURG, 0));
	return x;
}

/* Takes SIGURG if it is pending; returns whether it was. */
static long take_urg(long a __maybe_unused, long b __maybe_unused)
{
	return signal__await(SIGURG, 0, NULL) == SIGURG;
}

static void check_urg(const char *what, const struct actor *x, bool want)
{
	check__eq(what, actor__run(x, take_urg), want);
}

static void set_group(const char *what, pid_t pid, pid_t pgrp)
{
	check__err(what, setpgid(pid, pgrp) ? -errno : 0, 0);
}

/* A group led by the caller, with a member that came before and one that came after. */
static void leads_others(void)
{
	struct actor member = spawn_sibling(), late = spawn_sibling();
	struct kept k = kept__start(&leader_of_group);
	const struct actor *x = &k.s.caller;

	check__must("block", actor__call(x, op_block, SIGURG, 0));
	set_group("a member", member.pid, k.pid);
	kept__finish(&k);
	set_group("a member that comes later", late.pid, k.pid);
	check__eq("its group", getpgid(late.pid), k.pid);
	check__err("kill() of the group, outside", op_kill(-k.pid, SIGURG), 0);
	check_urg("reaches the caller", x, true);
	check_urg("reaches a member", &member, true);
	check_urg("reaches the later member", &late, true);
	check__err("kill(0) by the caller", actor__call(x, op_kill, 0, SIGURG), 0);
	check_urg("reaches the caller", x, true);
	check_urg("reaches a member, as mainline's kill(0) inside would", &member,
		  true);
	check_urg("and nobody twice", x, false);
	check__eq("getpgrp() of the caller", actor__run(x, op_getpgrp), k.inner);
	actor__exit(&late, 3);
	check__eq("waitpid() by group", waitpid(-k.pid, NULL, 0), late.pid);
	actor__exit(x, 3);
	check__eq("waitpid() by group", waitpid(-k.pid, NULL, 0), k.pid);
	check__err("the group outlives its leader", op_kill(-k.pid, SIGURG), 0);
	check_urg("and reaches its member", &member, true);
}

/* A group that the caller shares and another process leads. */
static void follows_another(void)
{
	struct actor leader = spawn_sibling();
	struct kept k = kept__start(&leader_of_none);
	const struct actor *x = &k.s.caller;

	check__must("block", actor__call(x, op_block, SIGURG, 0));
	set_group("the leader", leader.pid, leader.pid);
	set_group("the caller", k.pid, leader.pid);
	kept__finish(&k);
	check__eq("getpgrp()", actor__run(x, op_getpgrp), 0);
	check__err("kill() of the group, outside", op_kill(-leader.pid, SIGURG), 0);
	check_urg("reaches the caller", x, true);
	check_urg("reaches the leader", &leader, true);
	check__err("kill(0) by the caller", actor__call(x, op_kill, 0, SIGURG), 0);
	check_urg("reaches the caller", x, true);
	check_urg("reaches the leader", &leader, true);
	check__err("setpgid() of the caller, a new group",
		   actor__call(x, op_setpgid, 0, 0), 0);
	check__eq("getpgrp() then", actor__run(x, op_getpgrp), k.inner);
	check__eq("and outside", getpgid(k.pid), k.pid);
	set_group("back, by its parent", k.pid, leader.pid);
	check__eq("getpgrp() then", actor__run(x, op_getpgrp), 0);
	actor__exit(x, 0);
	check__eq("waitpid() by group", waitpid(-leader.pid, NULL, 0), k.pid);
}

static void has_priority(void)
{
	struct actor member = spawn_sibling();
	struct kept k = kept__start(&leader_of_group);

	set_group("a member", member.pid, k.pid);
	kept__finish(&k);
	check__eq("setpriority() of the group, outside",
		  setpriority(PRIO_PGRP, k.pid, 5), 0);
	check__eq("the caller's", getpriority(PRIO_PROCESS, k.pid), 5);
	check__eq("the member's", getpriority(PRIO_PROCESS, member.pid), 5);
	check__eq("the group's", getpriority(PRIO_PGRP, k.pid), 5);
	check__eq("the init's", getpriority(PRIO_PROCESS, k.s.init.pid), 0);
}

/* The caller's children share the group, and have a number inside for it. */
static void children_follow(void)
{
	struct kept k = kept__start(&leader_of_group);
	struct actor child;
	long inner;

	kept__finish(&k);
	child = actor__spawn("child", &k.s.caller, 0);
	inner = actor__run(&child, op_getpid);
	check__must("block", actor__call(&child, op_block, SIGURG, 0));
	check__must("block", actor__call(&k.s.caller, op_block, SIGURG, 0));
	check__eq("getpgrp() of the child", actor__run(&child, op_getpgrp), k.inner);
	check__eq("and outside", getpgid(child.pid), k.pid);
	check__err("kill() of the group by a member inside",
		   actor__call(&child, op_kill, -k.inner, SIGURG), 0);
	check_urg("reaches the child", &child, true);
	check_urg("reaches the caller", &k.s.caller, true);
	check__err("a group of its own",
		   actor__call(&k.s.caller, op_setpgid, inner, inner), 0);
	check__err("setpgid() back by the caller",
		   actor__call(&k.s.caller, op_setpgid, inner, k.inner), 0);
	check__eq("getpgid() outside", getpgid(child.pid), k.pid);
}

/* Makes a process in the session of @leader that is a child of the director. */
static struct actor spawn_member(const struct actor *leader)
{
	struct actor between = actor__spawn("parent of a member", leader, 0);
	struct actor member = actor__spawn("member", &between, 0);

	check__must("setpgid", actor__call(&member, op_setpgid, 0, 0));
	actor__exit(&between, 0);
	check__eq("its parent is reaped",
		  actor__call(leader, op_waitpid, between.pid, 0), between.pid);
	return member;
}

/* A leader of a session with another member: outside, all goes on. */
static void shares_session(void)
{
	struct kept k = kept__start(NULL);
	struct actor member = spawn_member(&k.s.caller);

	check__eq("its session", getsid(member.pid), k.pid);
	kept__finish(&k);
	check__eq("the caller's session", getsid(k.pid), k.pid);
	check__eq("the member's session", getsid(member.pid), k.pid);
	check__eq("getsid() of the member",
		  actor__run(&member, op_getsid), k.pid);
	check__err("setpgid() of the member to the caller's group",
		   actor__call(&member, op_setpgid, 0, k.pid), 0);
	check__eq("its group", getpgid(member.pid), k.pid);
	actor__exit(&k.s.caller, 0);
	check__eq("the caller is reaped", waitpid(k.pid, NULL, 0), k.pid);
	check__eq("the member's session then", actor__run(&member, op_getsid),
		  k.pid);
}

/*
 * The caller, stopped, is a job of the shell. The shell's end leaves its group orphaned:
 * the caller gets SIGHUP and SIGCONT.
 */
static void is_orphaned(void)
{
	struct actor init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	struct actor shell = actor__spawn("shell", NULL, 0), x;
	int nsfd = check__must("target", ns__open(init.pid, "pid"));
	int status;

	check__must("setsid", actor__run(&shell, op_setsid));
	x = actor__spawn("job", &shell, 0);
	check__must("setpgid", actor__call(&x, op_setpgid, 0, 0));
	check__must("block", actor__call(&x, op_block, SIGHUP, 0));
	check__err("setns", scene__enter(&x, nsfd, CLONE_NEWPID), 0);
	check__must("SIGSTOP", op_kill(x.pid, SIGSTOP));
	check__eq("the shell sees the stop",
		  actor__call(&shell, op_waitpid, x.pid, WUNTRACED), x.pid);
	actor__exit(&shell, 0);
	check__eq("the shell is reaped", waitpid(shell.pid, NULL, 0), shell.pid);
	check__eq("the job goes on, with SIGHUP pending",
		  actor__call(&x, op_pending, SIGHUP, 0), 1);
	actor__exit(&x, 4);
	check__eq("the job is reaped", waitpid(x.pid, &status, 0), x.pid);
	check__eq("exit status", WEXITSTATUS(status), 4);
}

#define GROUP(name, fn) KEEP("group: " name, fn)

static const struct test_case cases[] = {
	GROUP("the caller leads a group of others", leads_others),
	GROUP("the caller is in another's group", follows_another),
	GROUP("setpriority() of the group from outside", has_priority),
	GROUP("the caller's children are in its group", children_follow),
	GROUP("the caller leads a session of others", shares_session),
	GROUP("a stopped caller in an orphaned group gets SIGHUP and SIGCONT",
	      is_orphaned),
};

PROGRAM_PART(keep_group__add, cases)
