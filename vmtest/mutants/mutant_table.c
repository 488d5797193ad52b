// SPDX-License-Identifier: GPL-2.0-only
/* Parses a table of mutants, one per line, and selects mutants from it. */
#include "vmtest/mutants/mutant_table.h"

#include <errno.h>
#include <string.h>

#include "lib/suggest.h"
#include "vmtest/wire/protocol.h"
#include "vmtest/wire/tests.h"

enum { ID, TESTS_FIELD, CATCHERS, FLAGS, TITLE, FIELDS };

/* Digits of a commit's id: at least as many as the kernel's Fixes: tags have. */
#define COMMIT_MIN 12
#define COMMIT_MAX 40

/* Suffix of the debug kernel, which detects faults that the other one misses. */
#define WATCHFUL "-debug"

struct reading {
	struct mutant_table *table;
	const char *line;	/* kernel line, as "6.12" */
};

struct row {
	struct mutant mutant;
	const char *line;	/* kernel line to read the mutants of */
	bool other_line;	/* the row is for another kernel line */
};

static const char *take_id(struct mutant *m, const char *text)
{
	if (!*text || text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] ||
	    !strcmp(text, MUTANT_NONE))
		return "an id consists of a-z, 0-9 and -, and is not " MUTANT_NONE;
	m->id = xstrdup(text);
	return NULL;
}

/* An id may appear once for the plain kernel and once for the debug kernel. */
static const char *take_label(struct mutant *m, const struct mutant_table *t)
{
	m->target = m->watched ? t->watchful : t->target;
	m->label = xasprintf("%s%s", m->id, m->watched ? WATCHFUL : "");
	for (size_t i = 0; i < t->n; i++) {
		if (!strcmp(t->v[i].label, m->label))
			return "this id appears twice";
	}
	return NULL;
}

static const char *take_tests(struct mutant *m, char *text)
{
	const char *only;
	char *word;

	/* Without a list, a run has all tests that apply. */
	if (!strcmp(strip(text), "all"))
		return NULL;
	while ((word = strsep(&text, ";"))) {
		word = strip(word);
		if (!test__find(word, &only) || (only && !*only))
			return "a test is one of those of --tests, and may be followed by :TEXT, or all of them: all";
		strv__add(&m->tests, word);
	}
	return NULL;
}

static const char *take_catchers(struct mutant *m, char *text)
{
	char *word;

	while ((word = strsep(&text, ";"))) {
		if (catchers__add(&m->catchers, strip(word)))
			return "a catcher is a rule such as I17, test:NAME, splat:TEXT, panic, hang, or any";
	}
	return NULL;
}

/* Takes a version such as "7.3": only this kernel line has the fault. */
static bool take_line_flag(struct row *r, const char *word)
{
	if (!word[strspn(word, "0123456789.")] && strchr(word, '.')) {
		r->other_line |= strcmp(word, r->line) != 0;
		return true;
	}
	return false;
}

static bool take_flag(struct row *r, const char *word)
{
	struct mutant *m = &r->mutant;

	if (!strcmp(word, "race"))
		return m->race = true;
	if (!strcmp(word, "sample"))
		return m->sample = true;
	if (!strcmp(word, "debug"))
		return m->watched = true;
	return take_line_flag(r, word);
}

static const char *take_flags(struct row *r, char *text)
{
	char *word;

	if (!strcmp(text, "-"))
		return NULL;
	while ((word = strsep(&text, ","))) {
		if (!take_flag(r, strip(word)))
			return "flags are race, sample, debug and a kernel line such as 7.3, or - for none";
	}
	return NULL;
}

/* Takes the sixth field, "COMMIT SUBJECT"; a subject may contain bars. */
static const char *take_fix(struct mutant *m, const char *text)
{
	size_t n = strspn(text, "0123456789abcdef");
	const char *subject = text + n + strspn(text + n, " ");

	if (n < COMMIT_MIN || n > COMMIT_MAX || text[n] != ' ' || !*subject)
		return "the sixth field, which may be absent, is the commit that fixed the bug: 12 to 40 hex digits, and its subject";
	m->fix.commit = xasprintf("%.*s", (int)n, text);
	m->fix.subject = xstrdup(subject);
	return NULL;
}

