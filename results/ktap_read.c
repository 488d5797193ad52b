// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads KTAP: keeps a stack of levels by indentation, and compares the results of each
 * level with its plan.
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
	if (l->seen > l->plan) {
		snprintf(why, sizeof(why), "%llu planned, %llu results",
			 (unsigned long long)l->plan,
			 (unsigned long long)l->seen);
		events__test(&k->events, "more results than planned",
			     TEST_NOT_OK, why);
		return;
	}
	for (int i = 0; i < MISSING_MAX && l->seen < l->plan; i++, l->seen++)
		missing(k, l->seen + 1, l->seen + 1, l->plan);
	if (l->seen < l->plan)
		missing(k, l->seen + 1, l->plan, l->plan);
}

static void close_level(struct ktap *k)
{
	check_plan(k);
	k->depth--;
}

/* Ends a level whose own result never came. */
static void abandon_level(struct ktap *k)
{
	close_level(k);
	diagnose_pending(k);
	events__end(&k->events, NULL, TEST_NOT_OK, "it never ended");
	innermost(k)->seen++;
}

/* Cuts rest at its first "# WORD". Returns the text after that, or NULL. */
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

/* Ends the open test: a new one, or the one whose subtests came before. */
static void take_result(struct ktap *k, bool ok, char *rest)
{
	enum test_result result = ok ? TEST_OK : TEST_NOT_OK;
	char *why = directive(rest, "SKIP");
	bool todo = false;

	if (why) {
		result = TEST_SKIP;
	} else if (!ok) {
		why = directive(rest, "TODO");
		todo = why;
	}
	diagnose_pending(k);
	if (todo) {
		events__diag(&k->events, "not ok, marked TODO:");
		events__diag(&k->events, why);
		result = TEST_OK;
		why = NULL;
	}
	/* A kselftest skip has no name: the reason stands in for the name. */
	events__end(&k->events, *rest || !why ? rest : why, result, why);
	innermost(k)->seen++;
}

static void on_result(struct ktap *k, size_t indent, bool ok, const char *rest)
{
	char *copy;

	if (indent > innermost(k)->indent)
		open_level(k, indent);
	/* Levels deeper than the subtests of this result never ended. */
	while (k->depth > 1 && k->level[k->depth - 1].indent > indent)
		abandon_level(k);
	if (k->depth && innermost(k)->indent > indent)
		close_level(k);
	else
		events__begin(&k->events, NULL);
	rest += strspn(rest, " ");
	rest += strspn(rest, "0123456789");
	rest += strspn(rest, " -");
	copy = xstrdup(rest);
	take_result(k, ok, copy);
	free(copy);
}

static bool parse_plan(const char *p, uint64_t *plan)
{
	char *end;

	if (strncmp(p, "1..", 3) || !isdigit((unsigned char)p[3]))
		return false;
	*plan = strtoull(p + 3, &end, 10);
	return !*end || *end == ' ';
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

static bool on_plan(struct ktap *k, size_t indent, uint64_t plan)
{
	struct ktap_level *l;

	if (indent > innermost(k)->indent)
		open_level(k, indent);
	l = innermost(k);
	if (l->indent != indent || l->planned)
		return false;
	l->planned = true;
	l->plan = plan;
	/* Text before the plan belongs to the whole level. */
	if (!l->seen)
		diagnose_pending(k);
	return true;
}

static void on_bail_out(struct ktap *k, const char *p)
{
	events__begin(&k->events, p);
	diagnose_pending(k);
	events__end(&k->events, NULL, TEST_NOT_OK, p);
}

static void on_text(struct ktap *k, const char *line, size_t indent)
{
	const char *p = line + indent;

	if (*p == '#')
		p += 1 + (p[1] == ' ');
	else if (!*p)
		return;
	else
		p = line;
	remember(k, p);
}

enum ktap_line ktap__line(struct ktap *k, const char *line)
{
	size_t indent = strspn(line, " ");
	const char *p = line + indent;
	bool room = indent <= innermost(k)->indent ||
		    (k->depth + 1 < KTAP_DEPTH_MAX &&
		     indent < 2 * KTAP_DEPTH_MAX);
	uint64_t plan;

	if (room && (is_word(p, "ok") || is_word(p, "not ok"))) {
		on_result(k, indent, *p == 'o',
			  p + strlen(*p == 'o' ? "ok" : "not ok"));
		return KTAP_RESULT;
	}
	if (room && is_version(p)) {
		if (indent > innermost(k)->indent)
			open_level(k, indent);
	} else if (room && !strncmp(p, SUBTEST, strlen(SUBTEST))) {
		if (indent > innermost(k)->indent)
			open_level(k, indent);
		/* The result, if any, contains the name, too. */
		events__name(&k->events, p + strlen(SUBTEST));
	} else if (room && parse_plan(p, &plan)) {
		if (!on_plan(k, indent, plan))
			on_text(k, line, indent);
	} else if (!strncmp(p, "Bail out!", 9)) {
		on_bail_out(k, p);
	} else {
		on_text(k, line, indent);
	}
	return KTAP_OTHER;
}

void ktap__finish(struct ktap *k)
{
	while (k->depth)
		abandon_level(k);
	check_plan(k);
	diagnose_pending(k);
}

void ktap__free(struct ktap *k)
{
	events__free(&k->events);
	free(k->pending);
	memset(k, 0, sizeof(*k));
}
