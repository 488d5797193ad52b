// SPDX-License-Identifier: GPL-2.0-only
/* Sums the line counts of any number of gcov JSON documents, by file and line. */
#include "counts.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "vmtest/lib/util.h"

/* No source file has more lines; a larger number is not a line number. */
#define LINES_MAX (1 << 20)

const struct file_counts *counts__file(const struct counts *c,
				       const char *path)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!strcmp(c->v[i].path, path))
			return &c->v[i];
	}
	return NULL;
}

const struct line_count *counts__line(const struct file_counts *f,
				      unsigned int nr)
{
	return f && nr < f->n && f->v[nr].code ? &f->v[nr] : NULL;
}

/* Drops the "./" with which gcc names headers: "./include/linux/pid.h". */
static struct file_counts *make_file(struct counts *c, const char *path)
{
	const struct file_counts *f;

	if (!strncmp(path, "./", 2))
		path += 2;
	f = counts__file(c, path);
	if (f)
		return (struct file_counts *)f;
	c->v = xrealloc(c->v, (c->n + 1) * sizeof(*c->v));
	c->v[c->n] = (struct file_counts){ .path = xstrdup(path) };
	return &c->v[c->n++];
}

/*
 * A line appears once for each function that contains it, inlined or instantiated
 * twice. Executed in any of them counts as executed.
 */
static int add_line(struct file_counts *f, const json_t *line)
{
	json_int_t nr = json_integer_value(json_object_get(line, "line_number"));
	const json_t *count = json_object_get(line, "count");
	const char *function =
		json_string_value(json_object_get(line, "function_name"));
	bool part = json_is_true(json_object_get(line, "unexecuted_block"));
	struct line_count *l;

	if (nr <= 0 || nr > LINES_MAX || !json_is_number(count))
		return -EINVAL;
	if ((size_t)nr >= f->n) {
		f->v = xrealloc(f->v, (size_t)(nr + 1) * sizeof(*f->v));
		memset(f->v + f->n, 0,
		       ((size_t)(nr + 1) - f->n) * sizeof(*f->v));
		f->n = (size_t)nr + 1;
	}
	l = &f->v[nr];
	l->code = true;
	l->count += (uint64_t)json_number_value(count);
	l->whole |= json_number_value(count) > 0 && !part;
	if (!l->function && function)
		l->function = xstrdup(function);
	return 0;
}

int counts__add(struct counts *c, const char *name, const char *json,
		size_t len)
{
	json_error_t e;
	json_t *doc = json_loadb(json, len, JSON_DISABLE_EOF_CHECK, &e);
	json_t *files = json_object_get(doc, "files"), *file, *line;
	size_t i, k;
	int err = 0;

	if (!json_is_array(files))
		err = -EINVAL;
	json_array_foreach(files, i, file) {
		const char *path =
			json_string_value(json_object_get(file, "file"));
		json_t *lines = json_object_get(file, "lines");
		struct file_counts *f;

		if (!path || !json_is_array(lines)) {
			err = -EINVAL;
			break;
		}
		f = make_file(c, path);
		json_array_foreach(lines, k, line) {
			if (!err)
				err = add_line(f, line);
		}
	}
	if (err)
		msg_error("%s: not what gcov --json-format prints: %s", name,
			  doc ? "no files with lines" : e.text);
	json_decref(doc);
	return err;
}

void counts__free(struct counts *c)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->v[i].n; k++)
			free(c->v[i].v[k].function);
		free(c->v[i].v);
		free(c->v[i].path);
	}
	free(c->v);
	memset(c, 0, sizeof(*c));
}
