// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads KTAP: keeps a stack of levels by indentation, and compares the results of each
 * level with its plan and with their numbers. Results of a level without a plan count,
 * but prove nothing about results that are missing: ktap.doubt.
 */
#include "results/ktap_read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/memory.h"

/* A plan may be any number: this many missing results get a test each. */
#define MISSING_MAX 100
#define SUBTEST "# Subtest:"
#define TAB_WIDTH 8

static struct ktap_level *innermost(struct ktap *k)
{
	return &k->level[k->depth];
}

static void diagnose_pending(struct ktap *k)
{
	if (k->pending_len)
		events__diag(&k->events, k->pending);
	k->pending_len = 0;
}

static void remember(struct ktap *k, const char *text)
{
	size_t n = strlen(text), need = k->pending_len + n + 2;

	if (need > k->pending_cap) {
		k->pending_cap = need * 2;
		k->pending = xrealloc(k->pending, k->pending_cap);
	}
	memcpy(k->pending + k->pending_len, text, n);
	memcpy(k->pending + k->pending_len + n, "\n", 2);
	k->pending_len += n + 1;
}

static void open_level(struct ktap *k, size_t indent)
{
	events__begin(&k->events, NULL);
	diagnose_pending(k);
	k->level[++k->depth] = (struct ktap_level){ .indent = indent };
}

static void missing(struct ktap *k, uint64_t first, uint64_t last,
		    uint64_t plan)
{
	char name[96];

	if (first == last)
		snprintf(name, sizeof(name), "test %llu of %llu: no result",
			 (unsigned long long)first, (unsigned long long)plan);
	else
		snprintf(name, sizeof(name),
			 "tests %llu to %llu of %llu: no result",
			 (unsigned long long)first, (unsigned long long)last,
			 (unsigned long long)plan);
	events__test(&k->events, name, TEST_NOT_OK, "planned, but no result");
}

/* Adds a failed test for each difference between the innermost level and its plan. */
static void check_plan(struct ktap *k)
{
	struct ktap_level *l = innermost(k);
	char why[96];

	if (!l->planned)
		return;
	snprintf(why, sizeof(why), "%llu planned, %llu results",
		 (unsigned long long)l->plan, (unsigned long long)l->seen);
	if (l->seen > l->plan) {
		events__test(&k->events, "more results than planned",
			     TEST_NOT_OK, why);
		return;
	}
	/* The numbers do not show which results are missing. */
	if (l->seen < l->plan && l->disorder) {
		events__test(&k->events, "fewer results than planned",
			     TEST_NOT_OK, why);
		return;
	}
	for (int i = 0; i < MISSING_MAX && l->seen < l->plan; i++, l->seen++)
		missing(k, l->seen + 1, l->seen + 1, l->plan);
	if (l->seen < l->plan)
		missing(k, l->seen + 1, l->plan, l->plan);
}

/*
 * Returns why the results of the innermost level are no evidence, or NULL. A plan may be
 * omitted, but then the end of the output may be missing. A nested test is followed by
 * the result of the program that ran it, and needs no plan.
 */
static const char *doubt_of(const struct ktap *k)
{
	const struct ktap_level *l = &k->level[k->depth];

	if (k->depth > 1)
		return NULL;
	if (!l->planned && !l->seen)
		return "no KTAP: neither a plan nor a result";
	if (!l->planned)
		return "no plan (1..N), so a missing result would not be noticed";
	return l->plan || l->seen || l->skip ? NULL : "no test planned (1..0), and no reason";
}

/* Keeps the first doubt. */
static void note_doubt(struct ktap *k, const char *name, const char *doubt)
{
	if (doubt && !k->doubt)
		k->doubt = name && *name ? xasprintf("%s: %s", name, doubt) :
					   xstrdup(doubt);
}

/* Returns the reason of "1..0 # SKIP REASON", to be freed, or NULL. */
static char *close_level(struct ktap *k, const char **doubt)
{
	char *skip = innermost(k)->skip;

	*doubt = doubt_of(k);
	check_plan(k);
	k->depth--;
	return skip;
}

/* Ends a level whose own result never came. */
static void abandon_level(struct ktap *k)
{
	const char *doubt;

	free(close_level(k, &doubt));
	diagnose_pending(k);
	events__end(&k->events, NULL, TEST_NOT_OK, "it never ended");
	innermost(k)->seen++;
	innermost(k)->last++;
}

/* Cuts rest at its first "# WORD", in any case. Returns the text after that, or NULL. */
static char *directive(char *rest, const char *word)
{
	size_t n = strlen(word);

	for (char *p = rest; (p = strchr(p, '#')); p++) {
		char *w = p + 1 + strspn(p + 1, " ");

		if ((p > rest && p[-1] != ' ') || strncasecmp(w, word, n) ||
		    isalnum((unsigned char)w[n]))
			continue;
		*p = '\0';
		return w + n;
	}
	return NULL;
}

