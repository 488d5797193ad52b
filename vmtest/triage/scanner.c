// SPDX-License-Identifier: GPL-2.0-only
/* Reads the tables, and looks up lines and functions in them. */
#include "vmtest/triage/scanner.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#define SPLATS "vmtest/splats"
#define FRAMES "vmtest/frames"
#define COLUMNS 5

static const struct {
	const char *word;
	enum console_kind kind;
	bool after;
} kinds[] = {
	{ "gap", CONSOLE_GAP, false },
	{ "host", CONSOLE_HOST, false },
	{ "panic", CONSOLE_PANIC, false },
	{ "panic-after", CONSOLE_PANIC, true },
	{ "splat", CONSOLE_SPLAT, false },
	{ "splat-after", CONSOLE_SPLAT, true },
};

static bool parse_row(char *column[COLUMNS], struct splat_row *row)
{
	bool known = false;

	memset(row, 0, sizeof(*row));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(column[0], kinds[i].word))
			continue;
		known = true;
		row->kind = kinds[i].kind;
		row->after = kinds[i].after;
	}
	row->start = !strcmp(column[1], "start");
	return known && (row->start || !strcmp(column[1], "any")) &&
	       *column[2] && *column[3] && !strstr(column[4], " | ");
}

static int take_row(void *ctx, const char *path, int nr, char *line)
{
	struct scanner *s = ctx;
	char *column[COLUMNS];
	struct splat_row row;

	if (!split_row(line, column, COLUMNS) || !parse_row(column, &row)) {
		msg__error("%s:%d: expected \"gap|host|panic|splat[-after] | start|any | TEXT | TITLE | SOURCE\"",
			  path, nr);
		return -EINVAL;
	}
	row.text = xstrdup(column[2]);
	row.title = xstrdup(column[3]);
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n++] = row;
	return 0;
}

static int take_frame(void *ctx, const char *path, int nr, char *line)
{
	struct scanner *s = ctx;

	(void)path;
	(void)nr;
	strv__add(&s->frames, line);
	return 0;
}

static int read_table(struct scanner *s, const char *top, const char *name,
		      line_fn *fn, const size_t *n)
{
	auto_free char *path = xasprintf("%s/%s", top, name);
	int err = each_line(path, fn, s);

	/* With an empty table, no fault would ever be found. */
	if (!err && !*n) {
		msg__error("%s: empty, so the console cannot be scanned",
			  path);
		err = -ENODATA;
	}
	return err;
}

int scanner__read(struct scanner *s, const char *top)
{
	int err;

	memset(s, 0, sizeof(*s));
	err = read_table(s, top, SPLATS, take_row, &s->n) ?:
	      read_table(s, top, FRAMES, take_frame, &s->frames.n);
	return err;
}

void scanner__free(struct scanner *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].text);
		free(s->v[i].title);
	}
	free(s->v);
	strv__free(&s->frames);
	memset(s, 0, sizeof(*s));
}

const struct splat_row *scanner__find(const struct scanner *s,
				      const char *text)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct splat_row *row = &s->v[i];

		if (row->start ? !strncmp(text, row->text, strlen(row->text)) :
				 strstr(text, row->text) != NULL)
			return row;
	}
	return NULL;
}

bool scanner__names_fault(const struct scanner *s, const char *function)
{
	for (size_t i = 0; i < s->frames.n; i++) {
		if (!fnmatch(s->frames.v[i], function, 0))
			return false;
	}
	return true;
}

static int take_allowed(void *ctx, const char *path, int nr, char *line)
{
	struct allow *a = ctx;
	char *field[2];

	if (!split_row(line, field, ARRAY_SIZE(field))) {
		msg__error("%s:%d: expected \"PATTERN | REASON\"", path, nr);
		return -EINVAL;
	}
	a->v = xrealloc(a->v, (a->n + 1) * sizeof(*a->v));
	a->v[a->n++] = (struct allow_entry){
		.pattern = xstrdup(strip(field[0])),
		.reason = xstrdup(strip(field[1])),
	};
	return 0;
}

int allow__read(struct allow *a, const char *path)
{
	return each_line(path, take_allowed, a);
}

const struct allow_entry *allow__find(const struct allow *a, const char *line)
{
	for (size_t i = 0; a && i < a->n; i++) {
		if (!fnmatch(a->v[i].pattern, line, 0))
			return &a->v[i];
	}
	return NULL;
}

void allow__free(struct allow *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].pattern);
		free(a->v[i].reason);
	}
	free(a->v);
	memset(a, 0, sizeof(*a));
}
