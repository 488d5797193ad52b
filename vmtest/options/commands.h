/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of vmtest, besides running guests: `vmtest COMMAND'. */
#ifndef VMTEST_OPTIONS_COMMANDS_H
#define VMTEST_OPTIONS_COMMANDS_H

#include <stdbool.h>

enum command_id {
	COMMAND_REPLAY,
	COMMAND_SHELL,
	COMMAND_BISECT_STEP,
};

struct command {
	enum command_id id;
	const char *name;
	const char *full_name;	/* in its messages and its --help */
	const char *args;
	const char *what;	/* description, follows the arguments */
};

/* Returns the command with this name, or NULL. */
const struct command *commands__find(const char *name);

/* Returns a line of help for each command; free it. */
char *commands__help(void);

/* Returns true, with a message, if @word resembles the name of a command. */
bool commands__suggest(const char *word);

#endif /* VMTEST_OPTIONS_COMMANDS_H */
