// SPDX-License-Identifier: GPL-2.0-only
/*
 * A successful join as seen by the caller, by the target's init, by the parent,
 * by an unrelated pid namespace, through pidfds, and by waits that began
 * before.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "cases.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"
#include "tracing.h"

static void caller_numbers(void)
{
	static const char * const keys[] = {
		"NSpid", "NStgid", "NSpgid", "NSsid",
	};
	const struct actor *me;
	struct joined j = joined__make();

	me = &j.s.caller;
	check__ne("number in the target", j.inner, 1);
	check__ne("number outside", j.now, j.old);
	check__eq("getpid()", actor__run(me, op_getpid), j.inner);
	check__eq("getpgrp()", actor__run(me, op_getpgrp), j.inner);
	check__eq("getsid(0)", actor__run(me, op_getsid), j.inner);
	check__eq("getppid()", actor__run(me, op_getppid), 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct ns_numbers n = joined__numbers(NULL, j.now, keys[i]);

		check__eq(keys[i], n.nr, 2);
		check__eq(keys[i], n.number[0], j.now);
		check__eq(keys[i], n.number[1], j.inner);
	}
	check__eq("the number the kernel stamps on its messages",
		  actor__number(me), j.now);
}

static void caller_proc(void)
{
	char line[64];
	struct joined j = joined__make();

	snprintf(line, sizeof(line), "/proc/self -> %d", j.now);
	check__true("/proc/self in the host's mount is the new number",
		    snap__has(j.after, line));
	check__eq("/proc/self in the container's mount",
		  actor__call(&j.s.caller, op_proc_self_of, j.s.init.pid, 0),
		  j.inner);
	check__true("an open directory /proc/self of before is dead",
		    !snap__has(j.after, "open directory /proc/self: alive"));
	snprintf(line, sizeof(line), "/proc/%d", j.old);
	check__true("the old number is gone from /proc", access(line, F_OK));
}

static void proc_lists(void)
{
	const char *inside;
	char path[64];
	struct joined j = joined__start();

	inside = joined__proc_of(&j.s.init);
	check__eq("old number in the host's /proc, before",
		  joined__listed("/proc", j.old), 1);
	joined__finish(&j);
	check__eq("old number in the host's /proc", joined__listed("/proc", j.old), 0);
	check__eq("new number in the host's /proc", joined__listed("/proc", j.now), 1);
	check__eq("in the container's /proc", joined__listed(inside, j.inner), 1);
	snprintf(path, sizeof(path), "/proc/%d/task", j.now);
	check__eq("its own number among its threads", joined__listed(path, j.now), 1);
	snprintf(path, sizeof(path), "%s/%d/task", inside, j.inner);
	check__eq("the same in the container", joined__listed(path, j.inner), 1);
}

/* The kernel keeps the owner of a POSIX lock as a plain number. */
static void file_lock(void)
{
	struct joined j = joined__make();
	long number, in_target;
	int fd;

	fd = check__must("memfd_create", memfd_create("lock", MFD_CLOEXEC));
	number = actor__give(&j.s.caller, fd);
	in_target = actor__give(&j.s.init, fd);
	check__err("a lock taken by the joined task",
		   actor__call(&j.s.caller, op_lock, number, 0), 0);
	check__eq("its holder, for the parent", op_lock_holder(fd, 0), j.now);
	check__eq("its holder, for the target's init",
		  actor__call(&j.s.init, op_lock_holder, in_target, 0),
		  j.inner);
}

/*
 * The kernel logs task->pid, another copy of the number. ftrace prints this
 * copy beside each text written to its trace_marker.
 */
static void logged_number(void)
{
	char text[4096], line[32];
	struct joined j = joined__make();
	long number;
	int fd;

	tracing__begin();
	fd = check__must("trace_marker", open(TRACING "/trace_marker",
					      O_WRONLY | O_CLOEXEC));
	number = actor__give(&j.s.caller, fd);
	check__eq("a mark in the trace",
		  actor__call(&j.s.caller, op_write, number, 0), 1);
	tracing__read(text, sizeof(text));
	snprintf(line, sizeof(line), "-%d ", j.now);
	check__true("it is the new number's", strstr(text, line));
	snprintf(line, sizeof(line), "-%d ", j.old);
	check__true("and not the old one's", !strstr(text, line));
	actor__call(&j.s.caller, op_close, number, 0);
	close(fd);
	tracing__end();
}

