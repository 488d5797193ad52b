/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of vmtest, besides running guests: `vmtest COMMAND'. */
#ifndef VMTEST_COMMANDS_H
#define VMTEST_COMMANDS_H

#include <stdbool.h>

struct argp;

struct command {
	const char *name;
	const char *full_name;	/* in its messages and its --help */
	const char *args;
	const char *what;	/* description, follows the arguments */
	int (*run)(int argc, char **argv);	/* returns the exit status */
};

/* Returns the command with this name, or NULL. */
const struct command *commands__find(const char *name);

/* Returns a line of help for each command; free it. */
char *commands__help(void);

/* Returns true, with a message, if @word resembles the name of a command. */
bool commands__suggest(const char *word);

#endif
