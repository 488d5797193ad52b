// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the table: a row when a target is done. Below a row that is not as expected
 * are the findings and the commands that show more.
 *
 * Column widths are fixed before the first row, so a number with more digits
 * than its column moves the rest of its row to the right.
 */
#include <string.h>

#include "lib/escape.h"
#include "lib/terminal.h"
#include "lib/wrap.h"
#include "vmtest/report/summary_parts.h"

#define GAP 2
#define INDENT 2		/* for lines below a row */
#define TESTS_SHOWN 5
#define RULES_NAMED 6		/* in a command; with more, no --rules */

enum { COL_TARGET, COL_VERDICT, COL_RUNS, COL_TESTS, COL_JOINS, COL_EVENTS, COL_LOST, COL_SECONDS, COL_NR };

static const struct {
	const char *title;
	size_t width;
	bool right;
	int goes;		/* order of removal if too wide; 0: stays */
} columns[COL_NR] = {
	[COL_TARGET] = { "TARGET", 6, false, 0 },
	[COL_VERDICT] = { "VERDICT", sizeof("INCONCLUSIVE") - 1, false, 0 },
	[COL_RUNS] = { "RUNS", 4, true, 1 },
	[COL_TESTS] = { "TESTS", sizeof("36 ok, 56 not ok") - 1, false, 6 },
	[COL_JOINS] = { "JOINS", 5, true, 2 },
	[COL_EVENTS] = { "EVENTS", 6, true, 3 },
	[COL_LOST] = { "LOST", 4, true, 5 },
	[COL_SECONDS] = { "SECONDS", 7, true, 4 },
};

struct layout {
	const struct summary_look *look;
	size_t width[COL_NR];	/* 0: hidden */
};

static size_t row_width(const struct layout *l)
{
	size_t sum = 0;

	for (int i = 0; i < COL_NR; i++)
		sum += l->width[i] ? l->width[i] + (i ? GAP : 0) : 0;
	return sum;
}

static void lay_out(const struct summary *s, const struct summary_look *look,
		    struct layout *l)
{
	l->look = look;
	for (int i = 0; i < COL_NR; i++)
		l->width[i] = columns[i].width;
	if (s->name_width > l->width[COL_TARGET])
		l->width[COL_TARGET] = s->name_width;
	if (s->guilty)
		l->width[COL_VERDICT] = sizeof("PANIC (expected)") - 1;
	if (s->most_runs < 2)
		l->width[COL_RUNS] = 0;
	for (int turn = 1; turn < COL_NR && row_width(l) > look->width; turn++)
		for (int i = 0; i < COL_NR; i++)
			if (columns[i].goes == turn)
				l->width[i] = 0;
}

static const char *color_of(const struct total *t)
{
	if (t->expected)
		return SGR_GOOD;
	return t->verdict == VERDICT_INCONCLUSIVE || t->verdict == VERDICT_LOST ?
		SGR_DOUBT : SGR_BAD;
}

/* Prints a row and frees its cells. color may be NULL. */
static void print_row(const struct layout *l, char *cell[COL_NR],
		      const char *color)
{
	size_t at = 0, start = 0, line = l->look->width;
	FILE *out = l->look->out;

	for (int i = 0; i < COL_NR; free(cell[i++])) {
		size_t len = strlen(cell[i]), place = start;
		bool colored = color && l->look->color && i == COL_VERDICT;

		if (!l->width[i])
			continue;
		if (columns[i].right && len < l->width[i])
			place += l->width[i] - len;
		if (at && place <= at)
			place = at + 1;
		if (at && place + len > line) {
			fputc('\n', out);
			at = 0;
			place = INDENT;
		}
		fprintf(out, "%*s%s%s%s", (int)(place - at), "",
			colored ? color : "", cell[i], colored ? SGR_OFF : "");
		at = place + len;
		start += l->width[i] + GAP;
	}
	fputc('\n', out);
}

static void print_titles(const struct layout *l)
{
	char *cell[COL_NR];

	for (int i = 0; i < COL_NR; i++)
		cell[i] = xstrdup(columns[i].title);
	print_row(l, cell, NULL);
}

/* Skipped tests are mentioned if no test failed and there is room. */
static char *tests_text(const struct total *t)
{
	char *text;

	if (t->not_ok)
		return xasprintf("%llu ok, %llu not ok",
				 (unsigned long long)t->ok,
				 (unsigned long long)t->not_ok);
	text = xasprintf("%llu ok, %llu skip", (unsigned long long)t->ok,
			 (unsigned long long)t->skip);
	if (!t->skip || strlen(text) > columns[COL_TESTS].width)
		*strchr(text, ',') = '\0';
	return text;
}

static char *number(uint64_t n)
{
	return xasprintf("%llu", (unsigned long long)n);
}

static const char *remark(const struct total *t)
{
	if (t->verdict == VERDICT_PASS)
		return t->expected ? "" : " (unexpected)";
	return t->expected ? " (expected)" : "";
}

static void print_entry_row(const struct layout *l, const struct entry *e,
			    const struct total *t)
{
	char *cell[COL_NR] = {
		[COL_TARGET] = xstrdup(e->name),
		[COL_VERDICT] = xasprintf("%s%s", verdict__name(t->verdict),
				      remark(t)),
		[COL_RUNS] = number(e->n),
		[COL_TESTS] = tests_text(t),
		[COL_JOINS] = number(t->judged.joins),
		[COL_EVENTS] = number(t->judged.events),
		[COL_LOST] = number(t->judged.lost),
		[COL_SECONDS] = xasprintf("%.1f", t->seconds),
	};

	print_row(l, cell, color_of(t));
}

