// SPDX-License-Identifier: GPL-2.0-only
/* See reasons.h. */
#include "reasons.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "util.h"

/* A copy without blanks at either end. */
static char *trimmed(const char *text, size_t len)
{
	while (len && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	return xasprintf("%.*s", (int)len, text);
}

static int begin(struct reasons *r, int nr, const char *line)
{
	size_t file = strcspn(line, " "), function;
	const char *at = line + file + !!line[file];

	function = strcspn(at, ":");
	if (!file || !function || at[function] != ':')
		return -EINVAL;
	r->v = xrealloc(r->v, (r->n + 1) * sizeof(*r->v));
	r->v[r->n++] = (struct reason){
		.nr = nr,
		.file = trimmed(line, file),
		.function = trimmed(at, function),
		.text = trimmed(at + function + 1, strlen(at + function + 1)),
	};
	return 0;
}

static int go_on(struct reasons *r, const char *line)
{
	struct reason *last = r->n ? &r->v[r->n - 1] : NULL;
	char *more, *joined;

	if (!last)
		return -EINVAL;
	more = trimmed(line, strlen(line));
	joined = xasprintf("%s%s%s", last->why ? last->why : "",
			   last->why ? " " : "", more);
	free(last->why);
	free(more);
	last->why = joined;
	return 0;
}

int reasons__parse(struct reasons *r, const char *path, const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *line;
	int nr = 0, err = 0;

	memset(r, 0, sizeof(*r));
	r->path = xstrdup(path);
	while (!err && (line = strsep(&rest, "\n"))) {
		nr++;
		if (*line == '#' || !line[strspn(line, " \t")])
			continue;
		err = isspace((unsigned char)*line) ? go_on(r, line) :
						      begin(r, nr, line);
		if (err)
			msg_error("%s:%d: FILE FUNCTION: TEXT is wanted, then an indented reason",
				  path, nr);
	}
	for (size_t i = 0; !err && i < r->n; i++) {
		if (r->v[i].why)
			continue;
		msg_error("%s:%d: there is no reason behind it", path,
			  r->v[i].nr);
		err = -EINVAL;
	}
	free(copy);
	return err;
}

int reasons__read(struct reasons *r, const char *path)
{
	char *text;
	int err = read_file(path, &text, NULL);

	memset(r, 0, sizeof(*r));
	if (err) {
		msg_error("%s: %s", path, strerror(-err));
		return err;
	}
	err = reasons__parse(r, path, text);
	free(text);
	return err;
}

struct reason *reasons__find(const struct reasons *r, const char *file,
			     const char *function, const char *text)
{
	char *plain = trimmed(text, strlen(text));
	struct reason *found = NULL;

	for (size_t i = 0; !found && i < r->n; i++) {
		if (!strcmp(r->v[i].file, file) &&
		    !strcmp(r->v[i].function, function) &&
		    !strcmp(r->v[i].text, plain))
			found = &r->v[i];
	}
	free(plain);
	return found;
}

void reasons__free(struct reasons *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].file);
		free(r->v[i].function);
		free(r->v[i].text);
		free(r->v[i].why);
	}
	free(r->v);
	free(r->path);
	memset(r, 0, sizeof(*r));
}
