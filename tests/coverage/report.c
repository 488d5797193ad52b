// SPDX-License-Identifier: GPL-2.0-only
/* Collects the lines of each file, and writes them as text and as JSON. */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "vmtest/lib/util.h"

#define FORMAT_VERSION 1

struct report {
	json_t *files;
	FILE *text;
	char *buf;
	size_t len;
	const struct added_file *now;
	unsigned int of[STATES];	/* counts of the current file */
};

struct report *report__new(void)
{
	struct report *r = xcalloc(1, sizeof(*r));

	r->files = json_array();
	r->text = open_memstream(&r->buf, &r->len);
	if (!r->files || !r->text)
		abort();
	return r;
}

static json_t *begin_file(struct report *r, const struct added_file *f)
{
	json_t *o = json_pack("{s:s, s:[], s:[]}", "file", f->path, "missing",
			      "excused");

	if (r->now)
		fputc('\n', r->text);
	fprintf(r->text, "%s\n", f->path);
	r->now = f;
	memset(r->of, 0, sizeof(r->of));
	json_array_append_new(r->files, o);
	return o;
}

static void put_counts(json_t *o, const unsigned int of[STATES])
{
	unsigned int code = of[EXECUTED] + of[EXCUSED] + of[MISSING];

	json_object_set_new(o, "added", json_integer(code + of[NO_CODE]));
	json_object_set_new(o, "executable", json_integer(code));
	json_object_set_new(o, "executed", json_integer(of[EXECUTED]));
}

static void put_line(json_t *list, const struct added_line *l,
		     const struct line_count *count,
		     const struct reason *reason)
{
	json_t *o = json_pack("{s:i, s:s, s:s?, s:b}", "line", (int)l->nr,
			      "text", l->text + strspn(l->text, " \t"),
			      "function", count->function, "partly",
			      count->count > 0);

	if (reason)
		json_object_set_new(o, "reason", json_string(reason->why));
	json_array_append_new(list, o);
}

void report__line(void *ctx, const struct added_file *f,
		  const struct added_line *l, enum state state,
		  const struct line_count *count, const struct reason *reason)
{
	struct report *r = ctx;
	char times[32] = "-";
	json_t *o;

	o = r->now == f ? json_array_get(r->files,
					 json_array_size(r->files) - 1) :
			  begin_file(r, f);
	if (state == EXECUTED)
		snprintf(times, sizeof(times), "%llu",
			 (unsigned long long)count->count);
	else if (state != NO_CODE)
		snprintf(times, sizeof(times), "%s %s",
			 state == MISSING ? "#####" : "=====",
			 count->count ? "part" : "");
	fprintf(r->text, "%10s %5u: %s\n", times, l->nr, l->text);
	if (state == EXCUSED)
		fprintf(r->text, "%17s %s\n", "because:", reason->why);
	if (state == MISSING)
		put_line(json_object_get(o, "missing"), l, count, NULL);
	else if (state == EXCUSED)
		put_line(json_object_get(o, "excused"), l, count, reason);
	r->of[state]++;
	put_counts(o, r->of);
}

static int put_file(const char *dir, const char *name, const char *text,
		    size_t len)
{
	char *path = xasprintf("%s/%s", dir, name);
	int err = write_file_atomic(path, text, len);

	if (err)
		msg_error("%s: %s", path, strerror(-err));
	free(path);
	return err;
}

static int write_summary(struct report *r, const struct coverage *v,
			 const char *dir, char *const *runs)
{
	json_t *o = json_pack("{s:i, s:b, s:[], s:{s:i, s:i}}", "version",
			      FORMAT_VERSION, "good", coverage__good(v), "runs",
			      "totals", "missing", (int)v->of[MISSING],
			      "excused", (int)v->of[EXCUSED]);
	char *text;
	int err;

	put_counts(json_object_get(o, "totals"), v->of);
	json_object_set_new(json_object_get(o, "totals"), "problems",
			    json_integer(v->problems));
	for (; *runs; runs++)
		json_array_append_new(json_object_get(o, "runs"),
				      json_string(*runs));
	json_object_set(o, "files", r->files);
	text = json_dumps(o, JSON_INDENT(1));
	err = text ? put_file(dir, "summary.json", text, strlen(text)) :
		     -ENOMEM;
	free(text);
	json_decref(o);
	return err;
}

static int number(const json_t *o, const char *key)
{
	return (int)json_integer_value(json_object_get(o, key));
}

static int size(const json_t *o, const char *key)
{
	return (int)json_array_size(json_object_get(o, key));
}

static void print(const struct report *r, const struct coverage *v)
{
	const json_t *o, *line;
	size_t i, k;

	printf("%-32s %6s %11s %9s %8s %8s\n", "FILE", "ADDED", "EXECUTABLE",
	       "EXECUTED", "EXCUSED", "MISSING");
	json_array_foreach(r->files, i, o)
		printf("%-32s %6d %11d %9d %8d %8d\n",
		       json_string_value(json_object_get(o, "file")),
		       number(o, "added"), number(o, "executable"),
		       number(o, "executed"), size(o, "excused"),
		       size(o, "missing"));
	printf("%-32s %6u %11u %9u %8u %8u\n", "all of them", v->added,
	       v->added - v->of[NO_CODE], v->of[EXECUTED], v->of[EXCUSED],
	       v->of[MISSING]);
	json_array_foreach(r->files, i, o)
		json_array_foreach(json_object_get(o, "missing"), k, line)
			printf("%s: %s:%d: %s: %s\n",
			       json_is_true(json_object_get(line, "partly")) ?
			       "not all executed" : "not executed",
			       json_string_value(json_object_get(o, "file")),
			       number(line, "line"),
			       json_string_value(json_object_get(line,
								 "function")),
			       json_string_value(json_object_get(line,
								 "text")));
}

int report__write(struct report *r, const struct coverage *v, const char *dir,
		  char *const *runs)
{
	int err;

	fprintf(r->text,
		"\nBefore each line how often it was executed: - is no code, ##### never, ===== never,\nfor the reason below; part: not all that is on the line.\n");
	fflush(r->text);
	err = put_file(dir, "report.txt", r->buf, r->len);
	if (!err)
		err = write_summary(r, v, dir, runs);
	if (!err)
		print(r, v);
	return err;
}

void report__free(struct report *r)
{
	fclose(r->text);
	free(r->buf);
	json_decref(r->files);
	free(r);
}
