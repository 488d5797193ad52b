// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes each message with one call, so that lines of several processes do not mix. A
 * message has names and texts from outside, and is escaped as a whole.
 */
#include "lib/msg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/escape.h"

bool msg__verbose;
void (*msg__before)(void);

static void print(const char *program, const char *kind, const char *fmt, va_list ap)
{
	char *text, *line;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	line = escape__line(text);
	if (msg__before)
		msg__before();
	dprintf(STDERR_FILENO, "%s: %s%s\n", program, kind, line);
	free(line);
	free(text);
}

void msg__of(const char *command, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print(command, "", fmt, ap);
	va_end(ap);
}

#define MESSAGE(name, kind, condition)					\
	void name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		if (!(condition))					\
			return;						\
		va_start(ap, fmt);					\
		print(program_invocation_short_name, kind, fmt, ap);	\
		va_end(ap);						\
	}
MESSAGE(msg__error, "error: ", true)
MESSAGE(msg__warning, "warning: ", true)
MESSAGE(msg__note, "", true)
MESSAGE(msg__debug, "", msg__verbose)
