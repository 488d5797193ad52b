// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoint task:pid_rewrite as seen without a BPF program: by ftrace,
 * which prints the event, and by perf, which counts it.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "joined.h"
#include "ns.h"
#include "ops.h"
#include "tracing.h"

#define EVENT TRACING "/events/task/pid_rewrite/"

/* Not the name of any program, and with a blank. */
#define COMM "who joins"

/* A join as seen by other tasks. */
struct seen {
	pid_t old, now;		/* for the director */
	pid_t inner;		/* in the target */
	int level;
	long inum;		/* the target's */
};

/* Enables the event. Bails on a kernel that has tracefs but lacks the event. */
static void watch(void)
{
	tracing__begin();
	check__must(EVENT "enable", file__set(EVENT "enable", 1));
}

static void name_caller(const struct joined *j)
{
	check__must("PR_SET_NAME", actor__call(&j->s.caller, op_prctl,
					       PR_SET_NAME, (long)COMM));
}

/* Returns the number of lines about joins; @last gets the last of them. */
static int told(char *last, size_t size)
{
	static char text[16384];
	char *line, *rest = text;
	int nr = 0;

	*last = '\0';
	tracing__read(text, sizeof(text));
	while ((line = strsep(&rest, "\n"))) {
		if (*line == '#' || !strstr(line, "pid_rewrite:"))
			continue;
		nr++;
		snprintf(last, size, "%s", line);
	}
	return nr;
}

static void expect_told(const char *line, const struct seen *s)
{
	const char *event = strstr(line, "pid_rewrite:");
	char wanted[256];

	snprintf(wanted, sizeof(wanted),
		 "pid_rewrite: comm=%s old_pid=%d new_pid=%d level=%d ns_pid=%d ns_inum=%ld",
		 COMM, s->old, s->now, s->level, s->inner, s->inum);
	check__str("what is printed", event ? event : line, wanted);
	snprintf(wanted, sizeof(wanted), "-%d ", s->now);
	check__true("it comes from the new number", strstr(line, wanted));
}

/* Makes a joined task join one level further down. */
static struct seen go_deeper(const struct joined *j)
{
	struct seen s = { .old = j->now, .level = 2 };
	struct actor init;
	int nsfd;

	init = actor__spawn("init below the target", &j->s.init, CLONE_NEWPID);
	nsfd = check__must("target below", ns__open(init.pid, "pid"));
	check__err("setns", scene__enter(&j->s.caller, nsfd, CLONE_NEWPID), 0);
	s.inner = actor__run(&j->s.caller, op_gettid);
	s.now = joined__find(getpid(), s.inner, 3);
	s.inum = ns__id(init.pid, "pid");
	close(nsfd);
	return s;
}

static struct seen seen(const struct joined *j)
{
	return (struct seen){
		.old = j->old, .now = j->now, .inner = j->inner, .level = 1,
		.inum = ns__id(j->s.init.pid, "pid"),
	};
}

static void prints_joins(void)
{
	char line[512];
	struct joined j = joined__start();
	struct seen s;

	name_caller(&j);
	watch();
	check__eq("lines before the join", told(line, sizeof(line)), 0);
	joined__finish(&j);
	s = seen(&j);
	check__eq("lines after it", told(line, sizeof(line)), 1);
	expect_told(line, &s);
	s = go_deeper(&j);
	check__eq("lines after the next", told(line, sizeof(line)), 2);
	expect_told(line, &s);
	tracing__end();
}

/*
 * A vfork child is refused after its new number was allocated: a task that
 * shares its memory cannot enter a time namespace.
 */
static long refused_late(long pidfd, long b __maybe_unused)
{
	static volatile long err;
	pid_t pid;

	pid = vfork();
	if (!pid) {
		setsid();
		err = ns__set(pidfd, CLONE_NEWPID | CLONE_NEWTIME);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return -errno;
	return err;
}

/* Provokes two refusals: by the checks of a join, and by a later namespace. */
static void refuse(const struct joined *j)
{
	struct actor parent = actor__spawn("parent of a vfork child", NULL, 0);
	int own = check__must("own pid ns", ns__open(0, "pid"));
	long number;

	check__err("setns to the own pid ns",
		   scene__enter(&j->s.caller, own, CLONE_NEWPID), -EPERM);
	number = actor__give(&parent, j->s.init.pidfd);
	check__err("setns(pidfd, CLONE_NEWPID | CLONE_NEWTIME)",
		   actor__call(&parent, refused_late, number, 0), -EUSERS);
	close(own);
}

static void prints_no_refusal(void)
{
	char line[512];
	struct joined j = joined__start();

	watch();
	refuse(&j);
	check__eq("lines after setns has failed", told(line, sizeof(line)), 0);
	check__str("the line", line, "");
	/* The control: a successful join is printed. */
	joined__finish(&j);
	check__eq("lines after a join", told(line, sizeof(line)), 1);
	tracing__end();
}

/* Counts the event in task @pid on all CPUs. */
static int perf_counter(pid_t pid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = check__must(EVENT "id", file__get(EVENT "id")),
	};
	int fd = syscall(SYS_perf_event_open, &attr, pid, -1, -1,
			 PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 && errno == ENOSYS)
		check__skip("no perf events");
	return check__must("perf_event_open", fd < 0 ? -errno : fd);
}

static long counted(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? (long)count :
								  -errno;
}

static void perf_counts(void)
{
	struct joined j = joined__start();
	int caller, init;

	tracing__begin();
	caller = perf_counter(j.s.caller.pid);
	init = perf_counter(j.s.init.pid);
	tracing__end();
	refuse(&j);
	check__eq("counted after setns has failed", counted(caller), 0);
	joined__finish(&j);
	check__eq("counted after the join", counted(caller), 1);
	go_deeper(&j);
	check__eq("counted after the next", counted(caller), 2);
	check__eq("counted in the target's init", counted(init), 0);
	close(caller);
	close(init);
}

#define TRACE(name, fn) CASE(WHERE_JOIN, "trace: " name, fn)

static const struct test_case cases[] = {
	TRACE("task:pid_rewrite is printed for each join", prints_joins),
	TRACE("task:pid_rewrite is not printed when setns fails",
	      prints_no_refusal),
	TRACE("perf counts task:pid_rewrite in the task that joins",
	      perf_counts),
};

PROGRAM_PART(cases_trace__add, cases)
