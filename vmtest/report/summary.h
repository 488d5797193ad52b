/* SPDX-License-Identifier: GPL-2.0-only */
/* All runs of all targets: the table, summary.json, the exit status. */
#ifndef VMTEST_REPORT_SUMMARY_H
#define VMTEST_REPORT_SUMMARY_H

#include <stdio.h>

#include "vmtest/report/expect.h"
#include "vmtest/run/run.h"

struct summary;

struct summary *summary__new(void);
void summary__free(struct summary *s);

/* The appearance of the table. */
struct summary_look {
	FILE *out;
	size_t width;		/* columns of a line */
	bool color;
	const char *tracer;	/* pidnstrace's path, for the commands shown */
};

/* Makes room in the table for a target's name, before the target is added. */
void summary__announce(struct summary *s, const char *name);

/*
 * Adds a target, in the order of summary.json; takes over e. The target's row
 * is complete after @runs runs.
 */
void summary__add_target(struct summary *s, const char *name,
			 struct expect *e, uint64_t runs);

/* Returns true if the verdict is expected of a run of that target. */
bool summary__is_expected(const struct summary *s, const char *target,
			  enum verdict verdict);

/* Adds an outcome of the target; takes over the contents of out, and zeroes it. */
void summary__add_run(struct summary *s, const char *target,
		      struct run_outcome *out);

/* Prints to stderr which expected failures and violations were not found. */
void summary__complain(const struct summary *s);

/*
 * Prints the rows of targets whose runs are complete or, with @all, of all targets. A row
 * is printed once, with its explanation below; the first row follows the table's head.
 */
void summary__print(struct summary *s, const struct summary_look *look, bool all);

/* Returns the worst unexpected verdict; PASS if all outcomes are as expected. */
enum verdict summary__verdict(const struct summary *s);
/* Returns true if each guest that did not pass reached its init. */
bool summary__booted(const struct summary *s);
/* Returns the exit status of that verdict. */
int summary__exit_status(const struct summary *s);

/*
 * Adds each target as a test, with its runs and their results as subtests. For a
 * target that is expected to fail, the subtests only say whether each run failed as
 * expected, and whether each expected rule was violated.
 */
void summary__events(const struct summary *s, struct events *ev);

/* Writes the summary.json of vmtest-files(5); the file is complete or absent. */
int summary__write(const struct summary *s, const char *path);

#endif /* VMTEST_REPORT_SUMMARY_H */
