// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements `pidnstrace verify', which judges a command or the whole system as it
 * runs. A list of rules that need no sweeps makes the run shorter (select_rules()).
 */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/memory.h"
#include "lib/msg.h"
#include "loader/capture/observe.h"
#include "loader/capture/start_gate.h"
#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "loader/judge/judge.h"
#include "loader/judge/live_report.h"
#include "loader/judge/report.h"
#include "loader/rules/rules.h"
#include "loader/trace/fan_out.h"
#include "loader/trace/trace.h"

struct verify {
	struct observe_options observe;
	const char *rules;
	struct option_reports reports;
	const char *output;
	const char *expect;
	const char *live;
	const char *hold;
	bool any_status;
	enum semantics semantics;
	uint64_t seed;

	/* state of the run */
	struct start_gate held;		/* contents of --hold's file */
	struct judge *judge;
	struct trace_writer *writer;
	struct live_report announce;
	struct fan_out fan_out;
};

#define MEMBER(name) offsetof(struct verify, name)

static const struct option_row rows[] = {
	{ "rules", 0, "LIST",
	  "rules to judge by, as in `I17,I19' or `I1..I8'; -I40 leaves one out (default all)",
	  .member = MEMBER(rules), .parse = option__text },
	{ "report", 0, "FORMAT=FILE",
	  "text, json, ktap or junit; - is stdout; may be repeated (default text=-)",
	  .member = MEMBER(reports), .parse = option__report },
	{ "output", 'o', "FILE",
	  "also write the trace, for `pidnstrace replay'; - is stdout, and COMMAND writes to stderr instead",
	  .member = MEMBER(output), .parse = option__trace_file },
	{ "semantics", 0, "MODE",
	  "what setns is expected to do: mainline, join, keep, seed, or auto: what the kernel's sysctl says (default auto)",
	  .member = MEMBER(semantics), .parse = option__semantics,
	  .wrong = "not one of " SEMANTICS_WORDS },
	{ "seed", 0, "N", "seed of the workload, shown in reports",
	  .member = MEMBER(seed), .parse = option__u64, .wrong = "not a number" },
	{ "expect", 0, "FILE",
	  "compare with FILE, in which COMMAND reports at its end which operations it performed",
	  .member = MEMBER(expect), .parse = option__text },
	{ "live", 0, "FILE",
	  "write a line with the rule and the reason to FILE as soon as a rule is violated; FILE may be a pipe",
	  .member = MEMBER(live), .parse = option__text },
	{ "hold", 0, "FILE",
	  "once all hooks are attached, read FILE, which may be a pipe, to its end, and begin only then; it holds JSON, {\"seed\": N, \"expect\": \"FILE\"}, which replaces the options of these names, and the seed of --widen",
	  .member = MEMBER(hold), .parse = option__text },
	{ "any-status", 0, NULL,
	  "COMMAND may fail: its exit status does not count against PASS",
	  .member = MEMBER(any_status), .parse = option__flag },
	{}
};

/* Reports go to stdout unless files are given for them. */
static void check(void *values, struct argp_state *state)
{
	struct verify *v = values;

	if (!v->reports.n)
		v->reports.spec[v->reports.n++] = "text=-";
	if (!v->output || strcmp(v->output, "-"))
		return;
	if (option_reports__on_stdout(&v->reports))
		argp_error(state, "--output - and a report on stdout: give --report FORMAT=FILE");
	v->observe.setup.stdout_to_stderr = true;
}

static const struct option_table options = {
	.rows = rows,
	.check = check,
	.parts = (const struct option_part[]){
		{ &observe_options, "Observation:", MEMBER(observe) }, {}
	},
	.args_doc = "[-- COMMAND [ARGUMENT...]]",
	.doc = "Judges every change of a task's pid by the rules that "
	       "`pidnstrace rules' lists, while COMMAND runs; without COMMAND, "
	       "until Ctrl-C."
	       "\v"
	       "Exit status: 0 PASS, 1 FAIL: a rule was violated, 3 "
	       "INCONCLUSIVE: no violation, but not all was seen, or COMMAND failed; "
	       "2 wrong usage, no "
	       "privileges, no BTF, an output that cannot be written, COMMAND "
	       "did not start.",
};

static int open_trace(struct verify *v)
{
	struct trace_info info = { .semantics = v->semantics, .seed = v->seed };
	int err;

	if (!v->output)
		return 0;
	trace_info__init(&info);
	err = trace_writer__open(&v->writer, v->output, &info);
	if (err)
		msg__error("%s: %s", v->output, strerror(-err));
	return err;
}

/* Closes the trace; a write error is only a reason for INCONCLUSIVE. */
static void close_trace(struct verify *v)
{
	const char *why;

	if (!v->writer)
		return;
	trace_writer__flush(v->writer);
	why = trace_writer__error(v->writer);
	if (*why) {
		msg__error("%s: %s", v->output, why);
		judge__reason(v->judge, "trace file %s: %s", v->output, why);
	}
	trace_writer__close(v->writer);
	v->writer = NULL;
}

