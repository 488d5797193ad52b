// SPDX-License-Identifier: GPL-2.0-only
/* See columns.h. */
#include "columns.h"

#include <string.h>

void columns__start(struct columns *c, const char *const *titles, size_t n)
{
	*c = (struct columns){ .n = n };
	for (size_t i = 0; i < n; i++)
		strv__add(&c->cells, titles[i]);
}

void columns__take(struct columns *c, char *cell)
{
	strv__take(&c->cells, cell);
}

void columns__print(struct columns *c, FILE *out)
{
	size_t *width = xcalloc(c->n, sizeof(*width));

	for (size_t i = 0; i < c->cells.n; i++) {
		size_t len = strlen(c->cells.v[i]), *w = &width[i % c->n];

		*w = len > *w ? len : *w;
	}
	for (size_t i = 0; i < c->cells.n; i++) {
		bool last = i % c->n == c->n - 1;

		/* Nothing is as wide as a terminal's last column. */
		fprintf(out, "%-*s%s", last ? 0 : (int)width[i % c->n],
			c->cells.v[i], last ? "\n" : "  ");
	}
	fflush(out);
	free(width);
	strv__free(&c->cells);
}
