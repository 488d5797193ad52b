// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parses the arguments that replay and report share, and opens and judges their trace.
 * The semantics in the header of the trace apply unless --semantics is given.
 */
#include "loader/cmd/offline.h"

#include "lib/msg.h"
#include "loader/cmd/option.h"

#define MEMBER(name) offsetof(struct offline, name)

static int parse_semantics(const struct option_value *v)
{
	struct offline *o = v->member;

	o->semantics_given = true;
	return semantics__parse(v->text, &o->semantics);
}

static const struct option_row rows[] = {
	{ "rules", 0, "LIST",
	  "check these rules only: I17,I19 or I1..I8; -I40 is all but I40",
	  .member = MEMBER(rules), .parse = option__text },
	{ "semantics", 0, "KERNEL",
	  "judge as auto, mainline, join, keep or seed; default: as recorded",
	  .parse = parse_semantics, .wrong = "not one of " SEMANTICS_WORDS },
	{}
};

const struct option_table offline_options = { .rows = rows, .file = MEMBER(path) };

void offline__complain(const struct offline *o, const char *what,
		       const char *why)
{
	msg__of(o->command, "%s: %s", what, why);
}

int offline__open(const struct offline *o, struct trace_reader **out)
{
	char err[512];
	int ret = trace_reader__open(out, o->path, err, sizeof(err));

	if (ret)
		msg__of(o->command, "%s", err);
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
		msg__of(o->command, "%s", err);
	return ret;
}