struct result {
	bool ok;
	bool numbered;		/* TAP allows results without a number */
	uint64_t nr;
	char *rest;		/* name and directive */
	char *skip;		/* the reason of a plan without tests, or NULL */
	const char *doubt;
};

/* Returns the result by its word and its directive; *why: the directive's text, or NULL. */
static enum test_result directed(const struct result *r, char **why, bool *todo)
{
	*todo = false;
	*why = directive(r->rest, "SKIP");
	if (*why)
		return TEST_SKIP;
	if (!r->ok) {
		*why = directive(r->rest, "TODO") ?: directive(r->rest, "XFAIL");
		*todo = *why;
		return TEST_NOT_OK;
	}
	if (r->skip) {
		*why = r->skip;
		return TEST_SKIP;
	}
	/* These directives belong to "not ok". */
	*why = strstr(r->rest, "# TIMEOUT") ?: strstr(r->rest, "# ERROR");
	return *why ? TEST_NOT_OK : TEST_OK;
}

/* Ends the open test: a new one, or the one whose subtests came before. */
static void take_result(struct ktap *k, const struct result *r)
{
	size_t begin = k->events.open[k->events.depth - 1];
	bool todo;
	char *why;
	enum test_result result = directed(r, &why, &todo);

	diagnose_pending(k);
	if (todo) {
		events__diag(&k->events, "not ok, marked TODO:");
		events__diag(&k->events, why);
		result = TEST_OK;
		why = NULL;
	}
	/* A kselftest skip has no name: the reason stands in for the name. */
	events__end(&k->events, *r->rest || !why ? r->rest : why, result, why);
	note_doubt(k, k->events.v[begin].text, r->doubt);
	innermost(k)->seen++;
}

static void fail(struct ktap *k, const char *name, const char *fmt, uint64_t a, uint64_t b)
{
	char *why = xasprintf(fmt, (unsigned long long)a, (unsigned long long)b);

	events__test(&k->events, name, TEST_NOT_OK, why);
	free(why);
}

/* The first test has number 1, the next one number 2, and so on. */
static void check_order(struct ktap *k, const struct result *r)
{
	struct ktap_level *l = innermost(k);

	l->last++;
	if (r->numbered && r->nr != l->last) {
		fail(k, "result out of order", "number %llu, expected %llu", r->nr, l->last);
		l->disorder = true;
		l->last = r->nr;
	}
	/* A plan stands before all results, or after them. */
	if (l->late && !l->disorder) {
		fail(k, "result after the plan", "the plan 1..%llu came after %llu results",
		     l->plan, l->seen - 1);
		l->disorder = true;
	}
}

/* Takes a number, after which the text ends or has a blank. Returns false for other text. */
static bool take_number(const char **text, uint64_t *nr)
{
	const char *p = *text + strspn(*text, " ");
	size_t n = strspn(p, "0123456789");

	if (!n || (p[n] && p[n] != ' '))
		return false;
	*text = p + n;
	*nr = strtoull(p, NULL, 10);
	return true;
}

static void on_result(struct ktap *k, size_t indent, bool ok, const char *rest)
{
	struct result r = { .ok = ok };

	r.numbered = take_number(&rest, &r.nr);
	if (indent > innermost(k)->indent)
		open_level(k, indent);
	/* Levels deeper than the subtests of this result never ended. */
	while (k->depth > 1 && k->level[k->depth - 1].indent > indent)
		abandon_level(k);
	if (k->depth && innermost(k)->indent > indent)
		r.skip = close_level(k, &r.doubt);
	else
		events__begin(&k->events, NULL);
	r.rest = xstrdup(rest + strspn(rest, " -"));
	take_result(k, &r);
	check_order(k, &r);
	free(r.rest);
	free(r.skip);
}

/* Takes "1..N" and "1..0 # SKIP REASON"; *comment is the text from the "#" on, or "". */
static bool parse_plan(const char *p, uint64_t *plan, const char **comment)
{
	char *end;

	if (strncmp(p, "1..", 3) || !isdigit((unsigned char)p[3]))
		return false;
	*plan = strtoull(p + 3, &end, 10);
	*comment = end + strspn(end, " ");
	return !**comment || (**comment == '#' && *comment > end);
}

static bool is_word(const char *p, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(p, word, n) && (p[n] == ' ' || !p[n]);
}

static bool is_version(const char *p)
{
	return !strncmp(p, "KTAP version ", 13) ||
	       !strncmp(p, "TAP version ", 12);
}

