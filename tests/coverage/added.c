// SPDX-License-Identifier: GPL-2.0-only
/*
 * Applies the patches of a series to a model of each file that has only the added
 * lines, and renumbers them as later hunks move them.
 */
#include "added.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/lib/util.h"

/* The state of a file during a patch: lines move from old to new. */
struct hand {
	struct added_file *file;
	struct added_line *old;	/* lines after the previous patch */
	size_t n, next;
	unsigned int old_nr, new_nr;	/* numbers of the hunk's next line */
	unsigned int old_left, new_left;
};

static bool wanted(const char *path)
{
	size_t len = strlen(path);

	return len > 2 && strncmp(path, "tools/", 6) &&
	       (!strcmp(path + len - 2, ".c") || !strcmp(path + len - 2, ".h"));
}

static struct added_file *find(struct added *a, const char *path)
{
	for (size_t i = 0; i < a->n; i++) {
		if (!strcmp(a->v[i].path, path))
			return &a->v[i];
	}
	a->v = xrealloc(a->v, (a->n + 1) * sizeof(*a->v));
	a->v[a->n] = (struct added_file){ .path = xstrdup(path) };
	return &a->v[a->n++];
}

static void keep(struct hand *h, unsigned int nr, char *text)
{
	struct added_file *f = h->file;

	f->v = xrealloc(f->v, (f->n + 1) * sizeof(*f->v));
	f->v[f->n++] = (struct added_line){ nr, text };
}

/* Lines before the hunk move as far as the previous hunks have moved them. */
static void pass(struct hand *h, unsigned int before)
{
	while (h->next < h->n && h->old[h->next].nr < before) {
		struct added_line *l = &h->old[h->next++];

		keep(h, l->nr - h->old_nr + h->new_nr, l->text);
	}
}

static void begin_file(struct hand *h, struct added *a, const char *path)
{
	memset(h, 0, sizeof(*h));
	h->old_nr = h->new_nr = 1;
	if (!wanted(path))
		return;
	h->file = find(a, path);
	h->old = h->file->v;
	h->n = h->file->n;
	h->file->v = NULL;
	h->file->n = 0;
}

static void end_file(struct hand *h)
{
	if (h->file)
		pass(h, ~0U);
	free(h->old);
	memset(h, 0, sizeof(*h));
}

/* Parses "@@ -1,2 +3,4 @@", where ",1" is left out. */
static int begin_hunk(struct hand *h, const char *line)
{
	unsigned int old, new, old_left = 1, new_left = 1;
	int at = 0;

	if (sscanf(line, "@@ -%u%n", &old, &at) < 1)
		return -EINVAL;
	line += at;
	if (*line == ',' && sscanf(line, ",%u%n", &old_left, &at) == 1)
		line += at;
	if (sscanf(line, " +%u%n", &new, &at) < 1)
		return -EINVAL;
	line += at;
	if (*line == ',' && sscanf(line, ",%u", &new_left) != 1)
		return -EINVAL;
	/* For an empty side, the number is that of the line before. */
	old += !old_left;
	new += !new_left;
	if (old < h->old_nr)
		return -EINVAL;
	if (h->file)
		pass(h, old);
	h->old_nr = old;
	h->new_nr = new;
	h->old_left = old_left;
	h->new_left = new_left;
	return 0;
}

static int hunk_line(struct hand *h, const char *line, size_t len)
{
	bool added = *line == '+', gone = *line == '-';

	/* "\ No newline at end of file" */
	if (*line == '\\')
		return 0;
	/* Some mailers remove the space of an empty context line. */
	if (!added && !gone && *line != ' ' && len)
		return -EINVAL;
	if ((!added && !h->old_left) || (!gone && !h->new_left))
		return -EINVAL;
	if (h->file && !added && h->next < h->n &&
	    h->old[h->next].nr == h->old_nr) {
		struct added_line *l = &h->old[h->next++];

		if (gone)
			free(l->text);
		else
			keep(h, h->new_nr, l->text);
	}
	if (h->file && added)
		keep(h, h->new_nr,
		     xasprintf("%.*s", (int)len - 1, line + 1));
	h->old_nr += !added;
	h->old_left -= !added;
	h->new_nr += !gone;
	h->new_left -= !gone;
	return 0;
}

int added__apply(struct added *a, const char *name, const char *patch)
{
	struct hand h = { .old_nr = 1, .new_nr = 1 };
	const char *end;
	int nr = 0, err = 0;

	for (const char *line = patch; !err && *line; line = end + !!*end) {
		size_t len;

		end = strchrnul(line, '\n');
		len = (size_t)(end - line);
		nr++;
		if (h.old_left || h.new_left) {
			err = hunk_line(&h, line, len);
		} else if (!strncmp(line, "+++ b/", 6)) {
			char *path = xasprintf("%.*s", (int)len - 6, line + 6);

			end_file(&h);
			begin_file(&h, a, path);
			free(path);
		} else if (!strncmp(line, "@@ ", 3)) {
			err = begin_hunk(&h, line);
		}
	}
	if (!err && (h.old_left || h.new_left))
		err = -EINVAL;
	if (err)
		msg_error("%s:%d: no patch that I understand", name, nr);
	end_file(&h);
	return err;
}

int added__read(struct added *a, const char *dir)
{
	char *pattern = xasprintf("%s/[0-9][0-9][0-9][0-9]-*.patch", dir);
	glob_t g = { 0 };
	int err = 0;

	memset(a, 0, sizeof(*a));
	if (glob(pattern, 0, NULL, &g)) {
		msg_error("%s: no patches there", dir);
		err = -ENOENT;
	}
	for (size_t i = 0; !err && i < g.gl_pathc; i++) {
		char *text;

		err = read_file(g.gl_pathv[i], &text, NULL);
		if (err) {
			msg_error("%s: %s", g.gl_pathv[i], strerror(-err));
			break;
		}
		err = added__apply(a, g.gl_pathv[i], text);
		free(text);
	}
	globfree(&g);
	free(pattern);
	return err;
}

void added__free(struct added *a)
{
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; k < a->v[i].n; k++)
			free(a->v[i].v[k].text);
		free(a->v[i].v);
		free(a->v[i].path);
	}
	free(a->v);
	memset(a, 0, sizeof(*a));
}
