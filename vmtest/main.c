// SPDX-License-Identifier: GPL-2.0-only
/* Finds the command of `vmtest COMMAND' or `vmtest help COMMAND', and runs it. */
#include <string.h>

#include "vmtest/cmd/runner.h"
#include "vmtest/options/commands.h"
#include "vmtest/replay/replay_main.h"
#include "vmtest/vm/input.h"

/* Each returns the exit status. */
static int (*const run_command[])(int argc, char **argv) = {
	[COMMAND_REPLAY] = replay__main,
	[COMMAND_SHELL] = runner__shell,
	[COMMAND_BISECT_STEP] = runner__bisect,
};

/*
 * Parses `vmtest COMMAND ARG...' and `vmtest help COMMAND'. Returns NULL for
 * anything else, an unknown command included: the option parser reports it.
 */
static const struct command *find_command(int *argc, char ***argv)
{
	const struct command *c = NULL;
	bool help = *argc > 1 && !strcmp((*argv)[1], "help");
	static char *ask[] = { NULL, (char *)"--help", NULL };

	if (*argc > 1 + help)
		c = commands__find((*argv)[1 + help]);
	if (help && *argc > 2 && !c)
		return NULL;
	if (help) {
		ask[0] = (*argv)[0];
		*argv = ask;
		*argc = 2;
	} else if (c) {
		--*argc;
		++*argv;
	}
	if (c)
		(*argv)[0] = (char *)c->full_name;
	return c;
}

int main(int argc, char **argv)
{
	const struct command *command;

	input__repair();
	command = find_command(&argc, &argv);
	return command ? run_command[command->id](argc, argv) :
			 runner__main(argc, argv);
}
