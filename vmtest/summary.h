/* SPDX-License-Identifier: GPL-2.0-only */
/* All runs of all targets: the table, summary.json, the exit status. */
#ifndef VMTEST_SUMMARY_H
#define VMTEST_SUMMARY_H

#include <stdio.h>

#include "expect.h"
#include "run.h"

struct summary;

struct summary *summary__new(void);
void summary__free(struct summary *s);

/* How the table looks. */
struct summary_look {
	FILE *out;
	size_t width;		/* a line's */
	bool color;
	const char *tracer;	/* pidnstrace, for commands that show more */
};

/* Makes room in the table for a target of that name, added or not yet. */
void summary__announce(struct summary *s, const char *name);

/*
 * Targets are in summary.json in the order in which they are added; takes e.
 * The target's row is complete when @runs of it have come.
 */
void summary__add_target(struct summary *s, const char *name,
			 struct expect *e, uint64_t runs);

/* Is it what is wanted of a run of that target? */
bool summary__wanted(const struct summary *s, const char *target,
		     enum verdict verdict);

/* Takes what is in out, and zeroes it. */
void summary__add_run(struct summary *s, const char *target,
		      struct run_outcome *out);

/* Says on stderr what was expected of a target and not found. */
void summary__complain(const struct summary *s);

/*
 * Prints the rows of the targets that have had all of their runs, or of all
 * that are left, each once and below it what explains it; before the first row
 * the table's head.
 */
void summary__print_ready(struct summary *s, const struct summary_look *look);
void summary__print(struct summary *s, const struct summary_look *look);

/* The verdict of the worst target; PASS where all came out as expected. */
enum verdict summary__verdict(const struct summary *s);
/* Did each guest that did not pass come to its init? */
bool summary__booted(const struct summary *s);
/* The exit status of that verdict. */
int summary__exit_status(const struct summary *s);

/*
 * Each target as a test, and each of its runs, with all that was in it. Of a
 * target that is to be found guilty only whether it was: that its tests fail is
 * what is wanted.
 */
void summary__events(const struct summary *s, struct events *ev);

/* As DESIGN.md section 6 has it; there whole or not at all. */
int summary__write(const struct summary *s, const char *path);

#endif
