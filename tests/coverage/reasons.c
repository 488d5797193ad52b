// SPDX-License-Identifier: GPL-2.0-only
/* Parses the file of reasons, and finds the reason for a line. */
#include "reasons.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "vmtest/lib/util.h"

static int begin(struct reasons *r, int nr, char *line)
{
	char *function = strchr(line, ' '), *text;

	if (!function)
		return -EINVAL;
	*function++ = '\0';
	text = strchr(function, ':');
	if (!text || text == function)
		return -EINVAL;
	*text++ = '\0';
	r->v = xrealloc(r->v, (r->n + 1) * sizeof(*r->v));
	r->v[r->n++] = (struct reason){
		.nr = nr,
		.file = xstrdup(strip(line)),
		.function = xstrdup(strip(function)),
		.text = xstrdup(strip(text)),
	};
	return 0;
}

static int go_on(struct reasons *r, char *line)
{
	struct reason *last = r->n ? &r->v[r->n - 1] : NULL;
	char *joined;

	if (!last)
		return -EINVAL;
	joined = xasprintf("%s%s%s", last->why ? last->why : "",
			   last->why ? " " : "", strip(line));
	free(last->why);
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
	char *copy = xstrdup(text), *plain = strip(copy);
	struct reason *found = NULL;

	for (size_t i = 0; !found && i < r->n; i++) {
		if (!strcmp(r->v[i].file, file) &&
		    !strcmp(r->v[i].function, function) &&
		    !strcmp(r->v[i].text, plain))
			found = &r->v[i];
	}
	free(copy);
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
