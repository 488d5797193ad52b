// SPDX-License-Identifier: GPL-2.0-only
/* Implements `pidnstrace record', which writes all records to a trace file. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader/capture/observe.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "lib/msg.h"
#include "loader/trace/fan_out.h"
#include "loader/trace/trace.h"

struct record_command {
	struct observe_options observe;
	const char *output;
	enum semantics semantics;
	uint64_t seed;
};

enum {
	OPT_SEED = 0x100,
	OPT_SEMANTICS,
};

static const struct argp_option option_table[] = {
	{ "output", 'o', "FILE", 0, "the trace file; - is stdout", 0 },
	{ "seed", OPT_SEED, "N", 0,
	  "seed of the workload, recorded in the file (default 0: none)", 0 },
	{ "semantics", OPT_SEMANTICS, "MODE", 0,
	  "auto, mainline, join or seed, recorded in the file (default auto)", 0 },
	{}
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct record_command *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &c->observe;
		return 0;
	case 'o':
		c->output = arg;
		return 0;
	case OPT_SEED:
		option__seed(arg, &c->seed, state);
		return 0;
	case OPT_SEMANTICS:
		option__semantics(arg, &c->semantics, state);
		return 0;
	case ARGP_KEY_END:
		if (!c->output)
			argp_error(state, "-o FILE is missing");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "[-- COMMAND [ARGUMENT...]]",
	.doc = "Records what happens to pids and pid namespaces, in COMMAND and "
	       "in the rest of the system, for `pidnstrace replay'."
	       "\v"
	       "Exit status: 0 the trace is written, 2 it is not (wrong "
	       "usage, no privileges, no BTF, an unwritable or full output, "
	       "COMMAND did not start).",
	.children = observe_children,
};

int cmd_record(int argc, char **argv)
{
	struct record_command c = { .semantics = SEMANTICS_AUTO };
	struct observe_result result;
	struct trace_writer *writer;
	struct trace_info info;
	uint64_t records, bytes;
	int err, close_err;

	observe_options__init(&c.observe);
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &c))
		return EXIT_USAGE;
	if (session__check())
		return EXIT_USAGE;

	trace_info__init(&info);
	info.semantics = c.semantics;
	info.seed = c.seed;
	err = trace_writer__open(&writer, c.output, &info);
	if (err) {
		msg__error("%s: %s", c.output, strerror(-err));
		return EXIT_USAGE;
	}
	err = observe(&c.observe, trace_writer__sink(writer), &result);
	trace_writer__flush(writer);
	if (*trace_writer__error(writer))
		msg__error("%s: %s", c.output, trace_writer__error(writer));
	records = trace_writer__records(writer);
	bytes = trace_writer__bytes(writer);
	close_err = trace_writer__close(writer);
	if (err || close_err || result.exec_error)
		return EXIT_USAGE;
	if (*result.widened)
		fprintf(stderr, "%s\n", result.widened);
	if (c.observe.progress)
		fprintf(stderr, "%s: %" PRIu64 " records, %" PRIu64 " bytes\n",
			c.output, records, bytes);
	return 0;
}
