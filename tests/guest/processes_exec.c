// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve() by a thread, which takes over the number of the leader: numbers, relatives,
 * pidfds, the time of its creation, signals that arrive meanwhile, and the tracer's view
 * of the old number. And which execve() clears the parent death signal.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/array.h"
#include "ns.h"
#include "ops.h"
#include "processes.h"

static const int same_ns, new_ns = CLONE_NEWPID;

/* --- identity ------------------------------------------------------------ */

static long open_own_pidfd(long a __maybe_unused, long b __maybe_unused)
{
	return ns__pidfd(getpid(), 0);
}

static void keeps_identity(const void *arg)
{
	const int *flags = arg;
	struct actor x = actor__spawn("process", NULL, *flags);
	struct actor child = actor__spawn("child", &x, 0);
	long pid, tid, parent, group, session, pidfd, start;

	pid = actor__run(&x, op_getpid);
	parent = actor__run(&x, op_getppid);
	group = actor__run(&x, op_getpgrp);
	session = actor__run(&x, op_getsid);
	pidfd = check__must("pidfd", actor__run(&x, open_own_pidfd));
	start = check__must("start time", ns__start_time(x.pid));
	/* The thread starts later than the process. */
	poll(NULL, 0, 2 * NS_TICK_MS);
	check__must("a second thread", actor__call(&x, actor__move, 1, 0));
	tid = actor__run(&x, op_gettid);
	check__ne("the second thread's number", tid, pid);
	check__err("exec", actor__run(&x, actor__exec), 0);

	check__eq("getpid()", actor__run(&x, op_getpid), pid);
	check__eq("gettid()", actor__run(&x, op_gettid), pid);
	check__eq("getppid()", actor__run(&x, op_getppid), parent);
	check__eq("getpgrp()", actor__run(&x, op_getpgrp), group);
	check__eq("getsid()", actor__run(&x, op_getsid), session);
	check__eq("the start time", ns__start_time(x.pid), start);
	check__err("the thread's number", actor__call(&x, op_kill, tid, 0), -ESRCH);
	check__eq("threads", actor__call(&x, op_thread, 1, 0), -ESRCH);
	check__eq("getppid() of the child", actor__run(&child, op_getppid), pid);
	check__err("a pidfd reports nothing", ns__wait_dead(x.pidfd, 0), -ETIMEDOUT);
	check__err("and sends signals", op_pidfd_signal(x.pidfd, 0), 0);
	check__err("a pidfd inside is closed", actor__call(&x, op_close, pidfd, 0),
		   -EBADF);
	actor__exit(&child, 0);
	check__true("it reaps its child", reap_by(&x, &child) > 0);
	actor__exit(&x, 8);
	check__err("the pidfd reports its end", ns__wait_dead(x.pidfd, run__patience()),
		   0);
	check_end("the parent reaps it", x.pid, 0, 8);
}

/* --- signals meanwhile --------------------------------------------------- */

/* A signal that arrives while an exec waits for the other threads. */
struct meanwhile {
	int flags;		/* CLONE_NEWPID */
	bool by_thread;		/* the exec is by a second thread */
	int sig;
	bool blocked;		/* it stays pending, or it ends the process */
};

/* Seizes thread @n so that it stops before its exit, and makes the actor execute. */
static pid_t hold_exec(const struct actor *x, int n)
{
	pid_t tid = check__must("tid", actor__call(x, op_thread, n, 0));

	check__must("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACEEXIT) ?
		    -errno : 0);
	actor__ask(x, actor__exec, 0, 0);
	check_event("the other thread exits", tid, PTRACE_EVENT_EXIT);
	return tid;
}

static void gets_signal(const void *arg)
{
	const struct meanwhile *m = arg;
	struct actor x = actor__spawn("process", NULL, m->flags);
	int status;
	pid_t tid;

	if (m->blocked)
		check__must("block", actor__call(&x, op_block, m->sig, 0));
	check__must("thread", actor__run(&x, op_add_thread));
	if (m->by_thread)
		check__must("one more", actor__call(&x, actor__move, 1, 0));
	tid = hold_exec(&x, 1);
	check__err("kill", op_kill(x.pid, m->sig), 0);
	/* A fatal signal has ended the stop. */
	ptrace(PTRACE_CONT, tid, 0, 0);
	check__eq("the tracer reaps the thread",
		  await_child(tid, __WALL, &status), tid);
	if (!m->blocked) {
		check_end("the process ends", x.pid, m->sig, 0);
		return;
	}
	check__err("exec", actor__answer(&x), 0);
	check__eq("the signal is pending", actor__call(&x, op_pending, m->sig, 0), 1);
}

