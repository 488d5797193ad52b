// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tracepoint task:pid_deepen as ftrace prints it: once for each join that keeps the
 * struct pid, and not when setns() fails. task:pid_rewrite is for other joins.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "joined.h"
#include "keep.h"
#include "ops.h"
#include "tracing.h"

#define DEEPEN TRACING "/events/task/pid_deepen/enable"
#define REWRITE TRACING "/events/task/pid_rewrite/enable"

/* A name that no program has, with a blank. */
#define COMM "who deepens"

static void watch(void)
{
	tracing__begin();
	check__must(DEEPEN, file__set(DEEPEN, 1));
	check__must(REWRITE, file__set(REWRITE, 1));
}

/* Returns the number of lines about joins of either kind; @last gets the last. */
static int printed(char *last, size_t size)
{
	static char text[16384];
	char *line, *rest = text;
	int nr = 0;

	*last = '\0';
	tracing__read(text, sizeof(text));
	while ((line = strsep(&rest, "\n"))) {
		if (*line == '#' ||
		    !(strstr(line, "pid_deepen:") || strstr(line, "pid_rewrite:")))
			continue;
		nr++;
		snprintf(last, size, "%s", line);
	}
	return nr;
}

/* Checks the last of @nr lines, about process @pid at level @level. */
static void expect_line(int nr, pid_t pid, int level, const struct actor *init)
{
	struct ns_numbers now = joined__numbers(NULL, pid, "NSpid");
	char line[512], want[256];
	const char *event;

	check__eq("lines", printed(line, sizeof(line)), nr);
	event = strstr(line, "pid_deepen:");
	snprintf(want, sizeof(want),
		 "pid_deepen: comm=%s pid=%d level=%d ns_pid=%d ns_inum=%ld", COMM,
		 pid, level, now.number[level], ns__id(init->pid, "pid"));
	check__str("the last line", event ?: line, want);
	snprintf(want, sizeof(want), "-%d ", pid);
	check__true("it comes from the old number", strstr(line, want));
}

static void prints_joins(void)
{
	struct actor init;
	struct kept k = kept__start(NULL);
	char line[512];
	int nsfd;

	check__must("PR_SET_NAME", actor__call(&k.s.caller, op_prctl, PR_SET_NAME,
					       (long)COMM));
	watch();
	check__eq("lines before", printed(line, sizeof(line)), 0);
	kept__finish(&k);
	expect_line(1, k.pid, 1, &k.s.init);
	init = actor__spawn("init below the target", &k.s.init, CLONE_NEWPID);
	nsfd = check__must("target below", ns__open(init.pid, "pid"));
	check__err("setns", scene__enter(&k.s.caller, nsfd, CLONE_NEWPID), 0);
	close(nsfd);
	expect_line(2, k.pid, 2, &init);
	tracing__end();
}

/* A time namespace refuses a task that shares memory after a number was reserved. */
static long refused_late(long pidfd, long b __maybe_unused)
{
	static volatile long err;
	pid_t pid;

	pid = vfork();
	if (!pid) {
		err = ns__set(pidfd, CLONE_NEWPID | CLONE_NEWTIME);
		_exit(0);
	}
	return pid < 0 || waitpid(pid, NULL, 0) != pid ? -errno : err;
}

static void prints_no_refusal(void)
{
	struct actor parent = actor__spawn("parent of a vfork child", NULL, 0);
	struct kept k = kept__start(NULL);
	int own = check__must("own pid ns", ns__open(0, "pid"));
	char line[512];

	watch();
	check__err("setns to the own pid ns",
		   scene__enter(&k.s.caller, own, CLONE_NEWPID), -EPERM);
	check__err("setns(pidfd, pid + time)",
		   actor__call(&parent, refused_late,
			       actor__give(&parent, k.s.init.pidfd), 0), -EUSERS);
	check__eq("lines", printed(line, sizeof(line)), 0);
	check__str("the line", line, "");
	/* The control: a join is printed. */
	kept__finish(&k);
	check__eq("lines after a join", printed(line, sizeof(line)), 1);
	close(own);
	tracing__end();
}

static const struct test_case cases[] = {
	KEEP("trace: task:pid_deepen is printed for each join", prints_joins),
	KEEP("trace: nothing is printed when setns() fails", prints_no_refusal),
};

PROGRAM_PART(keep_trace__add, cases)
