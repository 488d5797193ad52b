// SPDX-License-Identifier: GPL-2.0-only
/*
 * argp and getopt print to stderr, and then most often end the program. Meanwhile, stderr
 * is a stream in memory, whose text is printed at the end of the program at the latest.
 *
 * Bad at: a program that is killed while it parses, whose message is lost.
 */
#include "lib/arguments.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/escape.h"
#include "lib/memory.h"

/* The begin of what follows a message: how to get help. argp breaks its lines. */
#define HINT "\nTry `"

static FILE *real_stderr;	/* NULL: stderr is as it was */
static char *text;
static size_t text_len;

/* Returns the hint that the message ends with, or the newline, or the end. */
static char *find_hint(char *message)
{
	char *hint = message + strlen(message);

	if (hint > message && hint[-1] == '\n')
		hint--;
	for (char *p = message; (p = strstr(p, HINT)); p++)
		hint = p;
	return hint;
}

/* Restores stderr, and prints the message as one line, and the hint. */
static void finish(void)
{
	char *line, *hint;

	if (!real_stderr)
		return;
	fclose(stderr);
	stderr = real_stderr;
	real_stderr = NULL;
	hint = escape__text(find_hint(text));
	*find_hint(text) = '\0';
	line = escape__line(text);
	dprintf(STDERR_FILENO, "%s%s", line, hint);
	free(line);
	free(hint);
	free(text);
}

error_t arguments__parse(const struct argp *argp, int argc, char **argv,
			 unsigned int flags, void *input)
{
	static bool at_exit;
	error_t err;

	if (!at_exit)
		atexit(finish);
	at_exit = true;
	real_stderr = stderr;
	stderr = xmemstream(&text, &text_len);
	err = argp_parse(argp, argc, argv, flags, NULL, input);
	finish();
	return err;
}
