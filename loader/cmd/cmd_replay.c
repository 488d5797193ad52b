// SPDX-License-Identifier: GPL-2.0-only
/* Implements `pidnstrace replay FILE', which judges or prints a recorded trace. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/cmd/cmd.h"
#include "loader/cmd/offline.h"
#include "loader/cmd/option.h"
#include "loader/judge/report.h"
#include "loader/view/printer.h"

struct options {
	struct offline offline;
	const char *expect;
	struct option_reports reports;
	bool print;
	struct print_opts print_opts;
};

#define MEMBER(name) offsetof(struct options, name)

static const struct option_row rows[] = {
	{ "report", 0, "FORMAT=FILE",
	  "write a report (text, json, ktap, junit); may be repeated; default: text to stdout",
	  .member = MEMBER(reports), .parse = option__report },
	{ "expect", 0, "FILE", "compare with the operation counts of the workload",
	  .member = MEMBER(expect), .parse = option__text },
	{ "print", 0, NULL, "print the trace as `trace' does, instead of judging it",
	  .member = MEMBER(print), .parse = option__flag },
	{}
};

static void check(void *values, struct argp_state *state)
{
	const struct options *o = values;

	if (o->print_opts.given && !o->print)
		argp_error(state, "options for printing the trace need --print; the format of a report is set by --report FORMAT=FILE");
}

static const struct option_table table = {
	.rows = rows,
	.parts = (const struct option_part[]){
		{ &offline_options, NULL, MEMBER(offline) },
		{ &print_options, "With --print:", MEMBER(print_opts) },
		{}
	},
	.check = check,
	.args_doc = "FILE",
	.doc = "Judges a trace made by `pidnstrace record' or `verify -o'; FILE may be - for stdin.\v"
	       "Exit status: 0 PASS, 1 FAIL, 2 not a trace, wrong usage, or a process, namespace, cgroup or name that is not in the trace, 3 INCONCLUSIVE.",
};

/* Returns -ESRCH if a selected process, namespace, cgroup or name is not in the trace. */
static int complain_of_missing(const struct printer *p)
{
	const char *pid = printer__missing(p), *ns = printer__missing_namespace(p);
	char *unmatched = printer__unmatched(p);
	bool missing = pid || ns || unmatched;

	if (pid)
		msg__error(NOT_SEEN_PID, pid);
	if (ns)
		msg__error(NOT_SEEN_NAMESPACE, ns);
	if (unmatched)
		msg__error("%s", unmatched);
	free(unmatched);
	return missing ? -ESRCH : 0;
}

static int print_trace(struct trace_reader *r, const struct options *o)
{
	struct print_opts opts = o->print_opts;
	struct record_sink *sink;
	struct printer *p;
	int err;

	opts.start_ns = trace_reader__info(r)->start_monotonic_ns;
	opts.may_come = true;
	setvbuf(stdout, NULL, _IOFBF, PRINT_BUFFER);
	p = printer__new(stdout, &opts);
	sink = printer__sink(p);
	err = trace_reader__run(r, &sink, 1);
	if (!err) {
		err = printer__finish(p);
		if (err)
			offline__complain(&o->offline, "output", strerror(-err));
		if (err)
			goto out;
	} else if (printer__finish(p) || ferror(stdout)) {
		offline__complain(&o->offline, "output", strerror(-err));
		goto out;
	}
	if (!err)
		err = complain_of_missing(p);
	else
		offline__complain(&o->offline, o->offline.path,
				  trace_reader__error(r));
out:
	printer__free(p);
	return !err ? EXIT_PASS :
	       err == -EBADMSG ? EXIT_INCONCLUSIVE : EXIT_USAGE;
}

static int write_reports(const struct judge_result *res,
			 const struct options *o)
{
	char err[512];
	int ret = 0;

	for (size_t i = 0; i < o->reports.n; i++) {
		if (!report__write(res, o->reports.spec[i], err, sizeof(err)))
			continue;
		msg__of("pidnstrace replay", "%s", err);
		ret = -EIO;
	}
	if (!o->reports.n) {
		report__text(res, stdout);
		errno = 0;
		if (fflush(stdout) || ferror(stdout)) {
			offline__complain(&o->offline, "output",
					  strerror(errno ? errno : EIO));
			ret = -EIO;
		}
	}
	return ret;
}

static int judge_trace(struct trace_reader *r, const struct options *o)
{
	const struct judge_result *res;
	struct record_sink *sink;
	struct judge *j;
	int ret;

	if (offline__judge(&o->offline, r, o->expect, &j))
		return EXIT_USAGE;
	sink = judge__sink(j);
	ret = trace_reader__run(r, &sink, 1);
	if (ret && ret != -EBADMSG) {
		offline__complain(&o->offline, o->offline.path,
				  trace_reader__error(r));
		ret = EXIT_USAGE;
		goto out;
	}
	if (ret)
		judge__reason(j, "%s: %s", o->offline.path, trace_reader__error(r));
	if (o->expect)
		judge__expect(j, o->expect);
	res = judge__finish(j);
	ret = write_reports(res, o) ? EXIT_USAGE :
				      verdict__exit_status(res->verdict);
out:
	judge__free(j);
	return ret;
}

int cmd_replay(int argc, char **argv)
{
	struct options o = { .offline.command = "pidnstrace replay" };
	struct trace_reader *r;
	int ret;

	options__parse(&table, argc, argv, 0, &o);
	if (offline__open(&o.offline, &r))
		return EXIT_USAGE;
	ret = o.print ? print_trace(r, &o) : judge_trace(r, &o);
	trace_reader__close(r);
	return ret;
}
