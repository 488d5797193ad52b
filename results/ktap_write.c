// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the stream as KTAP version 1 (dev-tools/ktap.rst), which is also TAP for
 * prove(1): prove looks at the outermost tests only.
 *
 * A name must not contain '#' or begin with '-': both are written \xNN.
 */
#include <string.h>

#include "results/write.h"

#define INDENT 2

static void put_indent(FILE *out, int depth)
{
	fprintf(out, "%*s", depth * INDENT, "");
}

static void put_name(FILE *out, const char *s)
{
	if (*s == '-') {
		fputs("\\x2d", out);
		s++;
	}
	for (; *s; s++) {
		if (*s == '#')
			fputs("\\x23", out);
		else
			fputc(*s, out);
	}
}

/* A diagnostic must not look like the head of a test. */
static void put_diag(FILE *out, int depth, const char *s)
{
	put_indent(out, depth);
	if (!strncmp(s, "Subtest:", 8))
		fprintf(out, "#  %s\n", s);
	else
		fprintf(out, "#%s%s\n", *s ? " " : "", s);
}

/*
 * A reader recognises the end of a test by the name in the head: no subtest may
 * have the same name.
 */
static bool can_head(const struct events *ev, size_t at)
{
	for (size_t i = at + 1; i < ev->v[at].end; i = event__next(ev, i))
		if (ev->v[i].type == EVENT_BEGIN &&
		    !strcmp(ev->v[i].text, ev->v[at].text))
			return false;
	return true;
}

static void put_result(FILE *out, int depth, size_t nr, const char *name,
		       const struct event *end)
{
	put_indent(out, depth);
	fprintf(out, "%sok %zu ",
		end->result == TEST_NOT_OK ? "not " : "", nr);
	put_name(out, name);
	if (end->result == TEST_SKIP) {
		fputs(" # SKIP", out);
		if (end->text) {
			fputc(' ', out);
			put_name(out, end->text);
		}
	}
	fputc('\n', out);
}

/* Writes the contents of the test that begins at event number at. */
static void put_tests(const struct events *ev, size_t at, int depth, FILE *out);

static void put_test(const struct events *ev, size_t at, int depth, size_t nr,
		     FILE *out)
{
	const struct event *b = &ev->v[at], *e = &ev->v[b->end];

	if (b->children) {
		put_tests(ev, at, depth + 1, out);
	} else {
		for (size_t i = at + 1; i < b->end; i++)
			put_diag(out, depth, ev->v[i].text);
	}
	if (e->text && e->result == TEST_NOT_OK)
		put_diag(out, depth, e->text);
	put_result(out, depth, nr, b->text, e);
}

static void put_tests(const struct events *ev, size_t at, int depth, FILE *out)
{
	const struct event *b = &ev->v[at];
	size_t nr = 0;

	put_indent(out, depth);
	fputs("KTAP version 1\n", out);
	if (at && can_head(ev, at)) {
		put_indent(out, depth);
		fputs("# Subtest: ", out);
		put_name(out, b->text);
		fputc('\n', out);
	}
	for (size_t i = at + 1; i < b->end; i = event__next(ev, i)) {
		if (ev->v[i].type == EVENT_DIAG) {
			/* A diagnostic after the last subtest belongs to the result. */
			put_diag(out, nr == b->children && depth ? depth - 1 :
				 depth, ev->v[i].text);
			continue;
		}
		if (!nr) {
			put_indent(out, depth);
			fprintf(out, "1..%zu\n", b->children);
		}
		put_test(ev, i, depth, ++nr, out);
	}
	if (!nr)
		fprintf(out, "1..0\n");
}

void write__ktap(const struct events *ev, FILE *out)
{
	put_tests(ev, 0, 0, out);
}
