// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the stream as JUnit XML: a test with subtests is a testsuite inside its
 * parent's, any other test is a testcase. The schema is tests/data/junit.xsd.
 */
#include <stdlib.h>

#include "lib/memory.h"
#include "results/write.h"

static void put_indent(FILE *out, int depth)
{
	fprintf(out, "%*s", depth * 2, "");
}

/* The texts of a stream contain no characters that XML forbids. */
static void put_text(FILE *out, const char *s)
{
	static const char *const entities[256] = {
		['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['"'] = "&quot;",
	};

	for (; s && *s; s++) {
		const char *entity = entities[(unsigned char)*s];

		if (entity)
			fputs(entity, out);
		else
			fputc(*s, out);
	}
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put_text(out, value);
	fputc('"', out);
}

static void put_totals(FILE *out, const struct totals *t)
{
	fprintf(out, " tests=\"%llu\" failures=\"%llu\" errors=\"0\" skipped=\"%llu\"",
		(unsigned long long)(t->ok + t->not_ok + t->skip),
		(unsigned long long)t->not_ok, (unsigned long long)t->skip);
}

/* Writes the test's own diagnostics. */
static void put_output(const struct events *ev, size_t at, int depth, FILE *out)
{
	bool any = false;

	for (size_t i = at + 1; i < ev->v[at].end; i = event__next(ev, i)) {
		if (ev->v[i].type == EVENT_BEGIN)
			continue;
		if (!any) {
			put_indent(out, depth);
			fputs("<system-out>", out);
		}
		any = true;
		put_text(out, ev->v[i].text);
		fputc('\n', out);
	}
	if (any)
		fputs("</system-out>\n", out);
}

static void put_case(const struct events *ev, size_t at, const char *path,
		     int depth, FILE *out)
{
	const struct event *b = &ev->v[at], *e = &ev->v[b->end];

	put_indent(out, depth);
	fputs("<testcase", out);
	put_attribute(out, "classname", path);
	put_attribute(out, "name", b->text);
	/* A test without subtests has only diagnostics. */
	if (b->result == TEST_OK && b->end == at + 1) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	if (b->result != TEST_OK) {
		const char *what = b->result == TEST_SKIP ? "skipped" :
								"failure";

		put_indent(out, depth + 1);
		fprintf(out, "<%s", what);
		put_attribute(out, "message", e->text ? e->text :
			      test_result__name(b->result));
		fputs("/>\n", out);
	}
	put_output(ev, at, depth + 1, out);
	put_indent(out, depth);
	fputs("</testcase>\n", out);
}

static void put_suite(const struct events *ev, size_t at, const char *name,
		      const char *path, int depth, FILE *out)
{
	const struct event *b = &ev->v[at];

	put_indent(out, depth);
	fputs("<testsuite", out);
	put_attribute(out, "name", name);
	put_totals(out, &b->totals);
	if (!at && ev->host)
		put_attribute(out, "hostname", ev->host);
	fputs(">\n", out);
	for (size_t i = at + 1; i < b->end; i = event__next(ev, i)) {
		const struct event *c = &ev->v[i];
		char *below;

		if (c->type != EVENT_BEGIN)
			continue;
		if (!c->children) {
			put_case(ev, i, path, depth + 1, out);
			continue;
		}
		below = xasprintf("%s.%s", path, c->text);
		put_suite(ev, i, c->text, below, depth + 1, out);
		free(below);
	}
	put_output(ev, at, depth + 1, out);
	put_indent(out, depth);
	fputs("</testsuite>\n", out);
}

void write__junit(const struct events *ev, const char *name, FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
	put_totals(out, &ev->v[0].totals);
	fputs(">\n", out);
	put_suite(ev, 0, name, name, 1, out);
	fputs("</testsuites>\n", out);
}
