// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the output of a test program as one test of the runner's plan. The
 * name is sent before the program's output, so a kernel crash does not lose it.
 */
#include "vmtest/guest/subtest.h"

#include <string.h>

void subtest__begin(struct subtest *s, const char *name)
{
	*s = (struct subtest){ .name = name };
	line__putf(LINES_FD, TAG_KTAP, "  KTAP version 1");
	line__putf(LINES_FD, TAG_KTAP, "  # Subtest: %s", name);
}

static bool is_version(const char *line)
{
	return !strncmp(line, "KTAP version ", 13) ||
	       !strncmp(line, "TAP version ", 12);
}

void subtest__line(struct subtest *s, const char *line)
{
	bool first = !s->begun;

	s->begun = true;
	/* subtest__begin() already printed the version line. */
	if (!first || !is_version(line))
		line__putf(LINES_FD, TAG_KTAP, "  %s", line);
}

void subtest__end(const struct subtest *s, size_t nr, const char *why)
{
	if (*why)
		line__putf(LINES_FD, TAG_KTAP, "# %s", why);
	line__putf(LINES_FD, TAG_KTAP, "%sok %zu %s", *why ? "not " : "", nr,
		   s->name);
}
