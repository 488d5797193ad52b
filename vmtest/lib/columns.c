// SPDX-License-Identifier: GPL-2.0-only
/*
 * Computes column widths from the cells, which are all known before the first
 * row is printed. Each byte counts as one column, as the names are ASCII.
 *
 * Limits: each column keeps at least CELL_MIN, so a table with very many columns
 * for its width is hard to read.
 */
#include "vmtest/lib/columns.h"

#include <string.h>

#include "lib/wrap.h"

#define GAP 2			/* between columns */
#define BELOW 4			/* indent of a last column below its row */
#define CELL_MIN 6

struct layout {
	size_t n;		/* columns side by side */
	size_t *width;
	size_t line;
};

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

static size_t total(const struct layout *l)
{
	size_t sum = l->n ? (l->n - 1) * GAP : 0;

	for (size_t i = 0; i < l->n; i++)
		sum += l->width[i];
	return sum;
}

static size_t *widest(const struct layout *l)
{
	size_t *w = l->width;

	for (size_t i = 1; i < l->n; i++)
		w = l->width[i] > *w ? &l->width[i] : w;
	return w;
}

static void measure(const struct columns *c, struct layout *l)
{
	for (size_t i = 0; i < c->cells.n; i++) {
		size_t len = strlen(c->cells.v[i]), *w = &l->width[i % c->n];

		*w = len > *w ? len : *w;
	}
	if (total(l) > l->line && l->n > 1)
		l->n--;
	while (total(l) > l->line && *widest(l) > CELL_MIN)
		--*widest(l);
}

/* Prints the next line of a row and advances its cells. Returns the bytes left. */
static size_t print_line(const struct layout *l, const char **cell, FILE *out)
{
	size_t blanks = 0, rest = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char *text = cell[i];
		size_t n = wrap__line(text, l->width[i], &cell[i]);

		if (n)
			fprintf(out, "%*s%.*s", (int)blanks, "", (int)n, text);
		blanks = (n ? 0 : blanks) + l->width[i] - n + GAP;
		rest += strlen(cell[i]);
	}
	fputc('\n', out);
	return rest;
}

static void print_row(const struct columns *c, const struct layout *l,
		      char *const *row, FILE *out)
{
	const char **cell = xcalloc(l->n, sizeof(*cell));

	for (size_t i = 0; i < l->n; i++)
		cell[i] = row[i];
	while (print_line(l, cell, out))
		;
	free(cell);
	if (l->n == c->n)
		return;
	fprintf(out, "%*s", BELOW, "");
	wrap__print(out, row[l->n], BELOW, l->line);
}

void columns__print(struct columns *c, FILE *out, size_t width)
{
	struct layout l = { .n = c->n, .line = width };

	l.width = xcalloc(c->n, sizeof(*l.width));
	measure(c, &l);
	for (size_t i = 0; i < c->cells.n; i += c->n)
		print_row(c, &l, &c->cells.v[i], out);
	fflush(out);
	free(l.width);
	strv__free(&c->cells);
}
