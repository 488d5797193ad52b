/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts, signals and reaps the command under observation:
 *
 *	command__fork	forks a child that waits, so that its fork and all that
 *			follows can be observed
 *	command__exec	starts the program in the child
 *	command__reap	collects the status when command__fd() is readable
 *	command__free	kills and reaps a command that has not ended
 */
#ifndef LOADER_CAPTURE_COMMAND_H
#define LOADER_CAPTURE_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

struct command;
struct user;

struct command_setup {
	const struct user *user;	/* whose process it becomes, or NULL */
	bool stdout_to_stderr;		/* our stdout has other data */
};

/* How the command ended. */
struct command_status {
	int exit;	/* exit status, -1: ended by a signal */
	int signal;	/* the signal, 0: none */
};

/*
 * @argv is NULL-terminated and must stay valid. The child has the default action for
 * each signal and none blocked. If the caller dies first, the program never runs.
 * Returns 0 or a negative errno.
 */
int command__fork(char *const argv[], const struct command_setup *setup,
		  struct command **out);

pid_t command__pid(const struct command *command);

/* Returns a pidfd, readable when the command has ended. */
int command__fd(const struct command *command);

/*
 * Returns 0 when the program runs, or the negative errno of execve() or of becoming the
 * user, already reported; the child has ended then.
 */
int command__exec(struct command *command);

/*
 * Waits for the end. Returns -EAGAIN if the command has moved to another pid
 * namespace instead; command__pid() and command__fd() have changed then.
 */
int command__reap(struct command *command, struct command_status *status);

/* Sends a signal; does nothing after the command was reaped. */
void command__signal(struct command *command, int signal);

void command__free(struct command *command);

/* Returns a shell's exit status: 128 + N after signal N. */
int command_status__shell(const struct command_status *status);

/* Returns the exit status of env(1) and shells for execve()'s errno: 126 or 127. */
int command__exec_status(int error);

#endif /* LOADER_CAPTURE_COMMAND_H */
