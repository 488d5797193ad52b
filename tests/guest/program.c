// SPDX-License-Identifier: GPL-2.0-only
/* Parses the options of a program that runs cases, and runs them. */
#include "program.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static const struct argp_option options[] = {
	{ "mode", 'm', "MODE", 0,
	  "Kind of kernel: join, mainline or seed", 0 },
	{ "only", 'o', "TEXT", 0, "Run the cases whose name has TEXT", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case 'm':
		o->mode = run__parse_mode(arg);
		if (!o->mode)
			argp_error(state, "no such mode: '%s'", arg);
		return 0;
	case 'o':
		o->only = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->mode)
			argp_error(state, "--mode is needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int program__main(int argc, char **argv, const char *doc,
		  program_add_fn *const *parts)
{
	const struct argp argp = {
		.options = options, .parser = parse, .doc = doc,
	};
	struct run_options o = { 0 };
	struct run_list l = { 0 };
	int status;

	argp_err_exit_status = 2;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (geteuid()) {
		fprintf(stderr, "%s: must run as root, in a guest\n",
			program_invocation_short_name);
		return 2;
	}
	for (; *parts; parts++)
		(*parts)(&l);
	status = run__all(&l, &o);
	run__free(&l);
	return status;
}
