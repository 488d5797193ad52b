// SPDX-License-Identifier: GPL-2.0-only
/*
 * A console for a container: an interactive shell on a terminal of the
 * container, started from outside. The shell lists the processes of the
 * container, including itself, and its terminal does job control.
 *
 * The terminal has to become the controlling one after the join (setns fails
 * with EBUSY for a task that has one), so the shell opens the terminal inside.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ops.h"
#include "outer_shell.h"
#include "purposes.h"
#include "tool.h"

#define PROMPT "container> "
#define MAX_LISTED 16

/* The output of the shell's ps. */
struct listing {
	size_t nr;
	pid_t pid[MAX_LISTED];
	char comm[MAX_LISTED][32];
};

/* Parses "  PID COMMAND" lines and skips all others. */
static void parse_listing(struct listing *l, const char *text)
{
	const char *line;
	int pid;

	memset(l, 0, sizeof(*l));
	for (line = text; line && *line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (l->nr < MAX_LISTED &&
		    sscanf(line, "%d %31s", &pid, l->comm[l->nr]) == 2)
			l->pid[l->nr++] = pid;
	}
}

static const char *listed(const struct listing *l, pid_t pid)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->pid[i] == pid)
			return l->comm[i];
	return "(not listed)";
}

/* Types ps and reads its output. */
static void list_processes(struct tty *c, struct listing *l)
{
	char *text;
	size_t start;

	/* Quotes keep the marks from matching the echo. */
	tty__type(c, "echo be''gin; busybox ps -o pid,comm; echo e''nd");
	tty__expect(c, "begin");
	start = c->seen;
	tty__expect(c, "\nend");
	text = strndup(c->text + start, c->seen - start);
	if (!text)
		check__bail("no memory for the output of ps");
	parse_listing(l, text);
	free(text);
	tty__expect(c, PROMPT);
	for (size_t i = 0; i < l->nr; i++)
		check__note("ps: %d %s", l->pid[i], l->comm[i]);
}

/* A shell that opens the terminal as its controlling one. */
static const char *shell_command(const struct tty *c)
{
	char *text = shared__alloc(128);

	snprintf(text, 128, "exec sh -i <>%s >&0 2>&0", c->path);
	return text;
}

/*
 * Starts a shell by nsenter -F on a terminal and waits for its prompt. Returns
 * its number outside.
 */
static pid_t start_shell(struct tty *c, const struct victim *v)
{
	pid_t started;

	tty__open(c, v->init.pid);
	setenv("PS1", PROMPT, 1);
	setenv("PATH", "/bin:/usr/bin", 1);
	setenv("TERM", "dumb", 1);
	started = tool__start((const char *const[]){
		TOOL_SETSID, TOOL_NSENTER, "-F", "-p", "-m", "-t", v->target,
		TOOL_BUSYBOX, "sh", "-c", shell_command(c), NULL });
	tty__expect(c, PROMPT);
	return started;
}

/* Returns the shell's number in its own view. */
static pid_t shell_number(struct tty *c)
{
	pid_t number;

	tty__type(c, "echo pid=$$");
	number = tty__expect_number(c, "pid=");
	tty__expect(c, PROMPT);
	return number;
}

