// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracer of a caller that joins and keeps its struct pid: each event after the join
 * comes under the old number, and messages have the numbers of the tracer's namespace.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"

#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC | \
		 PTRACE_O_TRACEEXIT)

static void request(const char *what, enum __ptrace_request r, pid_t pid, long data)
{
	check__err(what, ptrace(r, pid, 0, data) ? -errno : 0, 0);
}

static void expect_stop(const char *what, pid_t pid, int stop)
{
	int status = 0;

	check__eq(what, waitpid(pid, &status, __WALL), pid);
	check__eq("its stop", status >> 8, stop);
}

static void expect_event(const char *what, pid_t pid, int event)
{
	expect_stop(what, pid, SIGTRAP | event << 8);
}

static long message(pid_t pid)
{
	unsigned long msg = 0;

	return ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg) ? -errno : (long)msg;
}

static void attach(const struct kept *k)
{
	request("PTRACE_SEIZE", PTRACE_SEIZE, k->pid, OPTIONS);
	request("PTRACE_INTERRUPT", PTRACE_INTERRUPT, k->pid, 0);
	expect_event("the tracee stops", k->pid, PTRACE_EVENT_STOP);
}

/* Goes from one system call stop to the next until that at the exit of setns(). */
static long result_of_setns(pid_t pid)
{
	struct __ptrace_syscall_info info = { .op = 0 };
	bool entered = false;

	for (;;) {
		request("PTRACE_SYSCALL", PTRACE_SYSCALL, pid, 0);
		expect_stop("a system call", pid, SIGTRAP | 0x80);
		check__must("PTRACE_GET_SYSCALL_INFO",
			    ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info),
				   &info) < 0 ? -errno : 0);
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			entered = info.entry.nr == SYS_setns;
		else if (entered)
			return info.exit.rval;
	}
}

/* Makes the tracee join between two of its stops. */
static void join_traced(struct kept *k)
{
	attach(k);
	actor__ask(&k->s.caller, op_setns, k->s.caller_nsfd, CLONE_NEWPID);
	check__err("setns, seen by the tracer", result_of_setns(k->pid), 0);
	k->inner = kept__check_numbers(k->pid, &k->was);
	request("PTRACE_CONT", PTRACE_CONT, k->pid, 0);
	check__err("setns", actor__answer(&k->s.caller), 0);
}

static void sees_setns(void)
{
	struct kept k = kept__start(NULL);
	int status;

	join_traced(&k);
	check__eq("getpid()", actor__run(&k.s.caller, op_getpid), k.inner);
	check__must("SIGUSR1", op_kill(k.pid, SIGUSR1));
	expect_stop("a signal", k.pid, SIGUSR1);
	request("PTRACE_DETACH", PTRACE_DETACH, k.pid, SIGKILL);
	check__eq("its end", waitpid(k.pid, &status, 0), k.pid);
	check__true("by SIGKILL", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGKILL);
}

static void sees_fork(void)
{
	struct kept k = kept__start(NULL);
	struct ns_numbers n;
	long child;

	join_traced(&k);
	actor__ask(&k.s.caller, op_fork_sleeper, 0, 0);
	expect_event("the fork", k.pid, PTRACE_EVENT_FORK);
	child = check__must("PTRACE_GETEVENTMSG", message(k.pid));
	n = joined__numbers(NULL, child, "NSpid");
	check__eq("levels of the child", n.nr, 2);
	check__eq("its parent",
		  joined__numbers(NULL, child, "PPid").number[0], k.pid);
	expect_event("the child's first stop", child, PTRACE_EVENT_STOP);
	request("the child goes on", PTRACE_CONT, child, 0);
	request("the caller goes on", PTRACE_CONT, k.pid, 0);
	check__eq("fork() returns the number in the target",
		  actor__answer(&k.s.caller), n.number[1]);
}

static void sees_exec_and_exit(void)
{
	struct kept k = kept__start(NULL);
	int status;

	join_traced(&k);
	actor__ask(&k.s.caller, actor__exec, 0, 0);
	expect_event("the exec", k.pid, PTRACE_EVENT_EXEC);
	check__eq("PTRACE_GETEVENTMSG, the former number", message(k.pid), k.pid);
	request("it goes on", PTRACE_CONT, k.pid, 0);
	check__err("exec", actor__answer(&k.s.caller), 0);
	check__must("SIGKILL", op_kill(k.pid, SIGTERM));
	expect_stop("a signal", k.pid, SIGTERM);
	request("it gets it", PTRACE_CONT, k.pid, SIGTERM);
	expect_event("the exit", k.pid, PTRACE_EVENT_EXIT);
	check__eq("PTRACE_GETEVENTMSG, the status", message(k.pid), SIGTERM);
	request("it goes on", PTRACE_CONT, k.pid, 0);
	check__eq("its end", waitpid(k.pid, &status, 0), k.pid);
	check__true("by SIGTERM", WIFSIGNALED(status) &&
		    WTERMSIG(status) == SIGTERM);
}

/* A tracer that is not the parent, and goes away. */
static void other_tracer(void)
{
	struct actor tracer = actor__spawn("tracer", NULL, 0);
	struct kept k = kept__start(NULL);

	check__must("PTRACE_SEIZE", actor__call(&tracer, op_seize, k.pid, 0));
	kept__finish(&k);
	check__eq("TracerPid outside",
		  joined__numbers(NULL, k.pid, "TracerPid").number[0], tracer.pid);
	check__eq("TracerPid inside",
		  joined__numbers(joined__proc_of(&k.s.init), k.inner,
				  "TracerPid").number[0], 0);
	check__must("SIGSTOP", op_kill(k.pid, SIGSTOP));
	check__eq("the tracer sees a stop",
		  actor__call(&tracer, op_waitpid, k.pid, __WALL), k.pid);
	actor__exit(&tracer, 0);
	check__must("SIGCONT", op_kill(k.pid, SIGCONT));
	check__eq("the caller goes on", actor__run(&k.s.caller, op_getpid),
		  k.inner);
}

/* Tracers that attach after the join, each by its own number for the caller. */
static void attach_later(void)
{
	struct kept k = kept__make();

	check__err("PTRACE_SEIZE by the target's init",
		   actor__call(&k.s.init, op_seize, k.inner, 0), 0);
	check__eq("TracerPid inside",
		  joined__numbers(joined__proc_of(&k.s.init), k.inner,
				  "TracerPid").number[0], 1);
	check__must("SIGSTOP", op_kill(k.pid, SIGSTOP));
	check__eq("the init sees a stop",
		  actor__call(&k.s.init, op_waitpid, k.inner, __WALL), k.inner);
	check__err("PTRACE_SEIZE by another", op_seize(k.pid, 0), -EPERM);
}

#define TRACER(name, fn) KEEP("tracer: " name, fn)

static const struct test_case cases[] = {
	TRACER("the exit of setns() and a signal come under the old number",
	       sees_setns),
	TRACER("a fork is reported with the tracer's number of the child",
	       sees_fork),
	TRACER("exec and exit come under the old number", sees_exec_and_exit),
	TRACER("one that is not the parent goes on", other_tracer),
	TRACER("the target's init attaches by the new number", attach_later),
};

PROGRAM_PART(keep_tracer__add, cases)
