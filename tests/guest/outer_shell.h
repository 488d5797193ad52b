/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An interactive shell outside of all containers, on a terminal of its own: an
 * admin's session. All functions bail the case if the shell does not react in time.
 */
#ifndef TESTS_GUEST_OUTER_SHELL_H
#define TESTS_GUEST_OUTER_SHELL_H

#include "tty.h"

#define OUTER_PROMPT "outside> "
#define INNER_PROMPT "inside> "

struct outer {
	struct tty tty;
	pid_t pid;		/* its number, and those of its group and session */
};

/* Starts "bash" or "dash" and waits for its prompt. */
void outer__start(struct outer *o, const char *shell);

/*
 * Waits for the shell's prompt. Then its group has to be the foreground group of
 * the terminal.
 */
void outer__expect_prompt(struct outer *o);

/*
 * Let the shell whose prompt is @prompt print the number @word, or the exit status of
 * the last command.
 */
long outer__ask(struct outer *o, const char *word, const char *prompt);
long outer__status(struct outer *o, const char *prompt);

/*
 * The job is the shell's last child. outer__last() is the last descendant, which
 * executes the job's command.
 */
pid_t outer__last(const struct outer *o);

/* Wait until outer__last() is named @comm; until both are stopped. */
void outer__await_exec(const struct outer *o, const char *comm);
void outer__await_stop(const struct outer *o);

/* Does the job sleep, and is not stopped? */
bool outer__job_sleeps(const struct outer *o);

/* The shell and its descendants. */
struct outer_family {
	int nr;
	pid_t pid[8];
	int pidfd[8];
};

void outer__family(const struct outer *o, struct outer_family *f);

/* Waits for the end of all members. Returns how many have ended in time. */
int outer__family_ends(const struct outer_family *f);

#endif /* TESTS_GUEST_OUTER_SHELL_H */