static void in_the_container(void)
{
	struct victim v = victim__make(CLONE_NEWNS);
	struct actor worker = actor__spawn("worker", &v.init, 0);
	struct listing l;
	struct tty c;
	pid_t started, now, shell;
	int status = 0;

	started = start_shell(&c, &v);
	shell = shell_number(&c);
	check__true("the shell's number is one of the container",
		    victim__has(shell));

	list_processes(&c, &l);
	check__str("ps lists the container's init", listed(&l, 1), "purposes");
	check__str("ps lists the container's worker",
		   listed(&l, actor__run(&worker, op_getpid)), "purposes");
	check__str("ps lists the shell itself", listed(&l, shell), "sh");
	/* the three and ps */
	check__eq("ps lists nobody else", l.nr, 4);

	tty__type(&c, "echo tty=`busybox tty`");
	tty__expect(&c, "tty=/dev");
	tty__expect(&c, PROMPT);

	now = tty__group(&c);
	check__true("the terminal's foreground group is the shell's", now > 0);
	tty__type(&c, "busybox sleep 1000");
	tty__await_other_group(&c, now);
	tty__press(&c, 'C' - '@');
	tty__expect(&c, PROMPT);
	tty__type(&c, "echo status=$?");
	check__eq("Ctrl-C ended the foreground job",
		  tty__expect_number(&c, "status="), 128 + SIGINT);

	tty__type(&c, "exit 3");
	check__eq("the shell is our child, by its new number",
		  tool__finish(-1, &status), now);
	check__ne("which is not the one it started with", now, started);
	check__eq("exit status of the shell", WEXITSTATUS(status), 3);
	tty__close(&c);
}

/*
 * A shell outside runs nsenter in the foreground. Its terminal is the one of the shell
 * inside, too, and nothing has to be opened in the container.
 */
static void in_the_foreground(const void *arg)
{
	const char *option = arg;	/* -F, or an empty string */
	struct victim v = victim__make(CLONE_NEWNS);
	struct actor worker = actor__spawn("worker", &v.init, 0);
	struct listing l;
	struct outer o;
	char line[128];
	pid_t shell;

	outer__start(&o, "bash");
	snprintf(line, sizeof(line),
		 "PS1='con''tainer> ' nsenter %s -p -m -t %s sh", option,
		 v.target);
	tty__type(&o.tty, line);
	tty__expect(&o.tty, PROMPT);
	shell = shell_number(&o.tty);
	check__true("the shell's number is one of the container",
		    victim__has(shell));
	list_processes(&o.tty, &l);
	check__str("ps lists the container's init", listed(&l, 1), "purposes");
	check__str("ps lists the container's worker",
		   listed(&l, actor__run(&worker, op_getpid)), "purposes");
	check__str("ps lists the shell itself", listed(&l, shell), "sh");
	if (!*option)
		check__str("ps lists nsenter, the shell's parent",
			   listed(&l, outer__ask(&o, "$PPID", PROMPT)),
			   "nsenter");
	check__eq("ps lists nobody else, but ps", l.nr, *option ? 4 : 5);
	tty__type(&o.tty, "exit 3");
	outer__expect_prompt(&o);
	check__eq("exit status of the shell", outer__status(&o, OUTER_PROMPT),
		  3);
	tty__close(&o.tty);
}

/* Mainline: a shell that did not fork does not find itself in ps. */
static void outside(void)
{
	struct victim v = victim__make(CLONE_NEWNS);
	struct listing l;
	struct tty c;
	pid_t started, shell;
	int status = 0;

	started = start_shell(&c, &v);
	shell = shell_number(&c);
	check__eq("the shell keeps its number", shell, started);
	list_processes(&c, &l);
	check__str("ps lists the container's init", listed(&l, 1), "purposes");
	check__str("ps does not list the shell", listed(&l, shell),
		   "(not listed)");
	tty__type(&c, "exit 3");
	check__eq("the shell is our child", tool__finish(-1, &status), started);
	check__eq("exit status of the shell", WEXITSTATUS(status), 3);
	tty__close(&c);
}

static const struct test_case cases[] = {
	CASE(WHERE_MOVES,
	     "console: shell in the container, ps shows it, job control",
	     in_the_container),
	CASE_WITH(WHERE_KEEP,
		  "console: nsenter in the foreground: ps shows both",
		  in_the_foreground, ""),
	CASE_WITH(WHERE_KEEP,
		  "console: nsenter -F in the foreground: ps shows the shell",
		  in_the_foreground, "-F"),
	CASE(WHERE_STAYS,
	     "console: mainline: nsenter -F leaves the shell outside", outside),
};

PROGRAM_PART(purpose_console__add, cases)