static int open_judge(struct verify *v)
{
	const struct judge_opts opts = {
		.semantics = v->semantics,
		.rules = v->rules,
		.seed = v->seed,
		.expect = v->expect,
	};
	char why[256];
	int err = judge__new(&v->judge, &opts, why, sizeof(why));

	if (err)
		msg__error("%s", why);
	return err;
}

/* Opens the sinks of the records. The caller has set the seed. */
static int begin(struct verify *v)
{
	int err = open_judge(v);

	if (!err)
		err = open_trace(v);
	if (!err && v->live) {
		err = live_report__open(&v->announce, v->live, v->judge,
				     v->writer);
		if (err)
			msg__error("%s: %s", v->live, strerror(-err));
	}
	if (err)
		return err;
	fan_out__add(&v->fan_out, judge__sink(v->judge));
	if (v->writer)
		fan_out__add_optional(&v->fan_out, trace_writer__sink(v->writer));
	if (v->live)
		fan_out__add(&v->fan_out, &v->announce.sink);
	return 0;
}

/* Waits for --hold's file, then opens the sinks. observe() calls this after attaching. */
static int begin_when_told(void *ctx)
{
	struct verify *v = ctx;
	int err = start_gate__wait(v->hold, &v->held);

	if (err)
		return err;
	v->seed = v->held.seed;
	v->expect = v->held.expect;
	if (v->observe.widen_seed)
		v->observe.widen_seed = v->seed ? v->seed : 1;
	return begin(v);
}

static int write_reports(const struct verify *v,
			 const struct judge_result *result)
{
	int worst = 0;

	for (size_t i = 0; i < v->reports.n; i++) {
		char why[256];
		int err = report__write(result, v->reports.spec[i], why,
					sizeof(why));

		if (!err)
			continue;
		msg__error("report %s: %s", v->reports.spec[i], why);
		worst = err;
	}
	return worst;
}

/* Checks before the run that the directories of the reports are writable. */
static int check_report_files(const struct verify *v)
{
	for (size_t i = 0; i < v->reports.n; i++) {
		const char *file = strchr(v->reports.spec[i], '=');
		char *copy, *dir;
		int err = 0;

		if (!file || !strcmp(file + 1, "-"))
			continue;
		copy = xstrdup(file + 1);
		dir = dirname(copy);
		if (access(dir, W_OK | X_OK)) {
			err = -errno;
			msg__error("report %s: %s: %s", v->reports.spec[i], dir,
				   strerror(-err));
		}
		free(copy);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Checks the list of rules. Unless a rule looks at all threads or at what the command
 * leaves behind, turns off the sweeps, and with them the wait for the leftovers to go.
 */
static int select_rules(struct verify *v)
{
	const hook_mask sweep_hooks = HOOK(SWEEP) | HOOK(PID_GONE) | HOOK(NS_FREE);
	const struct rule *const *all;
	bool *selected, need_sweeps = false;
	char why[256];
	size_t n;
	int err;

	if (!v->rules)
		return 0;
	all = rules__all(&n);
	selected = xcalloc(n, sizeof(*selected));
	err = rules__select(v->rules, selected, why, sizeof(why));
	if (err)
		msg__error("%s", why);
	for (size_t i = 0; i < n; i++)
		need_sweeps |= selected[i] && (all[i]->hooks & sweep_hooks);
	free(selected);
	if (!need_sweeps)
		v->observe.sweep_ms = 0;
	return err;
}

static int conclude(struct verify *v, const struct observe_result *seen)
{
	const struct judge_result *result;

	if (*seen->widened)
		judge__remark(v->judge, seen->widened);
	if (seen->has_command)
		judge__command(v->judge, &(struct judge_command){
			.ran = true,
			.exit = seen->command.exit,
			.signal = seen->command.signal,
			.stopped = seen->stopped,
			.any_status = v->any_status,
		});
	if (v->expect)
		judge__expect(v->judge, v->expect);
	result = judge__finish(v->judge);
	if (write_reports(v, result))
		return EXIT_USAGE;
	return verdict__exit_status(result->verdict);
}

/* Judges what observe() sees. Returns the exit status. */
static int verify(struct verify *v)
{
	struct record_sink *sink = &v->fan_out.sink;
	struct observe_result seen;
	int err = 0;

	v->announce.fd = -1;
	fan_out__init(&v->fan_out);
	if (v->hold) {
		v->observe.attached = begin_when_told;
		v->observe.ctx = v;
	} else {
		err = begin(v);
		/* The judge alone needs no fan-out. */
		if (!err && !v->writer && !v->live)
			sink = judge__sink(v->judge);
	}
	if (!err)
		err = observe(&v->observe, sink, &seen);
	live_report__close(&v->announce);
	close_trace(v);
	return err || seen.exec_error ? EXIT_USAGE : conclude(v, &seen);
}

int cmd_verify(int argc, char **argv)
{
	struct verify v = { .semantics = SEMANTICS_AUTO };
	int status;

	observe_options__init(&v.observe);
	if (options__parse(&options, argc, argv, ARGP_IN_ORDER, &v))
		return EXIT_USAGE;
	if (select_rules(&v) || check_report_files(&v) || session__check())
		return EXIT_USAGE;
	status = verify(&v);
	judge__free(v.judge);
	start_gate__free(&v.held);
	return status;
}
