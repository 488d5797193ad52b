// SPDX-License-Identifier: GPL-2.0-only
/* See mutant_table.h. */
#include "mutant_table.h"

#include <errno.h>
#include <string.h>

#include "../lib/suggest.h"
#include "protocol.h"
#include "tests.h"

enum { ID, TESTS_FIELD, CATCHERS, FLAGS, TITLE, FIELDS };

static const char *take_id(struct mutant *m, const char *text)
{
	if (!*text || text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] ||
	    !strcmp(text, MUTANT_NONE))
		return "an id has small letters, digits and -, and is not " MUTANT_NONE;
	m->id = xstrdup(text);
	return NULL;
}

/* One fault may be looked for on several kernels, each of which sees it. */
static const char *take_label(struct mutant *m, const struct mutant_table *t)
{
	m->label = xasprintf("%s%s", m->id, m->target + strlen(MUTANTS_TARGET));
	for (size_t i = 0; i < t->n; i++) {
		if (!strcmp(t->v[i].label, m->label))
			return "this id is there twice";
	}
	return NULL;
}

static const char *take_tests(struct mutant *m, char *text)
{
	const char *only;
	char *word;

	while ((word = strsep(&text, ";"))) {
		word = strip(word);
		if (!test__find(word, &only) || (only && !*only))
			return "a test is one of " TEST_NAMES ", with :TEXT behind it if need be";
		strv__add(&m->tests, word);
	}
	return NULL;
}

static const char *take_catchers(struct mutant *m, char *text)
{
	char *word;

	while ((word = strsep(&text, ";"))) {
		if (catchers__add(&m->catchers, strip(word)))
			return "a catcher is a rule as I17, test:NAME, splat:TEXT, panic, or hang";
	}
	return NULL;
}

/* The kernel that sees what others do not. */
#define WATCHFUL_FLAG "debug"
#define WATCHFUL_TARGET MUTANTS_TARGET "-debug"

static bool take_flag(struct mutant *m, const char *word)
{
	if (!strcmp(word, "race"))
		return m->race = true;
	if (!strcmp(word, "sample"))
		return m->sample = true;
	if (strcmp(word, WATCHFUL_FLAG))
		return false;
	m->target = WATCHFUL_TARGET;
	return true;
}

static const char *take_flags(struct mutant *m, char *text)
{
	char *word;

	m->target = MUTANTS_TARGET;
	if (!strcmp(text, "-"))
		return NULL;
	while ((word = strsep(&text, ","))) {
		if (!take_flag(m, strip(word)))
			return "flags are race, sample and debug, or - for none";
	}
	return NULL;
}

/* Returns what is wrong with the line, or NULL. */
static const char *take_line(struct mutant *m, const struct mutant_table *t,
			     char *line)
{
	char *field[FIELDS], *rest = line;
	const char *wrong;

	for (int i = 0; i < FIELDS; i++) {
		char *bar = i < TITLE && rest ? strstr(rest, " | ") : NULL;

		if (!rest || (i < TITLE && !bar))
			return "five fields, with \" | \" between them, are wanted";
		if (bar)
			*bar = '\0';
		field[i] = strip(rest);
		rest = bar ? bar + strlen(" | ") : NULL;
	}
	wrong = take_id(m, field[ID]);
	if (!wrong)
		wrong = take_tests(m, field[TESTS_FIELD]);
	if (!wrong)
		wrong = take_catchers(m, field[CATCHERS]);
	if (!wrong)
		wrong = take_flags(m, field[FLAGS]);
	if (!wrong)
		wrong = take_label(m, t);
	if (!wrong && (!*field[TITLE] || strstr(field[TITLE], " | ")))
		wrong = "the last field is the title, without a bar in it";
	if (!wrong)
		m->title = xstrdup(field[TITLE]);
	return wrong;
}

static void mutant__free(struct mutant *m)
{
	free(m->id);
	free(m->label);
	strv__free(&m->tests);
	catchers__free(&m->catchers);
	free(m->title);
}

static int add_line(void *ctx, const char *path, int nr, char *line)
{
	struct mutant_table *t = ctx;
	struct mutant m = { 0 };
	const char *wrong = take_line(&m, t, line);

	if (wrong) {
		msg_error("%s:%d: %s", path, nr, wrong);
		mutant__free(&m);
		return -EINVAL;
	}
	t->v = xrealloc(t->v, (t->n + 1) * sizeof(*t->v));
	t->v[t->n++] = m;
	return 0;
}

int mutant_table__read(struct mutant_table *t, const char *path)
{
	int err;

	memset(t, 0, sizeof(*t));
	err = each_line(path, add_line, t);
	if (!err && !t->n) {
		msg_error("%s: no mutant in it", path);
		err = -EINVAL;
	}
	if (err)
		mutant_table__free(t);
	return err;
}

void mutant_table__free(struct mutant_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		mutant__free(&t->v[i]);
	free(t->v);
	memset(t, 0, sizeof(*t));
}

/* By its id it is meant on whatever kernel, by its label on that. */
static bool is_meant(const struct strv *ids, const struct mutant *m)
{
	return !ids->n || strv__has(ids, m->id) || strv__has(ids, m->label);
}

static void no_mutant(const struct mutant_table *t, const char *id)
{
	struct suggest s = { .word = id };
	char text[160];

	for (size_t i = 0; i < t->n; i++)
		suggest__offer(&s, t->v[i].id);
	msg_error("no mutant %s%s", id,
		  suggest__text(&s, "tests/mutants/mutants.txt lists them", text,
				sizeof(text)));
}

static int check_ids(const struct mutant_table *t, const struct strv *ids)
{
	for (size_t i = 0; i < ids->n; i++) {
		const struct strv one = { .v = &ids->v[i], .n = 1 };
		size_t k = 0;

		while (k < t->n && !is_meant(&one, &t->v[k]))
			k++;
		if (k == t->n) {
			no_mutant(t, ids->v[i]);
			return -ENOENT;
		}
	}
	return 0;
}

int mutant_table__select(struct mutant_table *t, const struct strv *ids,
			 bool sample)
{
	size_t kept = 0;

	if (check_ids(t, ids))
		return -ENOENT;
	for (size_t i = 0; i < t->n; i++) {
		struct mutant *m = &t->v[i];

		if (is_meant(ids, m) && (!sample || m->sample))
			t->v[kept++] = *m;
		else
			mutant__free(m);
	}
	t->n = kept;
	if (!kept)
		msg_error("no mutant is left to run");
	return kept ? 0 : -ENOENT;
}
