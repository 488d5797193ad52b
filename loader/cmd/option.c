// SPDX-License-Identifier: GPL-2.0-only
/* Parses the values of shared options, and has the options of commands that print. */
#include "loader/cmd/option.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/cmd/cmd.h"
#include "loader/judge/report.h"
#include "loader/trace/semantics.h"

int option__semantics(const struct option_value *v)
{
	return semantics__parse(v->text, v->member);
}

int option__report(const struct option_value *v)
{
	struct option_reports *reports = v->member;
	char why[256];

	if (reports->n == REPORTS_MAX)
		argp_error(v->state, "--report: more than %d of them", REPORTS_MAX);
	if (report__check(v->text, why, sizeof(why)))
		argp_error(v->state, "%s", why);
	reports->spec[reports->n++] = v->text;
	return 0;
}

bool option_reports__on_stdout(const struct option_reports *reports)
{
	for (size_t i = 0; i < reports->n; i++) {
		const char *file = strchr(reports->spec[i], '=');

		if (!file || !strcmp(file + 1, "-"))
			return true;
	}
	return false;
}

int option__trace_file(const struct option_value *v)
{
	if (!strcmp(v->text, "-") && isatty(STDOUT_FILENO))
		argp_failure(v->state, EXIT_USAGE, 0,
			     "--output -: a trace is binary, and stdout is a terminal: write to a file with -o FILE, or to a pipe");
	return option__text(v);
}

int option__json(const struct option_value *v)
{
	bool json = !strcmp(v->text, "json");

	*(bool *)v->member = json;
	return json || !strcmp(v->text, "text") ? 0 : -EINVAL;
}

/* --- options of commands that print records --- */

static int parse_what(const struct option_value *v)
{
	unsigned int what = 0;

	if (print_what__parse(v->text, &what))
		argp_error(v->state, "--trace %s: not a list of %s", v->text,
			   PRINT_WHAT_WORDS);
	*(unsigned int *)v->member |= what;
	return 0;
}

int option__filter(const struct option_value *v)
{
	typedef int add_fn(struct filter *f, const char *text, char *why, size_t len);
	add_fn *add = v->row->key == 'p' ? filter__add_pid :
		      v->row->key == 'n' ? filter__add_namespace :
		      v->row->key == 'c' ? filter__add_comm : filter__add_cgroup;
	char why[512];

	if (add(v->member, v->text, why, sizeof(why)))
		argp_failure(v->state, EXIT_USAGE, 0, "--%s %s", v->row->name, why);
	return 0;
}

static int add_tree(const struct option_value *v)
{
	*(unsigned int *)v->member |= PRINT_TREE;
	return 0;
}

static int add_summary(const struct option_value *v)
{
	*(unsigned int *)v->member |= PRINT_SUMMARY;
	return 0;
}

/* --json has no value. */
int option__print_format(const struct option_value *v)
{
	bool json = !v->text || !strcmp(v->text, "json");

	*(enum print_format *)v->member = json ? PRINT_JSON : PRINT_TEXT;
	return json || !strcmp(v->text, "text") ? 0 : -EINVAL;
}

static int parse_color(const struct option_value *v)
{
	return color_when__parse(v->text, v->member);
}

#define MEMBER(name) offsetof(struct print_opts, name)

static const struct option_row print_rows[] = {
	{ "trace", 'e', "LIST",
	  "operations: " PRINT_WHAT_WORDS " (default: all of these but `all', which prints every raw record); may be repeated, which adds to the list",
	  .member = MEMBER(what), .parse = parse_what },
	{ "pid", 'p', "PID[@NS]",
	  "only the process with this pid in pid namespace NS, and its descendants; PID may be that of a thread, or a list separated by commas; NS is a number as in pid:[4026531836], or a path such as /proc/1/ns/pid (default: the namespace of this program; for a file, the outermost); may be repeated",
	  .member = MEMBER(filter), .parse = option__filter },
	{ "namespace", 'n', "NS",
	  "only tasks that have a pid in namespace NS, and operations that name it; may be repeated",
	  .member = MEMBER(filter), .parse = option__filter },
	{ "comm", 'c', "PATTERN",
	  "only tasks whose name in the kernel matches this shell pattern; may be repeated",
	  .member = MEMBER(filter), .parse = option__filter },
	{ "cgroup", 0, "PATH",
	  "only tasks in the cgroup PATH or below it, in the unified hierarchy (version 2); PATH is as in /proc/PID/cgroup, or begins with /sys/fs/cgroup; may be repeated",
	  .member = MEMBER(filter), .parse = option__filter },
	{ "failed-only", 'Z', NULL,
	  "print only calls that failed: setns, fork, clone and unshare",
	  .member = MEMBER(filter.failed_only), .parse = option__flag },
	{ "everyone", 'a', NULL, "also show tasks that the command did not start",
	  .member = MEMBER(everyone), .parse = option__flag },
	{ "stack", 0, NULL, "print the kernel stack below each change of a pid",
	  .member = MEMBER(stack), .parse = option__flag },
	{ "wall", 0, NULL,
	  "print the time of day, by the clock of the traced machine, instead of the time since the start",
	  .member = MEMBER(wall), .parse = option__flag },
	{ "relative", 0, NULL, "print the time since the previous line",
	  .member = MEMBER(relative), .parse = option__flag },
	{ "tree", 0, NULL,
	  "print at the end, instead of lines, the namespaces, and which processes were in them under which number",
	  .member = MEMBER(views), .parse = add_tree },
	{ "summary", 0, NULL,
	  "print at the end, instead of lines, the counts of each namespace",
	  .member = MEMBER(views), .parse = add_summary },
	{ "format", 0, "FORMAT", "text, or json: one object per line (default text)",
	  .member = MEMBER(format), .parse = option__print_format,
	  .wrong = "not one of " JSON_WORDS },
	{ "json", 0, NULL, "the same as --format=json", .member = MEMBER(format), .parse = option__print_format },
	{ "color", 0, "WHEN",
	  "auto, always or never (default auto: on a terminal, unless NO_COLOR is set)",
	  .member = MEMBER(color), .parse = parse_color,
	  .wrong = "not one of " COLOR_WORDS },
	{}
};

const struct option_table print_options = { .rows = print_rows, .given = MEMBER(given) };
