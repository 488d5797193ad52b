// SPDX-License-Identifier: GPL-2.0-only
/*
 * A join that keeps the struct pid, as seen by the caller, its parent and the target's
 * init: all numbers above stay, and one is new. cases_view.c has more of it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

/* Group and session of a caller that leads neither are outside, and read as 0. */
static const struct lead {
	struct scene_spec spec;
	bool group, session;
} leads_both = { { 0 }, true, true },
	leads_none = { { .leader = LEADER_NOT_GROUP }, false, false },
	leads_group = { { .leader = LEADER_NOT_SESSION }, true, false };

static void check_key(const char *key, const struct kept *k, pid_t outside,
		      pid_t inside)
{
	struct ns_numbers n = joined__numbers(NULL, k->pid, key);
	const char *proc = joined__proc_of(&k->s.init);

	check__eq(key, n.nr, 2);
	check__eq(key, n.number[0], outside);
	check__eq(key, n.number[1], inside);
	n = joined__numbers(proc, k->inner, key);
	check__eq(key, n.nr, 1);
	check__eq(key, n.number[0], inside);
}

static void caller_numbers(const void *arg)
{
	const struct lead *l = arg;
	struct kept k = kept__start(&l->spec);
	const struct actor *me = &k.s.caller;
	const pid_t group = getpgid(k.pid), session = getsid(k.pid);

	kept__finish(&k);
	check__eq("getpid()", actor__run(me, op_getpid), k.inner);
	check__eq("gettid()", actor__run(me, op_gettid), k.inner);
	check__eq("getpgrp()", actor__run(me, op_getpgrp), l->group ? k.inner : 0);
	check__eq("getsid(0)", actor__run(me, op_getsid),
		  l->session ? k.inner : 0);
	check__eq("getppid()", actor__run(me, op_getppid), 0);
	check_key("NSpid", &k, k.pid, k.inner);
	check_key("NStgid", &k, k.pid, k.inner);
	check_key("NSpgid", &k, group, l->group ? k.inner : 0);
	check_key("NSsid", &k, session, l->session ? k.inner : 0);
	check__eq("getpgid() by its parent", getpgid(k.pid), group);
	check__eq("getsid() by its parent", getsid(k.pid), session);
	check__eq("the number the kernel stamps on its messages",
		  actor__number(me), k.pid);
}

static void caller_proc(void)
{
	char line[64];
	struct kept k = kept__make();

	snprintf(line, sizeof(line), "/proc/self -> %d", k.pid);
	check__true("/proc/self in the host's mount is the old number",
		    snap__has(k.after, line));
	check__eq("/proc/self in the container's mount",
		  actor__call(&k.s.caller, op_proc_self_of, k.s.init.pid, 0),
		  k.inner);
	snap__same_part("open directory", k.before, k.after);
	snap__same_part("pidfd of self", k.before, k.after);
	snap__same_part("outside: kill", k.before, k.after);
	snap__same_part("outside: waitid", k.before, k.after);
	snap__same_part("outside: pidfd", k.before, k.after);
}

static void proc_lists(void)
{
	const char *inside;
	char path[64];
	struct kept k = kept__start(NULL);

	inside = joined__proc_of(&k.s.init);
	check__eq("the target's /proc lists its first number, before",
		  joined__listed(inside, 2), 0);
	kept__finish(&k);
	check__eq("in the host's /proc", joined__listed("/proc", k.pid), 1);
	check__eq("in the container's /proc", joined__listed(inside, k.inner), 1);
	snprintf(path, sizeof(path), "/proc/%d/task", k.pid);
	check__eq("its threads, outside", joined__listed(path, k.pid), 1);
	snprintf(path, sizeof(path), "%s/%d/task", inside, k.inner);
	check__eq("its threads, inside", joined__listed(path, k.inner), 1);
}

