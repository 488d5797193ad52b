// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of commands. --help, completion and "did you mean" are generated
 * from this table; the man page is not.
 */
#include "vmtest/options/commands.h"

#include <string.h>

#include "lib/suggest.h"
#include "vmtest/lib/util.h"

static const struct command commands[] = {
	{ COMMAND_REPLAY, "replay", "vmtest replay", "DIR",
	  "replays a run recorded with --record" },
	{ COMMAND_SHELL, "shell", "vmtest shell", "OPTION",
	  "runs a shell in a guest" },
	{ COMMAND_BISECT_STEP, "bisect-step", "vmtest bisect-step", "OPTION",
	  "judges one kernel for `git bisect run'" },
};

const struct command *commands__find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

/* completion/table.sh parses these lines: `vmtest NAME ARGS' WHAT; */
char *commands__help(void)
{
	auto_strv lines = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		strv__addf(&lines, "`vmtest %s %s' %s; see its --help.\n",
			   commands[i].name, commands[i].args, commands[i].what);
	return strv__join(&lines, "");
}

bool commands__suggest(const char *word)
{
	struct suggest s = { .word = word };
	char text[160];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		suggest__offer(&s, commands[i].name);
	suggest__offer(&s, "help");
	if (s.best)
		msg__error("%s: no such command%s", word,
			  suggest__text(&s, "`vmtest --help' lists them", text,
					sizeof(text)));
	return s.best;
}