static void tracing(void)
{
	struct joined j = joined__make();
	int status;

	check__err("PTRACE_SEIZE of the old number", op_seize(j.old, 0),
		   -ESRCH);
	check__err("PTRACE_SEIZE of the new number", op_seize(j.now, 0), 0);
	check__err("PTRACE_INTERRUPT", ptrace(PTRACE_INTERRUPT, j.now, 0, 0) ?
		   -errno : 0, 0);
	check__eq("waitpid(new)", waitpid(j.now, &status, 0), j.now);
	check__true("it is stopped for its tracer", WIFSTOPPED(status));
	check__err("PTRACE_DETACH", ptrace(PTRACE_DETACH, j.now, 0, 0) ?
		   -errno : 0, 0);
	check__eq("and answers", actor__run(&j.s.caller, op_getpid), j.inner);
}

static void caller_rest(void)
{
	static const char * const kept[] = {
		"fd/", "ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/time",
		"ns/user", "ns/uts",
	};
	struct joined j = joined__make();
	long target;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		snap__same_part(kept[i], j.before, j.after);
	target = ns__id(j.s.init.pid, "pid");
	check__eq("pid ns", ns__id(j.now, "pid"), target);
	check__eq("pid ns for children", ns__id(j.now, "pid_for_children"),
		  target);
}

static void init_sees(void)
{
	struct ns_numbers n;
	const char *proc;
	struct joined j = joined__start();
	long mask;
	int status;

	check__eq("numbers in the target before (mask)",
		  actor__run(&j.s.init, op_numbers), 1L << 1);
	joined__finish(&j);
	mask = actor__run(&j.s.init, op_numbers);
	check__eq("numbers in the target after (mask)", mask,
		  1L << 1 | 1L << j.inner);
	proc = joined__proc_of(&j.s.init);
	n = joined__numbers(proc, j.inner, "NSpid");
	check__eq("levels in the container's /proc", n.nr, 1);
	check__eq("NSpid there", n.number[0], j.inner);
	n = joined__numbers(proc, j.inner, "Tgid");
	check__eq("Tgid there", n.number[0], j.inner);
	n = joined__numbers(proc, j.inner, "PPid");
	check__eq("PPid there", n.number[0], 0);

	check__err("kill() by the target's init",
		   actor__call(&j.s.init, op_kill, j.inner, SIGKILL), 0);
	check__eq("the parent reaps it", waitpid(j.now, &status, 0), j.now);
	check__true("it died of SIGKILL", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGKILL);
}

static void parent_by_number(void)
{
	struct joined j = joined__make();
	int status;

	check__err("waitpid(old)", waitpid(j.old, NULL, WNOHANG) < 0 ?
		   -errno : 0, -ECHILD);
	check__err("kill(old)", op_kill(j.old, 0), -ESRCH);
	check__err("kill(-old)", op_kill(-j.old, 0), -ESRCH);
	check__err("kill(new)", op_kill(j.now, 0), 0);
	check__err("kill(-new)", op_kill(-j.now, 0), 0);
	check__eq("getpgid(new)", getpgid(j.now), j.now);
	check__eq("getsid(new)", getsid(j.now), j.now);
	check__err("getpgid(old)", getpgid(j.old) < 0 ? -errno : 0, -ESRCH);
	check__eq("waitpid(new) while it lives",
		  waitpid(j.now, NULL, WNOHANG), 0);
	actor__exit(&j.s.caller, 9);
	check__eq("waitpid(-1)", waitpid(-1, &status, 0), j.now);
	check__true("it exited", WIFEXITED(status));
	check__eq("exit status", WEXITSTATUS(status), 9);
}

static void parent_by_group(void)
{
	struct joined j = joined__make();
	int status;

	check__err("waitpid(-old)", waitpid(-j.old, NULL, WNOHANG) < 0 ?
		   -errno : 0, -ECHILD);
	actor__exit(&j.s.caller, 5);
	check__eq("waitpid(-new)", waitpid(-j.now, &status, 0), j.now);
	check__eq("exit status", WEXITSTATUS(status), 5);
}

static void parent_signal(void)
{
	siginfo_t info;
	struct joined j;

	signal__block(SIGCHLD);
	j = joined__make();
	check__eq("a join sends no SIGCHLD", op_pending(SIGCHLD, 0), 0);
	actor__exit(&j.s.caller, 4);
	check__eq("SIGCHLD at its exit",
		  signal__await(SIGCHLD, ns__limit_ms(1000), &info), SIGCHLD);
	check__eq("si_pid", info.si_pid, j.now);
	check__eq("si_status", info.si_status, 4);
}

