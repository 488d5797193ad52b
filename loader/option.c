// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "option.h"
#include "parse.h"
#include "report.h"

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

void option__print_format(const char *arg, struct print_opts *print,
			  struct argp_state *state)
{
	if (!strcmp(arg, "json"))
		print->format = PRINT_JSON;
	else if (!strcmp(arg, "text"))
		print->format = PRINT_TEXT;
	else
		argp_error(state, "--format %s: not one of text, json", arg);
}

void option__print_what(const char *arg, struct print_opts *print,
			struct argp_state *state)
{
	if (print_what__parse(arg, &print->what))
		argp_error(state, "--trace %s: not a list of setns, rewrite, fork, exec, exit, error, all",
			   arg);
}
