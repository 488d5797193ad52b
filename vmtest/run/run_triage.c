// SPDX-License-Identifier: GPL-2.0-only
/* Names the faults of a run that did not pass, in its outcome and in faults.json. */
#include "vmtest/run/state.h"

#include <errno.h>
#include <string.h>

#include "vmtest/lib/json_file.h"

static char *file_of(const struct run *r, const char *name)
{
	auto_free char *path = xasprintf("%s/%s", r->files.dir.path, name);
	char *text;

	return read_file(path, &text, NULL) ? NULL : text;
}

/* The lines of splat.txt's head that say where CPUs and tasks were. */
static json_t *read_where(const struct run *r)
{
	auto_free char *text = file_of(r, "splat.txt");
	char *rest = text, *line;
	json_t *where = json_array();

	while (text && (line = strsep(&rest, "\n")) && *line) {
		if (!strncmp(line, "CPU ", 4) ||
		    !strncmp(line, "blocked ", 8))
			json_array_append_new(where, json_string(line));
	}
	return where;
}

/* Returns the first function that is not listed in vmtest/frames; free it. */
static char *fault_place(const struct run *r, const json_t *where)
{
	const json_t *line;
	size_t i;

	json_array_foreach(where, i, line) {
		const char *frame = strstr(json_string_value(line), ": ");
		char *function = fault__function(frame ? frame + 2 : "");

		if (*function && strncmp(function, "0x", 2) &&
		    scanner__names_fault(r->spec.scanner, function))
			return function;
		free(function);
	}
	return NULL;
}

static void add_hang(struct run *r, const json_t *where)
{
	auto_free char *place = fault_place(r, where);
	auto_free char *title = xasprintf("hang (%s)%s%s", r->out.hang,
					  place ? " in " : "", place ? place : "");

	faults__add(&r->out.faults, title, place);
}

/* Sorts I9 before I17. */
static int by_number(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;

	return strlen(x) != strlen(y) ? (strlen(x) > strlen(y)) * 2 - 1 :
					strcmp(x, y);
}

/* The rule that the kernel reports no fault. */
#define NO_REPORT "I40"

/*
 * Lists the violated rules by number, so that equal sets have equal titles. If the run is
 * named after a report of the kernel, NO_REPORT adds nothing.
 */
static char *violated(const struct findings *f, bool reported)
{
	auto_free char *list = NULL;
	auto_strv rules = { 0 };

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].kind == FINDING_RULE &&
		    !(reported && !strcmp(f->v[i].text, NO_REPORT)))
			strv__add(&rules, f->v[i].text);
	}
	if (!rules.n)
		return NULL;
	qsort(rules.v, rules.n, sizeof(*rules.v), by_number);
	list = strv__join(&rules, " ");
	return xasprintf("violated: %s", list);
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

/* Names a run after violated rules also if the kernel has reported a fault itself. */
static void add_violated(struct run *r)
{
	auto_free char *title = violated(&r->out.findings, r->out.faults.n);

	if (title)
		faults__add_rules(&r->out.faults, title);
}

static void add_other(struct run *r)
{
	auto_free char *title = not_ok(&r->out.findings);

	faults__add(&r->out.faults, title ? title : *r->out.reason ? r->out.reason :
		    "no reason given", NULL);
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
	json_t *o = json_pack("{s:s, s:o, s:o, s:s*}", "verdict",
			      verdict__name(r->out.verdict), "faults",
			      faults__json(&r->out.faults), "where", where, "hang",
			      r->out.hang);
	auto_free char *path = xasprintf("%s/faults.json", r->files.dir.path);
	int err = json_file__write(o, path);

	if (err)
		run__fail(r, path, err);
}

void run_triage__write(struct run *r)
{
	json_t *where;

	if (!r->files.dir.path || r->err || r->out.verdict == VERDICT_PASS)
		return;
	if (r->seen.kernel_text && !r->out.emulator)
		faults__find(&r->out.faults, r->seen.kernel_text, r->spec.scanner,
			     r->spec.allow);
	where = read_where(r);
	/* A splat before a hang names the fault already. */
	if (!r->out.faults.n && r->out.hang)
		add_hang(r, where);
	add_violated(r);
	if (!r->out.faults.n)
		add_other(r);
	name_in_reason(r);
	write_faults(r, where);
}
