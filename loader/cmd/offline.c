// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the arguments that replay and report share, and opens and judges their trace.
 * The semantics in the header of the trace apply unless --semantics is given.
 */
#include "loader/cmd/offline.h"

#include <stdio.h>

#include "loader/cmd/option.h"

enum {
	OPT_RULES = 512,	/* above the keys of the commands */
	OPT_SEMANTICS,
};

static error_t parse_opt(int key, char *arg, struct argp_state *state)
{
	struct offline *o = state->input;

	switch (key) {
	case OPT_RULES:
		o->rules = arg;
		return 0;
	case OPT_SEMANTICS:
		option__semantics(arg, &o->semantics, state);
		o->semantics_given = true;
		return 0;
	case ARGP_KEY_ARG:
		option__file(arg, &o->path, state);
		return 0;
	case ARGP_KEY_END:
		option__need_file(o->path, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option options[] = {
	{ "rules", OPT_RULES, "LIST", 0,
	  "check these rules only: I17,I19 or I1..I8; -I40 is all but I40", 0 },
	{ "semantics", OPT_SEMANTICS, "KERNEL", 0,
	  "judge as auto, mainline, join or seed; default: as recorded", 0 },
	{ 0 },
};

const struct argp offline_argp = { .options = options, .parser = parse_opt };

void offline__complain(const struct offline *o, const char *what,
		       const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", o->command, what, why);
}

int offline__open(const struct offline *o, struct trace_reader **out)
{
	char err[512];
	int ret = trace_reader__open(out, o->path, err, sizeof(err));

	if (ret)
		fprintf(stderr, "%s: %s\n", o->command, err);
	return ret;
}

int offline__judge(const struct offline *o, const struct trace_reader *r,
		   bool expect, struct judge **out)
{
	const struct trace_info *info = trace_reader__info(r);
	const struct judge_opts opts = {
		.semantics = o->semantics_given ? o->semantics :
						  info->semantics,
		.rules = o->rules,
		.seed = info->seed,
		.expect = expect,
	};
	char err[256];
	int ret = judge__new(out, &opts, err, sizeof(err));

	if (ret)
		fprintf(stderr, "%s: %s\n", o->command, err);
	return ret;
}
