// SPDX-License-Identifier: GPL-2.0-only
/* Allocates, or ends the program. */
#include "lib/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/msg.h"

void out_of_memory(void)
{
	msg__error("out of memory");
	exit(EXIT_USAGE);
}

static void *checked(void *p)
{
	if (!p)
		out_of_memory();
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size));
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return checked(realloc(p, size));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	return checked(vasprintf(&s, fmt, ap) < 0 ? NULL : s);
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}

FILE *xmemstream(char **text, size_t *len)
{
	return checked(open_memstream(text, len));
}
