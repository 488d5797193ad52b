// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaks text at blanks. A byte counts as a column, so a character of several
 * bytes makes a line shorter than necessary, never longer.
 */
#include "lib/wrap.h"

#include <string.h>

void wrap__print(FILE *out, const char *text, size_t indent, size_t width)
{
	size_t column = indent;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > indent && column + 1 + n > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", (int)n, text);
		column += n;
		text += n + (text[n] == ' ');
	}
	fputc('\n', out);
}

size_t wrap__line(const char *text, size_t width, const char **next)
{
	size_t len = strlen(text), n = len;

	if (len > width) {
		n = width + 1;
		while (n && text[n - 1] != ' ')
			n--;
		n = n > 1 ? n - 1 : width ? width : 1;
	}
	*next = text + n + strspn(text + n, " ");
	while (n > 1 && text[n - 1] == ' ')
		n--;
	return n;
}