/* --- the tracer and the old number --------------------------------------- */

/* Waits until a tracee stops, without taking the event. */
static void await_stop(pid_t pid)
{
	const int options = WEXITED | WSTOPPED | WNOWAIT | WNOHANG | __WALL;
	siginfo_t info = { .si_pid = 0 };
	const long end = ns__now_ms() + run__patience();

	while (waitid(P_PID, pid, &info, options) || info.si_pid != pid) {
		if (ns__now_ms() > end)
			check__bail("%d does not stop", pid);
		poll(NULL, 0, 1);
	}
}

/*
 * After an exec by a thread, the number of the leader names the thread. Until the
 * tracer has seen the event, requests for this number fail: the tracer means the old
 * leader.
 */
static void old_leader(const void *arg)
{
	const int *flags = arg;
	struct actor x = actor__spawn("process", NULL, *flags);
	unsigned long msg = 0;
	pid_t tid;

	check__must("a second thread", actor__call(&x, actor__move, 1, 0));
	tid = check__must("tid", actor__call(&x, op_thread, 1, 0));
	check__must("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, x.pid, 0, PTRACE_O_TRACEEXEC) ?
		    -errno : 0);
	check__must("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACEEXEC) ?
		    -errno : 0);
	actor__ask(&x, actor__exec, 0, 0);
	await_stop(x.pid);
	check__err("PTRACE_CONT", ptrace(PTRACE_CONT, x.pid, 0, 0) ? -errno : 0,
		   -ESRCH);
	check__err("PTRACE_GETEVENTMSG",
		   ptrace(PTRACE_GETEVENTMSG, x.pid, 0, &msg) ? -errno : 0, -ESRCH);
	check__err("by the thread's number",
		   ptrace(PTRACE_CONT, tid, 0, 0) ? -errno : 0, -ESRCH);
	check_event("the tracer sees the exec", x.pid, PTRACE_EVENT_EXEC);
	check__err("PTRACE_GETEVENTMSG",
		   ptrace(PTRACE_GETEVENTMSG, x.pid, 0, &msg) ? -errno : 0, 0);
	check__eq("the message", msg, tid);
	check__err("PTRACE_CONT", ptrace(PTRACE_CONT, x.pid, 0, 0) ? -errno : 0, 0);
	check__err("exec", actor__answer(&x), 0);
}

/* An exec by the leader itself: requests work at once. */
static void same_leader(const void *arg)
{
	const int *flags = arg;
	struct actor x = actor__spawn("process", NULL, *flags);

	check__must("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, x.pid, 0, PTRACE_O_TRACEEXEC) ?
		    -errno : 0);
	actor__ask(&x, actor__exec, 0, 0);
	await_stop(x.pid);
	check__err("PTRACE_CONT", ptrace(PTRACE_CONT, x.pid, 0, 0) ? -errno : 0, 0);
	check__err("exec", actor__answer(&x), 0);
}

/* --- the parent death signal --------------------------------------------- */

#define PLAIN_UID 1000
#define PROGRAM "/tmp/processes-death-signal"

static long death_signal(long a __maybe_unused, long b __maybe_unused)
{
	int sig = -1;

	return prctl(PR_GET_PDEATHSIG, &sig) ? -errno : sig;
}

static long forbid_privileges(long a __maybe_unused, long b __maybe_unused)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

/* The parent death signal protects nobody from a program with other rights. */
static const struct death_exec {
	const char *what;
	mode_t mode;		/* permissions of the program, which root owns */
	uid_t uid;		/* the user of the process */
	bool no_new_privs;
	bool kept;
} death_execs[] = {
	{ "a plain program, by a user", 0755, PLAIN_UID, .kept = true },
	{ "a set-user-id program, by a user", 04755, PLAIN_UID, .kept = false },
	{ "a set-group-id program, by a user", 02755, PLAIN_UID, .kept = false },
	{ "a set-user-id program without new rights, by a user", 04755, PLAIN_UID,
	  .no_new_privs = true, .kept = true },
	{ "a plain program, by root", 0755, 0, .kept = true },
	{ "a set-user-id program, by root", 04755, 0, .kept = true },
};

