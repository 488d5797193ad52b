// SPDX-License-Identifier: GPL-2.0-only
/*
 * Terminfo is not used: every terminal of the last thirty years knows these
 * sequences. Callers count a byte as a column, which is true of ASCII only.
 */
#include "lib/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MAX 10000

int color_when__parse(const char *word, enum color_when *out)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};

	for (int i = COLOR_AUTO; i <= COLOR_NEVER; i++) {
		if (!strcmp(word, words[i])) {
			*out = (enum color_when)i;
			return 0;
		}
	}
	return -EINVAL;
}

bool terminal__color(enum color_when when, int fd)
{
	const char *none = getenv("NO_COLOR");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	/* https://no-color.org: present and not empty, whatever its value */
	return !(none && *none) && isatty(fd);
}

size_t terminal__width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	char *end;
	long n;

	if (columns && *columns) {
		n = strtol(columns, &end, 10);
		if (!*end && n > 0 && n <= WIDTH_MAX)
			return (size_t)n;
	}
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return WIDTH_DEFAULT;
}