/* Takes the title, and the fix if the title's field is followed by another. */
static const char *take_title(struct mutant *m, char *text)
{
	char *bar = strstr(text, " | ");

	if (bar)
		*bar = '\0';
	m->title = xstrdup(strip(text));
	if (!*m->title)
		return "the fifth field is the title, which must not be empty";
	return bar ? take_fix(m, strip(bar + strlen(" | "))) : NULL;
}

/* Returns an error message, or NULL. */
static const char *take_row(struct row *r, const struct mutant_table *t,
			    char *line)
{
	struct mutant *m = &r->mutant;
	char *field[FIELDS];
	const char *wrong;

	if (!split_row(line, field, FIELDS))
		return "expected five fields, or six, separated by \" | \"";
	for (int i = 0; i < TITLE; i++)
		field[i] = strip(field[i]);
	wrong = take_id(m, field[ID]) ?: take_tests(m, field[TESTS_FIELD]) ?:
		take_catchers(m, field[CATCHERS]) ?: take_flags(r, field[FLAGS]);
	if (!wrong && !r->other_line)
		wrong = take_label(m, t);
	return wrong ?: take_title(m, field[TITLE]);
}

static void mutant__free(struct mutant *m)
{
	free(m->id);
	free(m->label);
	strv__free(&m->tests);
	catchers__free(&m->catchers);
	free(m->title);
	free(m->fix.commit);
	free(m->fix.subject);
}

static int add_line(void *ctx, const char *path, int nr, char *line)
{
	struct reading *reading = ctx;
	struct mutant_table *t = reading->table;
	struct row r = { .line = reading->line };
	const char *wrong = take_row(&r, t, line);

	if (wrong)
		msg__error("%s:%d: %s", path, nr, wrong);
	if (wrong || r.other_line) {
		mutant__free(&r.mutant);
		return wrong ? -EINVAL : 0;
	}
	t->v = xrealloc(t->v, (t->n + 1) * sizeof(*t->v));
	t->v[t->n++] = r.mutant;
	return 0;
}

/* A target that is the debug kernel itself also runs the rows with the flag debug. */
static char *debug_target(const char *target)
{
	size_t n = strlen(target), tail = strlen(WATCHFUL);

	if (n > tail && !strcmp(target + n - tail, WATCHFUL))
		return xstrdup(target);
	return xasprintf("%s" WATCHFUL, target);
}

int mutant_table__read(struct mutant_table *t, const char *path,
		       const char *line, const char *target)
{
	struct reading reading = { .table = t, .line = line };
	int err;

	memset(t, 0, sizeof(*t));
	t->path = xstrdup(path);
	t->target = xstrdup(target);
	t->watchful = debug_target(target);
	err = each_line(path, add_line, &reading);
	if (!err && !t->n) {
		msg__error("%s: contains no mutant", path);
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
	free(t->path);
	free(t->target);
	free(t->watchful);
	memset(t, 0, sizeof(*t));
}

/* An id selects a fault on both kernels, a label on only one of them. */
static bool is_meant(const struct strv *ids, const struct mutant *m)
{
	return !ids->n || strv__has(ids, m->id) || strv__has(ids, m->label);
}

static void no_mutant(const struct mutant_table *t, const char *id)
{
	struct suggest s = { .word = id };
	auto_free char *listed = xasprintf("%s lists them", t->path);
	size_t size = strlen(listed) + 160;
	auto_free char *text = xcalloc(1, size);

	for (size_t i = 0; i < t->n; i++)
		suggest__offer(&s, t->v[i].id);
	msg__error("no mutant %s%s", id, suggest__text(&s, listed, text, size));
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
		msg__error("no mutant is left to run");
	return kept ? 0 : -ENOENT;
}

void mutant__add_target(struct strv *targets, const struct mutant *m)
{
	if (!strv__has(targets, m->target))
		strv__add(targets, m->target);
}