/* Prints "  HEAD  text", wrapped; frees head. */
static void print_detail(const struct layout *l, char *head, size_t width,
			 const char *text)
{
	FILE *out = l->look->out;

	fprintf(out, "%*s%-*s", INDENT, "", *text ? (int)width : 0, head);
	if (*text) {
		fprintf(out, "%*s", GAP, "");
		wrap__print(out, text, INDENT + width + GAP, l->look->width);
	} else {
		fputc('\n', out);
	}
	free(head);
}

static char *rule_head(const struct violation *v)
{
	return xasprintf("%s x%llu", v->rule, (unsigned long long)v->count);
}

static void print_rules(const struct layout *l, const struct verify_report *j)
{
	size_t width = 0;

	for (size_t i = 0; i < j->n; i++) {
		auto_free char *head = rule_head(&j->violations[i]);

		width = strlen(head) > width ? strlen(head) : width;
	}
	for (size_t i = 0; i < j->n; i++) {
		const char *text = j->violations[i].statement;

		print_detail(l, rule_head(&j->violations[i]), width,
			     text ? text : "");
	}
}

static void print_tests(const struct layout *l, const struct entry *e)
{
	auto_strv names = { 0 };

	for (size_t i = 0; i < e->n; i++) {
		const struct findings *f = &e->runs[i].findings;

		for (size_t k = 0; k < f->n; k++)
			if (f->v[k].kind == FINDING_TEST &&
			    !strv__has(&names, f->v[k].text))
				strv__add(&names, f->v[k].text);
	}
	for (size_t i = 0; i < names.n && i < TESTS_SHOWN; i++)
		print_detail(l, xstrdup("not ok"), strlen("not ok"),
			     names.v[i]);
	if (names.n > TESTS_SHOWN)
		fprintf(l->look->out, "%*sand %zu more\n", INDENT, "",
			names.n - TESTS_SHOWN);
}

/* Prints how many of the expected rules were violated. */
static void print_expected(const struct layout *l, const struct entry *e,
			   const struct verify_report *j)
{
	auto_strv missing = { 0 };
	auto_free char *head = NULL, *list = NULL;

	for (size_t i = 0; i < e->expect.rules.n; i++)
		if (!verify_report__violations(j, e->expect.rules.v[i]))
			strv__add(&missing, e->expect.rules.v[i]);
	list = strv__join(&missing, " ");
	head = xasprintf("%zu of %zu expected rules violated%s%s",
			 e->expect.rules.n - missing.n, e->expect.rules.n,
			 missing.n ? "; not violated: " : "", list);
	if (e->expect.rules.n) {
		fprintf(l->look->out, "%*s", INDENT, "");
		wrap__print(l->look->out, head, INDENT, l->look->width);
	}
}

/* Returns the worst unexpected run, the one to look at. */
static const struct run_outcome *worst_unexpected(const struct entry *e)
{
	const struct run_outcome *worst = NULL;

	for (size_t i = 0; i < e->n; i++) {
		const struct run_outcome *r = &e->runs[i];

		if (!e->expect.wanted[r->verdict] && r->dir &&
		    (!worst || r->verdict > worst->verdict))
			worst = r;
	}
	return worst;
}

static char *rules_option(const struct verify_report *j)
{
	auto_free char *list = NULL;
	auto_strv ids = { 0 };

	for (size_t i = 0; i < j->n; i++)
		strv__add(&ids, j->violations[i].rule);
	list = strv__join(&ids, ",");
	return j->n > RULES_NAMED ? xstrdup("") : xasprintf("--rules %s ", list);
}

/* Prints commands without wrapping, so that users can copy them. */
static void print_commands(const struct layout *l, const struct run_outcome *r)
{
	auto_free char *quoted = shell_quote(r->dir), *dir = escape__line(quoted);
	auto_free char *rules = rules_option(&r->judged);
	FILE *out = l->look->out;
	const char *file = r->verdict == VERDICT_SPLAT ||
			   r->verdict == VERDICT_PANIC ||
			   r->verdict == VERDICT_HANG ? "splat.txt" :
			   r->judged.n ? NULL :
			   r->tests.not_ok ? "tests.ktap" : "log";

	if (file)
		fprintf(out, "%*smore:   less %s/%s\n", INDENT, "", dir, file);
	if (r->judged.n)
		fprintf(out, "%*smore:   %s replay %s%s/trace.bin\n", INDENT,
			"", l->look->tracer, rules, dir);
	fprintf(out, "%*srepeat: sh %s/repro.sh\n", INDENT, "", dir);
}

static void print_details(const struct layout *l, const struct entry *e,
			  const struct total *t)
{
	const struct run_outcome *r = worst_unexpected(e);
	struct groups g;

	if (!e->expect.wanted[VERDICT_PASS])
		print_expected(l, e, &t->judged);
	if (!r)
		return;
	if (e->expect.wanted[VERDICT_PASS]) {
		print_rules(l, &t->judged);
		print_tests(l, e);
	}
	summary__group(e, &g);
	groups__print(&g, e->name, l->look->out, l->look->width);
	groups__free(&g);
	print_commands(l, r);
}

static void print_entry(struct summary *s, struct entry *e,
			const struct summary_look *look)
{
	struct layout l;
	struct total t;

	lay_out(s, look, &l);
	if (!s->titled)
		print_titles(&l);
	s->titled = true;
	e->printed = true;
	summary__sum_up(e, &t);
	print_entry_row(&l, e, &t);
	print_details(&l, e, &t);
	verify_report__free(&t.judged);
}

void summary__print(struct summary *s, const struct summary_look *look, bool all)
{
	for (size_t i = 0; i < s->n; i++) {
		struct entry *e = &s->v[i];

		if (!e->printed && (all || e->n >= e->announced))
			print_entry(s, e, look);
	}
}
