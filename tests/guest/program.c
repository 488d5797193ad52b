// SPDX-License-Identifier: GPL-2.0-only
/* Parses the options of a program that runs cases, and runs them. */
#include "program.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { OPT_DANGEROUS = 256, OPT_LIST };

struct arguments {
	struct run_options run;
	bool list;
};

static const struct argp_option options[] = {
	{ "mode", 'm', "MODE", 0,
	  "Kind of kernel: join, keep, mainline or seed", 0 },
	{ "dangerous", OPT_DANGEROUS, NULL, 0,
	  "With mode seed: run what may crash the kernel, and only that", 0 },
	{ "only", 'o', "TEXT", 0, "Run the cases whose name has TEXT", 0 },
	{ "limit", 'l', "MS", 0, "Time limit for one case", 0 },
	{ "list", OPT_LIST, NULL, 0, "Print the names and end", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'm':
		a->run.mode = run__parse_mode(arg);
		if (!a->run.mode)
			argp_error(state, "no such mode: '%s'", arg);
		return 0;
	case OPT_DANGEROUS:
		a->run.dangerous = true;
		return 0;
	case 'o':
		a->run.only = arg;
		return 0;
	case 'l':
		a->run.limit_ms = atoi(arg);
		if (a->run.limit_ms <= 0)
			argp_error(state, "not a time in ms: '%s'", arg);
		return 0;
	case OPT_LIST:
		a->list = true;
		return 0;
	case ARGP_KEY_END:
		if (!a->run.mode)
			argp_error(state, "--mode is needed");
		if (a->run.dangerous && a->run.mode != MODE_SEED)
			argp_error(state, "--dangerous: nothing is, but with --mode seed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void list(const struct run_list *l, unsigned int mode)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->cases[i].modes & mode)
			puts(l->cases[i].name);
}

int program__main(int argc, char **argv, const char *doc,
		  program_add_fn *const *parts)
{
	const struct argp argp = {
		.options = options, .parser = parse, .doc = doc,
	};
	struct arguments a = { 0 };
	struct run_list l = { 0 };
	int status = 0;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	for (; *parts; parts++)
		(*parts)(&l);
	if (a.list) {
		list(&l, a.run.mode);
	} else if (geteuid()) {
		fprintf(stderr, "%s: must run as root, in a guest\n",
			program_invocation_short_name);
		status = 2;
	} else {
		status = run__all(&l, &a.run);
	}
	run__free(&l);
	return status;
}
