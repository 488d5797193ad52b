// SPDX-License-Identifier: GPL-2.0-only
/*
 * nsenter(1) as a job of an interactive shell outside, in the foreground of that
 * shell's terminal: typed commands run in the container, ^C and ^Z reach what runs
 * there, and the shell outside waits, stops, continues and reports the job like any
 * other. Neither setsid(1) nor the option -F is needed, and -F may be given.
 */
#include "purposes.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beat.h"
#include "ns.h"
#include "outer_shell.h"
#include "tool.h"

static const struct way {
	const char *shell;	/* outside */
	const char *nsenter;
	bool forks;		/* nsenter waits for a child that executes the command */
	bool stays;		/* setns() does not move nsenter itself */
} ways[] = {
	{ "bash", "nsenter -p", .forks = true },
	{ "bash", "nsenter -F -p", .forks = false },
	{ "dash", "nsenter -p", .forks = true },
	{ "dash", "nsenter -F -p", .forks = false },
}, mainline = {
	"bash", "nsenter -p", .forks = true, .stays = true
};

struct job {
	struct outer o;
	struct victim v;
	const struct way *way;
};

static void job__begin(struct job *j, const struct way *way)
{
	j->way = way;
	j->v = victim__make(CLONE_NEWNS);
	outer__start(&j->o, way->shell);
}

/* Types "BEFORE nsenter -p -t TARGET AFTER". */
static void job__type(struct job *j, const char *before, const char *after)
{
	char line[256];

	snprintf(line, sizeof(line), "%s%s -t %s %s", before, j->way->nsenter,
		 j->v.target, after);
	tty__type(&j->o.tty, line);
}

/* Starts an interactive shell as a job, and waits for its prompt. */
static void job__start_shell(struct job *j)
{
	job__type(j, "PS1='in''side> ' ", "sh");
	tty__expect(&j->o.tty, INNER_PROMPT);
}

/* The shell of the job runs a job of its own, in the foreground and stopped. */
static void check_inner_jobs(struct outer *o)
{
	struct tty *c = &o->tty;
	pid_t shell = tty__group(c);

	tty__type(c, "busybox sleep 1000");
	tty__await_other_group(c, shell);
	tty__press(c, '\x03');
	tty__expect(c, INNER_PROMPT);
	check__eq("inside: status after ^C",
		  outer__status(o, INNER_PROMPT), 128 + 2);

	tty__type(c, "busybox sleep 1000");
	tty__await_other_group(c, shell);
	tty__press(c, '\x1a');
	tty__expect(c, "Stopped");
	tty__expect(c, INNER_PROMPT);
	check__eq("inside: the terminal is the shell's after ^Z",
		  tty__group(c), shell);
	tty__type(c, "fg");
	tty__await_other_group(c, shell);
	tty__press(c, '\x03');
	tty__expect(c, INNER_PROMPT);
}

static void shell(const void *arg)
{
	struct job j;
	struct tty *c = &j.o.tty;
	long parent;

	job__begin(&j, arg);
	job__start_shell(&j);
	check__true("the shell does job control", !strstr(c->text, "job control"));
	check__true("the shell has a number inside",
		    victim__has(outer__ask(&j.o, "$$", INNER_PROMPT)));
	parent = outer__ask(&j.o, "$PPID", INNER_PROMPT);
	if (j.way->forks && !j.way->stays)
		check__true("nsenter has one, too", victim__has(parent));
	else
		check__eq("the parent is outside", parent, 0);
	check_inner_jobs(&j.o);

	tty__type(c, "exit 7");
	outer__expect_prompt(&j.o);
	check__eq("status of the job", outer__status(&j.o, OUTER_PROMPT), 7);
	tty__close(c);
}

static void job__check_inside(const struct job *j)
{
	check__eq("pid namespace of the job's last process",
		  ns__id(outer__last(&j->o), "pid"),
		  ns__id(j->v.init.pid, "pid"));
}

/*
 * nsenter that forks waits for stops of its child, too, and stops itself then. If both
 * are stopped by the terminal, it may notice that of its child only after fg, and stops
 * once more (util-linux, wait_for_child()).
 */
static bool stops_again(struct outer *o)
{
	const long end = beat__now_ms() + run__patience();

	while (!outer__job_sleeps(o)) {
		if (tty__shows(&o->tty, "Stopped"))
			return true;
		if (beat__now_ms() >= end)
			check__bail("the job neither sleeps nor stops: %s",
				    o->tty.text);
	}
	return false;
}

/* Continues the stopped job in the foreground. */
static void job__continue(struct job *j)
{
	int stops = 0;

	tty__type(&j->o.tty, "fg");
	while (stops_again(&j->o)) {
		outer__expect_prompt(&j->o);
		stops++;
		tty__type(&j->o.tty, "fg");
	}
	check__true("fg is needed once, or twice", stops <= j->way->forks);
	tty__await_other_group(&j->o.tty, j->o.pid);
}

static void stop(const void *arg)
{
	struct job j;
	struct tty *c = &j.o.tty;

	job__begin(&j, arg);
	job__type(&j, "", "busybox sleep 1000");
	outer__await_exec(&j.o, "busybox");
	job__check_inside(&j);
	tty__press(c, '\x1a');
	tty__expect(c, "Stopped");
	outer__expect_prompt(&j.o);
	outer__await_stop(&j.o);
	tty__type(c, "jobs");
	tty__expect(c, "Stopped");
	outer__expect_prompt(&j.o);

	job__continue(&j);
	tty__press(c, '\x03');
	outer__expect_prompt(&j.o);
	check__eq("status of the job", outer__status(&j.o, OUTER_PROMPT),
		  128 + 2);
	tty__close(c);
}

