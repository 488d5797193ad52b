// SPDX-License-Identifier: GPL-2.0-only
/* An interactive shell on a terminal of its own, driven through the terminal. */
#include "outer_shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beat.h"
#include "lib/array.h"
#include "ns.h"
#include "run.h"
#include "tool.h"

/* Becomes the shell. The terminal, the first one opened, is the controlling one. */
static void __attribute__((noreturn)) become(const struct tty *c,
					     const char *shell)
{
	static const char *const bash[] = {
		"bash", "--norc", "--noprofile", "--noediting", "-i", NULL
	};
	static const char *const dash[] = { "dash", "-i", NULL };
	int fd;

	setsid();
	fd = open(c->path, O_RDWR);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	setenv("PS1", OUTER_PROMPT, 1);
	setenv("PATH", "/bin:/usr/bin", 1);
	setenv("TERM", "dumb", 1);
	execvp(shell, (char *const *)(strcmp(shell, "bash") ? dash : bash));
	dprintf(STDERR_FILENO, "%s: %s\n", shell, strerror(errno));
	_exit(127);
}

void outer__start(struct outer *o, const char *shell)
{
	tty__open(&o->tty, getpid());
	o->pid = check__must("fork", ns__clone(0, NULL));
	if (!o->pid)
		become(&o->tty, shell);
	outer__expect_prompt(o);
}

void outer__expect_prompt(struct outer *o)
{
	tty__expect(&o->tty, OUTER_PROMPT);
	check__eq("the terminal is the outer shell's", tty__group(&o->tty),
		  o->pid);
}

long outer__ask(struct outer *o, const char *word, const char *prompt)
{
	char line[64];
	long number;

	snprintf(line, sizeof(line), "echo number=%s", word);
	tty__type(&o->tty, line);
	number = tty__expect_number(&o->tty, "number=");
	tty__expect(&o->tty, prompt);
	return number;
}

long outer__status(struct outer *o, const char *prompt)
{
	return outer__ask(o, "$?", prompt);
}

static pid_t last_child(pid_t pid)
{
	pid_t child[8];
	int nr = ns__children(pid, child, ARRAY_SIZE(child));

	return nr > 0 ? child[nr - 1] : 0;
}

pid_t outer__last(const struct outer *o)
{
	pid_t pid = o->pid, child;

	while ((child = last_child(pid)))
		pid = child;
	return pid;
}

static bool has_comm(pid_t pid, const char *comm)
{
	char path[32], text[32] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file__read(path, text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, comm);
}

/* No event reports an exec or a stop to a stranger, so poll. */
#define AWAIT(condition, ...) do { \
	const long end = beat__now_ms() + run__patience(); \
\
	while (!(condition)) { \
		if (beat__now_ms() >= end) \
			check__bail(__VA_ARGS__); \
		poll(NULL, 0, 1); \
	} \
} while (0)

void outer__await_exec(const struct outer *o, const char *comm)
{
	AWAIT(has_comm(outer__last(o), comm),
	      "the job does not execute %s", comm);
}

void outer__await_stop(const struct outer *o)
{
	AWAIT(ns__state(last_child(o->pid)) == 'T' &&
	      ns__state(outer__last(o)) == 'T',
	      "the job does not stop");
}

bool outer__job_sleeps(const struct outer *o)
{
	return ns__state(last_child(o->pid)) == 'S';
}

static void add_members(pid_t pid, struct outer_family *f)
{
	pid_t child[8];
	int nr = ns__children(pid, child, ARRAY_SIZE(child));

	if (f->nr == ARRAY_SIZE(f->pid))
		check__bail("the shell has too many descendants");
	f->pid[f->nr] = pid;
	f->pidfd[f->nr++] = check__must("pidfd_open", ns__pidfd(pid, 0));
	for (int i = 0; i < nr; i++)
		add_members(child[i], f);
}

void outer__family(const struct outer *o, struct outer_family *f)
{
	memset(f, 0, sizeof(*f));
	add_members(o->pid, f);
}

int outer__family_ends(const struct outer_family *f)
{
	int nr = 0;

	for (int i = 0; i < f->nr; i++)
		nr += !ns__wait_dead(f->pidfd[i], run__patience());
	return nr;
}
