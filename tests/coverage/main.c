// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that each line that a series adds to the kernel is executed by the tests, or
 * that there is a reason why it is not.
 *
 * Limits: the check sees only the lines that gcov sees: lines of the files compiled
 * with counters, and inline functions of headers as far as those files use them. A
 * macro's body counts where the macro is used.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "added.h"
#include "counts.h"
#include "gcda.h"
#include "reasons.h"
#include "report.h"
#include "vmtest/lib/util.h"
#include "coverage.h"

struct arguments {
	const char *series, *kernel, *reasons, *out;
	char **runs;
};

enum { OPT_SERIES = 256, OPT_KERNEL, OPT_REASONS, OPT_OUT };

static const struct argp_option options[] = {
	{ "series", OPT_SERIES, "DIR", 0, "The patches", 0 },
	{ "kernel", OPT_KERNEL, "DIR", 0,
	  "The kernel they were built into: the directory that has gcov/", 0 },
	{ "reasons", OPT_REASONS, "FILE", 0,
	  "Lines that need not be executed, and why", 0 },
	{ "out", OPT_OUT, "DIR", 0, "Where report.txt and summary.json go", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_SERIES:
		a->series = arg;
		return 0;
	case OPT_KERNEL:
		a->kernel = arg;
		return 0;
	case OPT_REASONS:
		a->reasons = arg;
		return 0;
	case OPT_OUT:
		a->out = arg;
		return 0;
	case ARGP_KEY_ARGS:
		a->runs = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		if (!a->series || !a->kernel || !a->reasons || !a->out ||
		    !a->runs)
			argp_error(state, "all four options and a run are needed");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "RUN...",
	.doc = "Says which lines of a series the runs in these directories of vmtest's have not executed.\v"
	       "Exit status: 0 all lines are executed or excused, 1 some are not, 2 usage or environment.",
};

/* Each run gets a new work directory, without files of another kernel. */
static int add_runs(struct counts *c, const struct arguments *a,
		    const char *notes)
{
	int err = 0;

	for (char **run = a->runs; !err && *run; run++) {
		char *tmp = xasprintf("%s/gcov.XXXXXX", a->out);

		if (!mkdtemp(tmp)) {
			msg_error("%s: cannot be made", tmp);
			err = -1;
		} else {
			char *rm = xasprintf("rm -rf '%s'", tmp);

			err = gcda__add(c, *run, notes, tmp);
			if (system(rm))
				msg_note("%s is left", tmp);
			free(rm);
		}
		free(tmp);
	}
	return err;
}

static int work(const struct arguments *a)
{
	char *notes = xasprintf("%s/gcov", a->kernel);
	struct counts counts = { 0 };
	struct report *report = NULL;
	struct reasons reasons = { 0 };
	struct added added = { 0 };
	struct coverage v;
	int status = EXIT_USAGE;

	if (mkdir_p(a->out) || added__read(&added, a->series) ||
	    reasons__read(&reasons, a->reasons))
		goto out;
	if (coverage__compare_source(&added, notes)) {
		msg_error("%s was not built from %s as it is now", a->kernel,
			  a->series);
		goto out;
	}
	if (add_runs(&counts, a, notes))
		goto out;
	report = report__new();
	coverage__find(&v, &added, &counts, &reasons, report__line, report);
	if (!report__write(report, &v, a->out, a->runs))
		status = coverage__good(&v) ? 0 : 1;
	report__free(report);
out:
	counts__free(&counts);
	reasons__free(&reasons);
	added__free(&added);
	free(notes);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments a = { 0 };

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	return work(&a);
}