static void parent_by_number(void)
{
	struct kept k = kept__make();
	siginfo_t info;
	int status;

	signal__block(SIGCHLD);
	check__eq("waitpid() while it lives", waitpid(k.pid, NULL, WNOHANG), 0);
	check__err("kill()", op_kill(k.pid, 0), 0);
	check__err("kill() of its group", op_kill(-k.pid, 0), 0);
	actor__exit(&k.s.caller, 9);
	check__eq("SIGCHLD at its exit",
		  signal__await(SIGCHLD, run__patience(), &info), SIGCHLD);
	check__eq("si_pid", info.si_pid, k.pid);
	check__eq("si_status", info.si_status, 9);
	check__eq("waitpid()", waitpid(k.pid, &status, 0), k.pid);
	check__eq("exit status", WEXITSTATUS(status), 9);
	check__err("kill() after it", op_kill(k.pid, 0), -ESRCH);
}

static void parent_sees_no_event(void)
{
	struct kept k;

	signal__block(SIGCHLD);
	k = kept__make();
	check__eq("a join sends no SIGCHLD", op_pending(SIGCHLD, 0), 0);
	check__eq("waitpid(), by number",
		  waitpid(k.pid, NULL, WNOHANG | WUNTRACED | WCONTINUED), 0);
	check__eq("waitpid(), any child",
		  waitpid(-1, NULL, WNOHANG | WUNTRACED | WCONTINUED), 0);
}

/* kill(-1) of the target's init. The numbers of the target are back at the end. */
static void init_kills_all(void)
{
	struct kept k = kept__make();

	check__eq("numbers in the target (mask)",
		  actor__run(&k.s.init, op_numbers), 1L << 1 | 1L << k.inner);
	check__must("block", actor__call(&k.s.caller, op_block, SIGUSR1, 0));
	check__err("kill(-1) by the target's init",
		   actor__call(&k.s.init, op_kill, -1, SIGUSR1), 0);
	check__eq("reaches the caller",
		  actor__call(&k.s.caller, op_pending, SIGUSR1, 0), 1);
	actor__exit(&k.s.caller, 0);
	check__eq("the parent reaps it", waitpid(k.pid, NULL, 0), k.pid);
	check__eq("numbers in the target at the end (mask)",
		  actor__run(&k.s.init, op_numbers), 1L << 1);
}

static long set_last_pid(long number, long b __maybe_unused)
{
	return file__set(LAST_PID, number);
}

/* All numbers are taken until the parent reaps the caller, and free after that. */
static void numbers_are_free(void)
{
	struct kept k = kept__make();
	struct actor heir;

	if (file__get(LAST_PID) < 0)
		check__skip("no %s", LAST_PID);
	actor__exit(&k.s.caller, 0);
	check__must("death", ns__wait_dead(k.s.caller.pidfd, run__patience()));
	check__err("kill() of the zombie, outside", op_kill(k.pid, 0), 0);
	check__err("kill() of the zombie, inside",
		   actor__call(&k.s.init, op_kill, k.inner, 0), 0);
	check__eq("the parent reaps it", waitpid(k.pid, NULL, 0), k.pid);
	check__err("kill() then, inside",
		   actor__call(&k.s.init, op_kill, k.inner, 0), -ESRCH);
	check__must(LAST_PID, file__set(LAST_PID, k.pid - 1));
	check__must(LAST_PID, actor__call(&k.s.init, set_last_pid, k.inner - 1,
					  0));
	heir = actor__spawn("heir of the numbers", &k.s.init, 0);
	check__eq("the number outside", heir.pid, k.pid);
	check__eq("the number inside", actor__run(&heir, op_getpid), k.inner);
}

#define LEAD(name, lead) \
	KEEP_WITH("view: the caller's numbers, " name, caller_numbers, &lead)
#define VIEW(name, fn) KEEP("view: " name, fn)

static const struct test_case cases[] = {
	LEAD("a leader of group and session", leads_both),
	LEAD("a leader of neither", leads_none),
	LEAD("a leader of its group", leads_group),
	VIEW("/proc/self in the host's and in the container's mount", caller_proc),
	VIEW("/proc lists it once outside, once inside", proc_lists),
	VIEW("the parent waits for and signals the old number", parent_by_number),
	VIEW("the parent gets no event and no signal", parent_sees_no_event),
	VIEW("kill(-1) of the target's init reaches it", init_kills_all),
	VIEW("its numbers are free when it is reaped", numbers_are_free),
};

PROGRAM_PART(keep_view__add, cases)
