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

#define MEMBER(name) offsetof(struct record_command, name)

static const struct option_row rows[] = {
	{ "output", 'o', "FILE",
	  "the trace file; - is stdout, and COMMAND writes to stderr instead",
	  .member = MEMBER(output), .parse = option__trace_file },
	{ "seed", 0, "N", "seed of the workload, recorded in the file (default 0: none)",
	  .member = MEMBER(seed), .parse = option__u64, .wrong = "not a number" },
	{ "semantics", 0, "MODE",
	  "auto, mainline, join, keep or seed, recorded in the file (default auto)",
	  .member = MEMBER(semantics), .parse = option__semantics,
	  .wrong = "not one of " SEMANTICS_WORDS },
	{}
};

static void check(void *command, struct argp_state *state)
{
	struct record_command *c = command;

	if (!c->output)
		argp_error(state, "-o FILE is missing");
	c->observe.setup.stdout_to_stderr = !strcmp(c->output, "-");
}

static const struct option_table options = {
	.rows = rows,
	.parts = (const struct option_part[]){
		{ &observe_options, "Observation:", MEMBER(observe) }, {}
	},
	.check = check,
	.args_doc = "[-- COMMAND [ARGUMENT...]]",
	.doc = "Records what happens to pids and pid namespaces, in COMMAND and "
	       "in the rest of the system, for `pidnstrace replay'."
	       "\v"
	       "Exit status: 0 the trace is written, 2 it is not (wrong "
	       "usage, no privileges, no BTF, an unwritable or full output, "
	       "COMMAND did not start).",
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
	if (options__parse(&options, argc, argv, ARGP_IN_ORDER, &c))
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
		msg__note("%s", result.widened);
	if (c.observe.session.verbose)
		msg__note("%s: %" PRIu64 " records, %" PRIu64 " bytes", c.output,
			  records, bytes);
	return 0;
}
