// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the options that several commands share, so that their values and messages are
 * the same everywhere. completion/table.sh reads the values of an option from the
 * message about a wrong one.
 */
#include "loader/cmd/option.h"

#include <string.h>

#include "lib/array.h"
#include "loader/cmd/cmd.h"
#include "loader/judge/report.h"
#include "loader/lib/parse.h"

void option__seed(const char *arg, uint64_t *seed, struct argp_state *state)
{
	if (parse__u64(arg, seed))
		argp_error(state, "--seed %s: not a number", arg);
}

void option__semantics(const char *arg, enum semantics *semantics,
		       struct argp_state *state)
{
	if (semantics__parse(arg, semantics))
		argp_error(state, "--semantics %s: not one of auto, mainline, join, seed",
			   arg);
}

void option__report(const char *arg, struct option_reports *reports,
		    struct argp_state *state)
{
	char why[256];

	if (reports->n == REPORTS_MAX)
		argp_error(state, "--report: more than %d of them", REPORTS_MAX);
	if (report__check(arg, why, sizeof(why)))
		argp_error(state, "%s", why);
	reports->spec[reports->n++] = arg;
}

void option__file(const char *arg, const char **path, struct argp_state *state)
{
	if (*path)
		argp_error(state, "one FILE only");
	*path = arg;
}

void option__need_file(const char *path, struct argp_state *state)
{
	if (!path)
		argp_error(state, "FILE is missing");
}

bool option__json(const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "json") && strcmp(arg, "text"))
		argp_error(state, "--format %s: not one of text, json", arg);
	return !strcmp(arg, "json");
}

/* --- options of commands that print records --- */

enum {
	OPT_FORMAT = 0x400,
	OPT_JSON,
	OPT_STACK,
	OPT_TREE,
	OPT_SUMMARY,
	OPT_COLOR,
};

static const struct argp_option print_table[] = {
	{ "trace", 'e', "LIST", 0,
	  "operations: setns, rewrite, fork, exec, exit, wait, ns, error, all (default: all of these but `all', which prints every raw record)",
	  0 },
	{ "pid", 'p', "PID[@NS]", 0,
	  "only the process with this pid in pid namespace NS, and its descendants; NS is a number as in pid:[4026531836], or a path such as /proc/1/ns/pid (default: the namespace of this program; for a file, the outermost); may be repeated",
	  0 },
	{ "namespace", 'n', "NS", 0,
	  "only tasks that have a pid in namespace NS, and operations that name it; may be repeated",
	  0 },
	{ "comm", 'c', "PATTERN", 0,
	  "only tasks whose name in the kernel matches this shell pattern; may be repeated",
	  0 },
	{ "everyone", 'a', NULL, 0,
	  "also show tasks that the command did not start", 0 },
	{ "stack", OPT_STACK, NULL, 0,
	  "print the kernel stack below each change of a pid", 0 },
	{ "tree", OPT_TREE, NULL, 0,
	  "print at the end, instead of lines, the namespaces, and which processes were in them under which number",
	  0 },
	{ "summary", OPT_SUMMARY, NULL, 0,
	  "print at the end, instead of lines, the counts of each namespace", 0 },
	{ "format", OPT_FORMAT, "FORMAT", 0,
	  "text, or json: one object per line (default text)", 0 },
	{ "json", OPT_JSON, NULL, 0, "the same as --format=json", 0 },
	{ "color", OPT_COLOR, "WHEN", 0,
	  "auto, always or never (default auto: on a terminal, unless NO_COLOR is set)",
	  0 },
	{}
};

static void parse_what(const char *arg, struct print_opts *print,
		       struct argp_state *state)
{
	if (print_what__parse(arg, &print->what))
		argp_error(state, "--trace %s: not a list of %s", arg,
			   PRINT_WHAT_WORDS);
}

static void parse_color(const char *arg, struct print_opts *print,
			struct argp_state *state)
{
	if (color_when__parse(arg, &print->color))
		argp_error(state, "--color %s: not one of " COLOR_WORDS, arg);
}

static void parse_filter(int key, const char *arg, struct print_opts *print,
			 struct argp_state *state)
{
	static const struct {
		int key;
		const char *name;
		int (*add)(struct filter *f, const char *text, char *why,
			   size_t len);
	} filters[] = {
		{ 'p', "pid", filter__add_pid },
		{ 'n', "namespace", filter__add_namespace },
		{ 'c', "comm", filter__add_comm },
	};
	char why[512];

	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (filters[i].key == key &&
		    filters[i].add(&print->filter, arg, why, sizeof(why)))
			argp_failure(state, EXIT_USAGE, 0, "--%s %s",
				     filters[i].name, why);
}

static error_t parse_print(int key, char *arg, struct argp_state *state)
{
	struct print_opts *print = state->input;

	switch (key) {
	case 'e':
		parse_what(arg, print, state);
		break;
	case 'p':
	case 'n':
	case 'c':
		parse_filter(key, arg, print, state);
		break;
	case 'a':
		print->everyone = true;
		break;
	case OPT_STACK:
		print->stack = true;
		break;
	case OPT_TREE:
		print->views |= PRINT_TREE;
		break;
	case OPT_SUMMARY:
		print->views |= PRINT_SUMMARY;
		break;
	case OPT_FORMAT:
		print->format = option__json(arg, state) ? PRINT_JSON : PRINT_TEXT;
		break;
	case OPT_JSON:
		print->format = PRINT_JSON;
		break;
	case OPT_COLOR:
		parse_color(arg, print, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	print->given = true;
	return 0;
}

const struct argp print_argp = {
	.options = print_table,
	.parser = parse_print,
};