static void check_death_exec(const struct death_exec *e)
{
	struct actor x = actor__spawn("process", NULL, 0);

	check__note("%s", e->what);
	copy_program(PROGRAM, e->mode);
	if (e->uid)
		check__must("become a plain user",
			    actor__call(&x, op_become, e->uid, 0));
	if (e->no_new_privs)
		check__must("PR_SET_NO_NEW_PRIVS", actor__run(&x, forbid_privileges));
	check__must("PR_SET_PDEATHSIG",
		    actor__call(&x, op_prctl, PR_SET_PDEATHSIG, SIGUSR1));
	check__err("exec", actor__call(&x, actor__exec, (long)PROGRAM, 0), 0);
	check__eq("the signal", actor__run(&x, death_signal), e->kept ? SIGUSR1 : 0);
	unlink(PROGRAM);
}

static void exec_clears_death_signal(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(death_execs); i++)
		check_death_exec(&death_execs[i]);
}

/* The raw calls, as those of libc change the ids of all threads. */
static long set_uid(long uid, long b __maybe_unused)
{
	return syscall(SYS_setuid, uid) ? -errno : 0;
}

static long set_gid(long gid, long b __maybe_unused)
{
	return syscall(SYS_setgid, gid) ? -errno : 0;
}

static long set_real_uid(long uid, long b __maybe_unused)
{
	return syscall(SYS_setresuid, uid, -1, -1) ? -errno : 0;
}

static long set_fsuid(long uid, long b __maybe_unused)
{
	setfsuid(uid);
	return 0;
}

static long set_fsgid(long gid, long b __maybe_unused)
{
	setfsgid(gid);
	return 0;
}

/* A change of effective or file system ids clears the signal as well. */
static void ids_clear_death_signal(void)
{
	static const struct {
		const char *what;
		actor_fn *change;
		long id;
		bool kept;
	} changes[] = {
		{ "setuid() to another", set_uid, PLAIN_UID, .kept = false },
		{ "setuid() to the same", set_uid, 0, .kept = true },
		{ "setgid() to another", set_gid, PLAIN_UID, .kept = false },
		{ "setfsuid()", set_fsuid, PLAIN_UID, .kept = false },
		{ "setfsgid()", set_fsgid, PLAIN_UID, .kept = false },
		{ "the real uid alone", set_real_uid, PLAIN_UID, .kept = true },
		{ "fewer capabilities", op_drop_admin, 0, .kept = true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct actor x = actor__spawn("process", NULL, 0);

		check__must("PR_SET_PDEATHSIG",
			    actor__call(&x, op_prctl, PR_SET_PDEATHSIG, SIGUSR1));
		check__err(changes[i].what,
			   actor__call(&x, changes[i].change, changes[i].id, 0), 0);
		check__eq("the signal", actor__run(&x, death_signal),
			  changes[i].kept ? SIGUSR1 : 0);
	}
}

#define BOTH(name, fn) \
	PROCESS_WITH("exec: " name, fn, &same_ns), \
	PROCESS_WITH("exec: in a new pid ns, " name, fn, &new_ns)
#define SIGNAL(name, ...) \
	PROCESS_WITH("exec: does not lose " name, gets_signal, \
		     (&(const struct meanwhile){ __VA_ARGS__ }))

static const struct test_case cases[] = {
	BOTH("a thread takes over the leader's identity", keeps_identity),
	BOTH("the old number is not for the tracer until it has waited", old_leader),
	BOTH("the same number is for the tracer at once", same_leader),
	PROCESS("exec: clears the parent death signal with a set-id program alone",
		exec_clears_death_signal),
	PROCESS("exec: other ids clear the parent death signal as well",
		ids_clear_death_signal),
	SIGNAL("SIGKILL", .sig = SIGKILL),
	SIGNAL("SIGTERM", .sig = SIGTERM),
	SIGNAL("a blocked signal", .sig = SIGUSR1, .blocked = true),
	SIGNAL("SIGKILL, by a thread", .sig = SIGKILL, .by_thread = true),
	SIGNAL("SIGTERM, by a thread", .sig = SIGTERM, .by_thread = true),
	SIGNAL("a blocked signal, by a thread", .sig = SIGUSR1, .blocked = true,
	       .by_thread = true),
	SIGNAL("SIGKILL to an init", .flags = CLONE_NEWPID, .sig = SIGKILL),
	SIGNAL("SIGKILL to an init, by a thread", .flags = CLONE_NEWPID,
	       .sig = SIGKILL, .by_thread = true),
};

PROGRAM_PART(exec__add, cases)