static void pipeline(const void *arg)
{
	struct job j;
	struct tty *c = &j.o.tty;

	job__begin(&j, arg);
	job__type(&j, "", "sh -c 'echo pid=$$' | cat");
	check__true("first of a pipeline: its number is one inside",
		    victim__has(tty__expect_number(c, "pid=")));
	outer__expect_prompt(&j.o);
	check__eq("status", outer__status(&j.o, OUTER_PROMPT), 0);

	job__type(&j, "echo 42 | ", "sh -c 'read n; echo got=$n; echo pid=$$; exit 4'");
	check__eq("last of a pipeline: it reads", tty__expect_number(c, "got="),
		  42);
	check__true("its number is one inside",
		    victim__has(tty__expect_number(c, "pid=")));
	outer__expect_prompt(&j.o);
	check__eq("status", outer__status(&j.o, OUTER_PROMPT), 4);

	/* The name of the first process is that of its applet. */
	job__type(&j, "sleep 1000 | ", "busybox sleep 1000");
	outer__await_exec(&j.o, "busybox");
	tty__press(c, '\x03');
	outer__expect_prompt(&j.o);
	check__eq("status after ^C", outer__status(&j.o, OUTER_PROMPT),
		  128 + 2);
	tty__close(c);
}

static void background(const void *arg)
{
	struct job j;
	struct tty *c = &j.o.tty;

	job__begin(&j, arg);
	job__type(&j, "", "sh -c 'exit 5' &");
	outer__expect_prompt(&j.o);
	tty__type(c, "wait $!");
	outer__expect_prompt(&j.o);
	check__eq("status from wait", outer__status(&j.o, OUTER_PROMPT), 5);

	job__type(&j, "", "busybox sleep 1000 &");
	outer__expect_prompt(&j.o);
	outer__await_exec(&j.o, "busybox");
	job__check_inside(&j);
	tty__type(c, "jobs");
	tty__expect(c, "Running");
	outer__expect_prompt(&j.o);
	tty__type(c, "kill %+; wait %+");
	outer__expect_prompt(&j.o);
	check__eq("status after kill", outer__status(&j.o, OUTER_PROMPT),
		  128 + 15);
	tty__close(c);
}

static void reader(const void *arg)
{
	struct job j;
	struct tty *c = &j.o.tty;

	job__begin(&j, arg);
	job__type(&j, "", "busybox cat &");
	outer__expect_prompt(&j.o);
	outer__await_stop(&j.o);
	job__check_inside(&j);
	job__continue(&j);
	tty__type(c, "l''ine");
	tty__expect(c, "l''ine");
	tty__expect(c, "l''ine");
	tty__press(c, '\x04');
	outer__expect_prompt(&j.o);
	check__eq("status of the job", outer__status(&j.o, OUTER_PROMPT), 0);
	tty__close(c);
}

static void hangup(const void *arg)
{
	struct job j;
	struct outer_family f;

	job__begin(&j, arg);
	job__start_shell(&j);
	job__check_inside(&j);
	outer__family(&j.o, &f);
	check__eq("shells, and nsenter if it forks", f.nr, 2 + j.way->forks);
	tty__close(&j.o.tty);
	check__eq("ends at hangup", outer__family_ends(&f), f.nr);
}

/* A join that gives the caller a new struct pid demands a leader without a terminal. */
static void refused(const void *arg)
{
	struct job j;

	job__begin(&j, arg);
	job__type(&j, "", "true");
	tty__expect(&j.o.tty, "Operation not permitted");
	outer__expect_prompt(&j.o);
	check__eq("status of the job", outer__status(&j.o, OUTER_PROMPT), 1);
	tty__close(&j.o.tty);
}

#define WAYS(what, fn) \
	CASE_WITH(WHERE_KEEP, "jobs: bash: nsenter: " what, fn, &ways[0]), \
	CASE_WITH(WHERE_KEEP, "jobs: bash: nsenter -F: " what, fn, &ways[1]), \
	CASE_WITH(WHERE_KEEP, "jobs: dash: nsenter: " what, fn, &ways[2]), \
	CASE_WITH(WHERE_KEEP, "jobs: dash: nsenter -F: " what, fn, &ways[3])

static const struct test_case cases[] = {
	WAYS("a shell inside does job control, its status comes back", shell),
	WAYS("^Z stops it, fg continues it, ^C ends it", stop),
	WAYS("parts of a pipeline", pipeline),
	WAYS("in the background, wait and kill", background),
	/* Without -F, a child that reads when nsenter stops once more takes the next fg. */
	CASE_WITH(WHERE_KEEP, "jobs: bash: nsenter -F: reads after fg only",
		  reader, &ways[1]),
	CASE_WITH(WHERE_KEEP, "jobs: dash: nsenter -F: reads after fg only",
		  reader, &ways[3]),
	WAYS("hangup ends all of it", hangup),
	CASE_WITH(WHERE_JOIN, "jobs: join: nsenter is refused", refused,
		  &ways[0]),
	CASE_WITH(WHERE_JOIN, "jobs: join: nsenter -F is refused", refused,
		  &ways[1]),
	CASE_WITH(WHERE_STAYS, "jobs: mainline: a shell inside, nsenter outside",
		  shell, &mainline),
	CASE_WITH(WHERE_STAYS, "jobs: mainline: ^Z, fg, ^C", stop, &mainline),
};

PROGRAM_PART(purpose_jobs__add, cases)