/* Returns the reason in "# SKIP REASON", "" if there is none; NULL: another comment. */
static char *skip_reason(const char *comment)
{
	char *copy = xstrdup(comment), *why = directive(copy, "SKIP");
	char *reason = why ? xstrdup(why + strspn(why, " ")) : NULL;

	free(copy);
	return reason;
}

static void on_plan(struct ktap *k, size_t indent, uint64_t plan, const char *comment)
{
	struct ktap_level *l;

	if (indent > innermost(k)->indent)
		open_level(k, indent);
	while (k->depth && innermost(k)->indent > indent)
		abandon_level(k);
	l = innermost(k);
	if (l->planned) {
		fail(k, "a second plan", "1..%llu, after 1..%llu", plan, l->plan);
		return;
	}
	l->planned = true;
	l->plan = plan;
	l->late = l->seen;
	l->skip = plan ? NULL : skip_reason(comment);
	/* Text before the plan belongs to the whole level. */
	if (!l->seen)
		diagnose_pending(k);
}

static void on_bail_out(struct ktap *k, const char *p)
{
	events__begin(&k->events, p);
	diagnose_pending(k);
	events__end(&k->events, NULL, TEST_NOT_OK, p);
}

/* @p: the line without its indentation */
static void on_text(struct ktap *k, const char *line, const char *p)
{
	if (*p == '#')
		p += 1 + (p[1] == ' ');
	else if (!*p)
		return;
	else
		p = line;
	remember(k, p);
}

/* Returns the column of the first character that is no blank, and its place in *p. */
static size_t indentation(const char *line, const char **p)
{
	size_t column = 0;

	for (*p = line; **p == ' ' || **p == '\t'; ++*p)
		column = **p == ' ' ? column + 1 : column + TAB_WIDTH - column % TAB_WIDTH;
	return column;
}

/*
 * Returns the text after "ok" or "not ok", or NULL. Deeper than the innermost level, a
 * result needs its number: programs indent words of other kinds, too.
 */
static const char *result_at(const char *p, bool deeper)
{
	size_t n = is_word(p, "ok") ? strlen("ok") : strlen("not ok");
	const char *rest = p + n;
	uint64_t nr;

	if (!is_word(p, "ok") && !is_word(p, "not ok"))
		return NULL;
	return !deeper || take_number(&rest, &nr) ? p + n : NULL;
}

/* Handles a line that cannot be a result. @room: its level is open, or can be opened */
static void on_other(struct ktap *k, const char *line, const char *p, size_t indent, bool room)
{
	const char *comment;
	uint64_t plan;

	if (room && is_version(p)) {
		if (indent > innermost(k)->indent)
			open_level(k, indent);
	} else if (room && !strncmp(p, SUBTEST, strlen(SUBTEST))) {
		if (indent > innermost(k)->indent)
			open_level(k, indent);
		/* The result, if any, contains the name, too. */
		events__name(&k->events, p + strlen(SUBTEST));
	} else if (room && parse_plan(p, &plan, &comment)) {
		on_plan(k, indent, plan, comment);
	} else if (!strncmp(p, "Bail out!", 9)) {
		on_bail_out(k, p);
	} else {
		on_text(k, line, p);
	}
}

static enum ktap_line take_line(struct ktap *k, const char *line)
{
	const char *p, *rest;
	size_t indent = indentation(line, &p);
	bool deeper = indent > innermost(k)->indent;
	bool room = !deeper || k->depth + 1 < KTAP_DEPTH_MAX;

	rest = result_at(p, deeper);
	if (!rest) {
		on_other(k, line, p, indent, room);
		return KTAP_OTHER;
	}
	/* A result beyond the last level counts on that level. */
	on_result(k, room ? indent : innermost(k)->indent, *p == 'o', rest);
	return KTAP_RESULT;
}

enum ktap_line ktap__line(struct ktap *k, const char *line)
{
	enum ktap_line what = KTAP_OTHER;
	char *copy, *rest, *part;

	if (!strchr(line, '\r'))
		return take_line(k, line);
	rest = copy = xstrdup(line);
	while ((part = strsep(&rest, "\r")))
		if (take_line(k, part) == KTAP_RESULT)
			what = KTAP_RESULT;
	free(copy);
	return what;
}

void ktap__finish(struct ktap *k)
{
	while (k->depth)
		abandon_level(k);
	note_doubt(k, NULL, doubt_of(k));
	check_plan(k);
	diagnose_pending(k);
}

void ktap__free(struct ktap *k)
{
	for (size_t i = 0; i <= k->depth; i++)
		free(k->level[i].skip);
	events__free(&k->events);
	free(k->pending);
	free(k->doubt);
	memset(k, 0, sizeof(*k));
}
