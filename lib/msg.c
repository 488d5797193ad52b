// SPDX-License-Identifier: GPL-2.0-only
/* Writes each message with one call, so that lines of several processes do not mix. */
#include "lib/msg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool msg__verbose;
void (*msg__before)(void);

static void print(const char *kind, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	if (msg__before)
		msg__before();
	dprintf(STDERR_FILENO, "%s: %s%s\n", program_invocation_short_name, kind,
		text);
	free(text);
}

#define MESSAGE(name, kind, condition)					\
	void name(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		if (!(condition))					\
			return;						\
		va_start(ap, fmt);					\
		print(kind, fmt, ap);					\
		va_end(ap);						\
	}
MESSAGE(msg__error, "error: ", true)
MESSAGE(msg__warning, "warning: ", true)
MESSAGE(msg__note, "", true)
MESSAGE(msg__debug, "", msg__verbose)
