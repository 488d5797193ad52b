// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of children: in the results of wait4() and waitid(), and in SIGCHLD. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "ns.h"
#include "numbers.h"
#include "ops.h"

/* Where the parent is: the level of its numbers. */
enum place { OUTSIDE, IN_MIDDLE };

static const struct family {
	enum place parent;
	unsigned long long child;	/* flags of its clone() */
	bool traced;			/* by a process outside */
} families[] = {
	{ .parent = OUTSIDE },
	{ .parent = OUTSIDE, .child = CLONE_NEWPID },
	{ .parent = IN_MIDDLE },
	{ .parent = IN_MIDDLE, .child = CLONE_NEWPID },
	{ .parent = IN_MIDDLE, .traced = true },
	{ .parent = IN_MIDDLE, .child = CLONE_NEWPID, .traced = true },
};

/* An event as a parent or tracer learns it. */
struct seen {
	siginfo_t signal, wait;
	pid_t reaped;		/* by wait4(), after an exit */
};

/* In the parent or tracer: awaits SIGCHLD, then waits for the event. */
static long see(long seen_, long options)
{
	struct seen *s = (struct seen *)seen_;

	s->signal.si_pid = s->wait.si_pid = s->reaped = -1;
	if (signal__await(SIGCHLD, run__patience() / 2, &s->signal) < 0)
		return -errno;
	/* WNOWAIT leaves an exit to wait4(). */
	if (waitid(P_ALL, 0, &s->wait, options | WNOHANG |
		   (options & WEXITED ? WNOWAIT : 0)))
		return -errno;
	if (options & WEXITED)
		s->reaped = waitpid(-1, NULL, WNOHANG);
	return 0;
}

static void expect_event(const char *what, const struct actor *who, int options,
			 int code, pid_t number)
{
	struct seen *s = shared__alloc(sizeof(*s));

	check__note("%s, %s", what, who->name);
	check__err("SIGCHLD and waitid", actor__call(who, see, (long)s, options),
		   0);
	check__eq("si_pid of SIGCHLD", s->signal.si_pid, number);
	check__eq("si_code of SIGCHLD", s->signal.si_code, code);
	check__eq("si_pid of waitid()", s->wait.si_pid, number);
	if (options & WEXITED)
		check__eq("wait4()", s->reaped, number);
}

static void stop_and_exit(const void *arg)
{
	const struct family *f = arg;
	struct actor parent, child, tracer;
	struct ns_numbers n;
	struct world w;

	world__build(&w);
	parent = actor__spawn("parent", f->parent == OUTSIDE ? NULL :
			      &w.reader[READER_MIDDLE], 0);
	check__must("SIGCHLD", actor__call(&parent, op_block, SIGCHLD, 0));
	child = actor__spawn("child", &parent, f->child);
	n = joined__numbers(NULL, child.pid, "NSpid");
	if (f->traced) {
		tracer = w.reader[READER_OUTER];
		check__must("SIGCHLD", actor__call(&tracer, op_block, SIGCHLD, 0));
		check__must("PTRACE_SEIZE", actor__call(&tracer, op_seize,
							child.pid, 0));
	} else {
		check__must("SIGSTOP", op_kill(child.pid, SIGSTOP));
		expect_event("stop", &parent, WSTOPPED, CLD_STOPPED,
			     n.number[f->parent]);
		check__must("SIGCONT", op_kill(child.pid, SIGCONT));
		expect_event("continue", &parent, WCONTINUED, CLD_CONTINUED,
			     n.number[f->parent]);
	}
	actor__exit(&child, 0);
	if (f->traced)
		expect_event("exit", &tracer, WEXITED, CLD_EXITED, n.number[0]);
	expect_event("exit", &parent, WEXITED, CLD_EXITED, n.number[f->parent]);
}

#define FAMILY(i, name) \
	CASE_WITH(WHERE_ALWAYS, "wait: number of a child, " name, stop_and_exit, \
		  &families[i])

static const struct test_case cases[] = {
	FAMILY(0, "both outside"),
	FAMILY(1, "parent outside, child in a new ns"),
	FAMILY(2, "both in the middle"),
	FAMILY(3, "parent in the middle, child in a new ns"),
	FAMILY(4, "both in the middle, tracer outside"),
	FAMILY(5, "in three namespaces, tracer outside"),
};

PROGRAM_PART(numbers_wait__add, cases)