static void parent_stops(void)
{
	struct joined j = joined__make();
	int status;

	check__must("SIGSTOP", op_kill(j.now, SIGSTOP));
	check__eq("waitpid(new, WUNTRACED)",
		  waitpid(j.now, &status, WUNTRACED), j.now);
	check__true("it is stopped", WIFSTOPPED(status));
	check__must("SIGCONT", op_kill(j.now, SIGCONT));
	check__eq("waitpid(new, WCONTINUED)",
		  waitpid(j.now, &status, WCONTINUED), j.now);
	check__true("it goes on", WIFCONTINUED(status));
	check__eq("and answers", actor__run(&j.s.caller, op_gettid), j.inner);
}

static void third_namespace(void)
{
	struct actor third;
	int pair[2], on = 1, pidfd, end;
	struct joined j;
	long before, number;

	third = actor__spawn("init of a third pid ns", NULL, CLONE_NEWPID);
	before = actor__run(&third, op_numbers);
	j = joined__make();
	check__eq("numbers in the third pid ns (mask)",
		  actor__run(&third, op_numbers), before);

	pidfd = check__must("pidfd of the new number", ns__pidfd(j.now, 0));
	number = actor__give(&third, pidfd);
	check__err("a signal through a pidfd from there",
		   actor__call(&third, op_pidfd_signal, number, 0), -EINVAL);
	check__err("its pidfd is silent",
		   actor__call(&third, op_poll, number, 0), -ETIMEDOUT);

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) ||
	    setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		check__bail("socketpair: %s", strerror(errno));
	number = actor__give(&third, pair[0]);
	end = actor__give(&j.s.caller, pair[1]);
	check__eq("a message", actor__call(&j.s.caller, op_send, end, 0), 1);
	check__eq("its sender, for the third pid ns",
		  actor__call(&third, op_receive_pid, number, 0), 0);
	number = actor__give(&j.s.init, pair[0]);
	check__eq("a message", actor__call(&j.s.caller, op_send, end, 0), 1);
	check__eq("its sender, for the target's init",
		  actor__call(&j.s.init, op_receive_pid, number, 0), j.inner);
}

static void pidfds(void)
{
	struct joined j = joined__make();
	int pidfd, got;

	got = ns__poll(j.s.caller.pidfd, POLLIN, run__patience());
	check__true("pidfd of the old number: POLLIN and POLLHUP",
		    got > 0 && got & POLLIN && got & POLLHUP);
	check__err("a signal through it", op_pidfd_signal(j.s.caller.pidfd, 0),
		   -ESRCH);
	check__err("waitid(P_PIDFD) on it",
		   op_wait_pidfd(j.s.caller.pidfd, WNOHANG), -ECHILD);

	pidfd = check__must("pidfd of the new number", ns__pidfd(j.now, 0));
	check__err("it is silent", ns__poll(pidfd, POLLIN, 0), -ETIMEDOUT);
	check__err("a signal through it", op_pidfd_signal(pidfd, 0), 0);
	actor__exit(&j.s.caller, 0);
	check__true("it reports the exit",
		    ns__poll(pidfd, POLLIN, run__patience()) & POLLIN);
	check__eq("waitid(P_PIDFD) on it", op_wait_pidfd(pidfd, 0), j.now);
}

static void pidfd_poller(void)
{
	struct actor watcher;
	struct joined j = joined__start();
	long number, got;

	watcher = actor__spawn("watcher", NULL, 0);
	number = actor__give(&watcher, j.s.caller.pidfd);
	/* A poll checks its fd at its timeout even without a wake-up. */
	actor__ask(&watcher, op_poll, number, -1);
	actor__wait_asleep(&watcher);
	joined__finish(&j);
	if (!check__true("a poll that slept on the old number is woken",
			 !actor__pending(&watcher, run__patience() / 2)))
		return;
	got = actor__answer(&watcher);
	check__true("... and told that it hangs up",
		    got > 0 && got & POLLIN && got & POLLHUP);
}

/* --- waits that began before the join ------------------------------------ */

enum wait_kind { BLOCKED_PID, BLOCKED_GROUP, BLOCKED_PIDFD, BLOCKED_ANY };

static const struct blocked_wait {
	enum wait_kind kind;
	bool returns_child;	/* at its exit; else ECHILD at the join */
} blocked_waits[] = {
	{ BLOCKED_PID, false },
	{ BLOCKED_GROUP, false },
	{ BLOCKED_PIDFD, false },
	{ BLOCKED_ANY, true },
};

