/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command.h - the command that runs under observation.
 *
 *	command__fork	a child that waits, so that its fork and all that
 *			follows can be observed
 *	command__exec	let it go
 *	command__reap	when command__fd() is readable
 *	command__free	kills and reaps what is left of it
 */
#ifndef PIDNS_COMMAND_H
#define PIDNS_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

struct command;

/* How it ended. */
struct command_status {
	int exit;	/* exit status, -1: by a signal */
	int signal;	/* the signal, 0: none */
};

/*
 * @argv is NULL-terminated and must stay. The child has the default action for
 * each signal and none blocked. If the caller dies first, it never runs.
 * Returns 0 or a negative errno.
 */
int command__fork(char *const argv[], struct command **out);

pid_t command__pid(const struct command *command);

/* Readable when the command has ended. */
int command__fd(const struct command *command);

/*
 * Returns 0 when the program runs, or the negative errno of execve(), which was
 * said by name. The child has ended then.
 */
int command__exec(struct command *command);

/*
 * Waits for the end. -EAGAIN: it has not ended, but has moved to another pid
 * namespace; command__pid() and command__fd() are others now.
 */
int command__reap(struct command *command, struct command_status *status);

/* Legal at any time; nothing happens when it has ended. */
void command__signal(struct command *command, int signal);

void command__free(struct command *command);

/* A shell's exit status for it: 128 + signal. */
int command_status__shell(const struct command_status *status);

/* The exit status env(1) and shells have for an errno of execve(): 126, 127. */
int command__exec_status(int error);

#endif /* PIDNS_COMMAND_H */
