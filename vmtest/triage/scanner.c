// SPDX-License-Identifier: GPL-2.0-only
/* Reads the two tables, and looks up lines and functions in them. */
#include "vmtest/triage/scanner.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#define SPLATS "vmtest/splats"
#define FRAMES "vmtest/frames"
#define BAR " | "
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

/* Splits a row at each BAR; any further blanks belong to the columns. */
static bool cut(char *line, char *column[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++) {
		char *bar = strstr(line, BAR);

		column[i] = line;
		if (!!bar != (i < COLUMNS - 1))
			return false;
		if (!bar)
			break;
		*bar = '\0';
		line = bar + strlen(BAR);
	}
	return true;
}

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
	       *column[2] && *column[3];
}

static int take_row(void *ctx, const char *path, int nr, char *line)
{
	struct scanner *s = ctx;
	char *column[COLUMNS];
	struct splat_row row;

	if (!cut(line, column) || !parse_row(column, &row)) {
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
	char *path = xasprintf("%s/%s", top, name);
	int err = each_line(path, fn, s);

	/* With an empty table, no fault would ever be found. */
	if (!err && !*n) {
		msg__error("%s: empty, so the console cannot be scanned",
			  path);
		err = -ENODATA;
	}
	free(path);
	return err;
}

int scanner__read(struct scanner *s, const char *top)
{
	int err;

	memset(s, 0, sizeof(*s));
	err = read_table(s, top, SPLATS, take_row, &s->n);
	if (!err)
		err = read_table(s, top, FRAMES, take_frame, &s->frames.n);
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

bool scanner__telling(const struct scanner *s, const char *function)
{
	for (size_t i = 0; i < s->frames.n; i++) {
		if (!fnmatch(s->frames.v[i], function, 0))
			return false;
	}
	return true;
}
