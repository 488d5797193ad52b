/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of vmtest, besides running guests: `vmtest COMMAND'. */
#ifndef VMTEST_COMMANDS_H
#define VMTEST_COMMANDS_H

#include <stdbool.h>

struct argp;

struct command {
	const char *name;
	const char *full_name;	/* as its messages and its --help call it */
	const char *args;
	const char *what;	/* it does, with these */
	int (*run)(int argc, char **argv);	/* the exit status */
};

/* The command of that name, or NULL. */
const struct command *commands__find(const char *name);

/* A line of help for each; free it. */
char *commands__help(void);

/* Is @word nearly the name of a command? Then a message says of which. */
bool commands__suggest(const char *word);

#endif
