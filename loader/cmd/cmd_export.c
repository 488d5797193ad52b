// SPDX-License-Identifier: GPL-2.0-only
/*
 * Implements `pidnstrace export FILE', which converts a trace for other programs. A
 * damaged trace is exported up to the damage.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/cmd/cmd.h"
#include "loader/cmd/option.h"
#include "loader/export/export.h"
#include "loader/lib/outfile.h"
#include "loader/trace/trace.h"

struct options {
	const struct export_format *format;
	const char *path, *out;
};

static int parse_format(const struct option_value *v)
{
	const struct export_format **format = v->member;

	*format = export_format__find(v->text);
	return *format ? 0 : -EINVAL;
}

#define MEMBER(name) offsetof(struct options, name)

static const struct option_row rows[] = {
	{ "format", 0, "FORMAT",
	  "perfetto: for ui.perfetto.dev and chrome://tracing, as JSON; pftrace: the same in Perfetto's own format, half as large; json: every field of every record, one object per line; csv: one record per line",
	  .member = MEMBER(format), .parse = parse_format,
	  .wrong = "not one of " EXPORT_FORMATS },
	{ "output", 'o', "FILE", "write to this file; default: stdout",
	  .member = MEMBER(out), .parse = option__text },
	{}
};

static void check(void *values, struct argp_state *state)
{
	if (!((struct options *)values)->format)
		argp_error(state, "--format is missing: one of " EXPORT_FORMATS);
}

static const struct option_table table = {
	.rows = rows,
	.file = MEMBER(path),
	.check = check,
	.args_doc = "--format FORMAT FILE",
	.doc = "Converts a trace made by `pidnstrace record' or `verify -o' for other programs; FILE may be - for stdin.\v"
	       "Exit status: 0 the whole trace was exported, 2 not a trace, wrong usage or an output that cannot be written, 3 the trace is damaged or cut short; the part before the damage was exported.",
};

static void complain(const char *what, const char *why)
{
	msg__of("pidnstrace export", "%s: %s", what, why);
}

static int cannot_write(const struct options *o, int err)
{
	msg__of("pidnstrace export", "cannot write %s: %s",
		strcmp(o->out, "-") ? o->out : "to stdout", strerror(-err));
	return EXIT_USAGE;
}

/* Returns whether the output would overwrite the trace. */
static bool is_itself(const struct options *o)
{
	struct stat in, out;

	if (strcmp(o->path, "-") ? stat(o->path, &in) : fstat(0, &in))
		return false;
	return strcmp(o->out, "-") && !stat(o->out, &out) &&
	       S_ISREG(in.st_mode) && in.st_dev == out.st_dev &&
	       in.st_ino == out.st_ino;
}

/* Returns whether the output would be binary data on a terminal. */
static bool garbles_terminal(const struct options *o)
{
	return export_format__is_binary(o->format) && !strcmp(o->out, "-") &&
	       isatty(STDOUT_FILENO);
}

static int export_trace(struct trace_reader *r, const struct options *o)
{
	struct record_sink *sink;
	struct outfile out;
	struct exporter *x;
	int err, werr;

	err = outfile__open(&out, o->out);
	if (err)
		return cannot_write(o, err);
	x = exporter__new(out.f, o->format, trace_reader__info(r));
	sink = exporter__sink(x);
	err = trace_reader__run(r, &sink, 1);
	/* The records before the damage are kept. */
	werr = exporter__finish(x, err ? trace_reader__error(r) : NULL);
	exporter__free(x);
	werr = outfile__close(&out, werr);
	if (werr)
		return cannot_write(o, werr);
	if (err)
		complain(o->path, trace_reader__error(r));
	return !err ? EXIT_PASS :
	       err == -EBADMSG ? EXIT_INCONCLUSIVE : EXIT_USAGE;
}

int cmd_export(int argc, char **argv)
{
	struct options o = { .out = "-" };
	struct trace_reader *r;
	char err[512];
	int ret;

	options__parse(&table, argc, argv, 0, &o);
	/* A reader that closes its pipe causes an ordinary write error. */
	signal(SIGPIPE, SIG_IGN);
	if (is_itself(&o)) {
		complain(o.out, "is the trace itself; write to another file");
		return EXIT_USAGE;
	}
	if (garbles_terminal(&o)) {
		complain("stdout", "is a terminal; write binary data to a file with -o");
		return EXIT_USAGE;
	}
	if (trace_reader__open(&r, o.path, err, sizeof(err))) {
		msg__of("pidnstrace export", "%s", err);
		return EXIT_USAGE;
	}
	ret = export_trace(r, &o);
	trace_reader__close(r);
	return ret;
}