static void begin_wait(const struct actor *parent, enum wait_kind kind,
		       const struct actor *child)
{
	long number;

	switch (kind) {
	case BLOCKED_PID:
		actor__ask(parent, op_waitpid, child->pid, 0);
		break;
	case BLOCKED_GROUP:
		actor__ask(parent, op_waitpid, -child->pid, 0);
		break;
	case BLOCKED_PIDFD:
		number = actor__give(parent, child->pidfd);
		actor__ask(parent, op_wait_pidfd, number, 0);
		break;
	case BLOCKED_ANY:
		actor__ask(parent, op_waitpid, -1, 0);
		break;
	}
	actor__wait_asleep(parent);
}

static void blocked_wait(const void *arg)
{
	const struct blocked_wait *w = arg;
	struct actor parent, caller, init;
	long inner;
	pid_t now;
	int nsfd;

	init = actor__spawn("init of the target", NULL, CLONE_NEWPID);
	nsfd = check__must("target", ns__open(init.pid, "pid"));
	parent = actor__spawn("parent", NULL, 0);
	caller = actor__spawn("caller", &parent, 0);
	check__must("setsid", actor__run(&caller, op_setsid));
	begin_wait(&parent, w->kind, &caller);
	check__err("setns", scene__enter(&caller, nsfd, 0), 0);
	inner = actor__run(&caller, op_gettid);
	now = joined__find(parent.pid, inner, 2);
	if (!w->returns_child) {
		if (actor__pending(&parent, run__patience()))
			check__bail("the parent still waits for the old number");
		check__err("the wait", actor__answer(&parent), -ECHILD);
		actor__ask(&parent, op_waitpid, -1, 0);
	}
	actor__exit(&caller, 6);
	check__eq("waitpid(-1)", actor__answer(&parent), now);
	check__eq("exit status",
		  WEXITSTATUS(actor__run(&parent, op_wait_status)), 6);
}

static void old_number_is_free(void)
{
	struct actor heir;
	struct joined j;

	if (file__get(LAST_PID) < 0)
		check__skip("no %s", LAST_PID);
	j = joined__make();
	check__must(LAST_PID, file__set(LAST_PID, j.old - 1));
	heir = actor__spawn("heir of the old number", NULL, 0);
	check__eq("the old number is given out again", heir.pid, j.old);
	check__must("kill the heir", op_kill(j.old, SIGKILL));
	check__eq("waitpid(old) is the heir's", waitpid(j.old, NULL, 0),
		  j.old);
	check__eq("the joined task is not touched",
		  actor__run(&j.s.caller, op_gettid), j.inner);
}

/* The seed does not move PIDTYPE_TGID; these cases show what this breaks. */
#define VIEW(name, fn) CASE(WHERE_MOVES, "view: " name, fn)
/* These hold for a join that keeps the struct pid, too. */
#define VIEW_BOTH(name, fn) \
	VIEW(name, fn), CASE(WHERE_KEEP, "keep: view: " name, fn)
#define WAIT(name, i) \
	CASE_WITH(WHERE_MOVES, "view: " name, blocked_wait, &blocked_waits[i])

static const struct test_case cases[] = {
	VIEW("the caller has one new number for all four ids", caller_numbers),
	VIEW("/proc/self follows in host's and container's mount",
	     caller_proc),
	VIEW("/proc lists it once, by its new number", proc_lists),
	VIEW("a file lock names the new number", file_lock),
	VIEW("the kernel logs it by its new number", logged_number),
	VIEW("a tracer attaches to the new number", tracing),
	VIEW_BOTH("fds and other namespaces of the caller are unchanged",
	     caller_rest),
	VIEW_BOTH("the target's init sees and can kill it", init_sees),
	VIEW("the parent waits for and signals the new number only",
	     parent_by_number),
	VIEW("the parent waits by process group", parent_by_group),
	VIEW("the parent's SIGCHLD names the new number", parent_signal),
	VIEW_BOTH("the parent sees stop and continue", parent_stops),
	VIEW_BOTH("a third pid ns sees nothing", third_namespace),
	VIEW("pidfds: old number hangs up, new number is silent till exit",
	     pidfds),
	VIEW("pidfds: a sleeping poll is woken", pidfd_poller),
	WAIT("a parent asleep in waitpid(old) gets ECHILD", 0),
	WAIT("a parent asleep in waitpid(-old) gets ECHILD", 1),
	WAIT("a parent asleep in waitid(P_PIDFD, old) gets ECHILD", 2),
	WAIT("a parent asleep in waitpid(-1) gets the new number", 3),
	VIEW("the old number is free for another task", old_number_is_free),
};

PROGRAM_PART(cases_view__add, cases)
