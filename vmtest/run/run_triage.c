// SPDX-License-Identifier: GPL-2.0-only
/* Names the faults of a run that did not pass, in its outcome and in faults.json. */
#include "vmtest/run/run_triage.h"

#include <errno.h>
#include <string.h>

#include "vmtest/lib/json_file.h"

static char *file_of(const struct run *r, const char *name)
{
	char *path = xasprintf("%s/%s", r->files.dir.path, name), *text;

	if (read_file(path, &text, NULL))
		text = NULL;
	free(path);
	return text;
}

/* The lines of splat.txt's head that say where CPUs and tasks were. */
static json_t *read_where(const struct run *r)
{
	char *text = file_of(r, "splat.txt"), *rest = text, *line;
	json_t *where = json_array();

	while (text && (line = strsep(&rest, "\n")) && *line) {
		if (!strncmp(line, "CPU ", 4) ||
		    !strncmp(line, "blocked ", 8))
			json_array_append_new(where, json_string(line));
	}
	free(text);
	return where;
}

/* Returns the first function that is not listed in vmtest/frames; free it. */
static char *telling_place(const struct run *r, const json_t *where)
{
	const json_t *line;
	size_t i;

	json_array_foreach(where, i, line) {
		const char *frame = strstr(json_string_value(line), ": ");
		char *function = fault__function(frame ? frame + 2 : "");

		if (*function && strncmp(function, "0x", 2) &&
		    scanner__telling(r->spec.scanner, function))
			return function;
		free(function);
	}
	return NULL;
}

static void add_hang(struct run *r, const json_t *where)
{
	char *place = telling_place(r, where);
	char *title = xasprintf("hang (%s)%s%s", r->out.hang,
				place ? " in " : "", place ? place : "");

	faults__add(&r->out.faults, title, place);
	free(title);
	free(place);
}

/* Sorts I9 before I17. */
static int by_number(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;

	return strlen(x) != strlen(y) ? (strlen(x) > strlen(y)) * 2 - 1 :
					strcmp(x, y);
}

/* Lists the violated rules by number, so that equal sets have equal titles. */
static char *violated(const struct findings *f)
{
	struct strv rules = { 0 };
	char *list, *out = NULL;

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind == FINDING_RULE)
			strv__add(&rules, f->v[i].text);
	}
	if (rules.n) {
		qsort(rules.v, rules.n, sizeof(*rules.v), by_number);
		list = strv__join(&rules, " ");
		out = xasprintf("violated: %s", list);
		free(list);
	}
	strv__free(&rules);
	return out;
}

/* Names only the first failed test, which often makes others fail, too. */
static char *not_ok(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind == FINDING_TEST)
			return xasprintf("not ok: %s", f->v[i].text);
	}
	return NULL;
}

static void add_other(struct run *r)
{
	char *title = violated(&r->out.findings);

	if (!title)
		title = not_ok(&r->out.findings);
	if (!title)
		title = xstrdup(*r->out.reason ? r->out.reason :
						 "no reason given");
	faults__add(&r->out.faults, title, NULL);
	free(title);
}

/* Adds the fault's title to a vague reason, as "Fatal exception", "no progress". */
static void name_in_reason(struct run *r)
{
	const struct fault *f = r->out.faults.n ? &r->out.faults.v[0] : NULL;
	char *old = r->out.reason;
	bool says_more = r->out.hang || (f && f->panic &&
					 r->out.verdict == VERDICT_PANIC &&
					 strncmp(f->title, "panic:", 6));
	const char *place;

	if (!f || !says_more)
		return;
	if (!r->out.hang) {
		r->out.reason = xasprintf("%s; %s", f->title, old);
		free(old);
		return;
	}
	/* The title of a hang repeats the reason, up to the place. */
	place = strncmp(f->title, "hang (", 6) ? NULL : strchr(f->title, ')');
	if (place && !place[1])
		return;
	r->out.reason = place ? xasprintf("%s,%s", old, place + 1) :
				xasprintf("%s; %s", old, f->title);
	free(old);
}

static void write_faults(struct run *r, json_t *where)
{
	json_t *o = json_pack("{s:s, s:o, s:o}", "verdict",
			      verdict__name(r->out.verdict), "faults",
			      faults__json(&r->out.faults), "where", where);
	char *path = xasprintf("%s/faults.json", r->files.dir.path);
	int err;

	if (r->out.hang)
		json_object_set_new(o, "hang", json_string(r->out.hang));
	err = json_file__write(o, path);
	if (err)
		run__fail(r, path, err);
	free(path);
}

void run_triage__write(struct run *r)
{
	json_t *where;
	char *console;

	if (!r->files.dir.path || r->err || r->out.verdict == VERDICT_PASS)
		return;
	/* The live scan saw each line; without a report the log need not be read. */
	console = !r->out.emulator && (r->seen.console.count[CONSOLE_SPLAT] ||
				       r->seen.console.count[CONSOLE_PANIC]) ?
		  file_of(r, "console.log") : NULL;
	if (console)
		faults__find(&r->out.faults, console, r->spec.scanner,
			     r->spec.allow);
	free(console);
	where = read_where(r);
	/* A splat before a hang names the fault already. */
	if (!r->out.faults.n && r->out.hang)
		add_hang(r, where);
	else if (!r->out.faults.n)
		add_other(r);
	name_in_reason(r);
	write_faults(r, where);
}
