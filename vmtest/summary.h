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

/* Is it what is wanted of a run of that target? */
bool summary__wanted(const struct summary *s, const char *target,
		     enum verdict verdict);

/* Takes what is in out, and zeroes it. */
void summary__add_run(struct summary *s, const char *target,
		      struct run_outcome *out);

/* Says on stderr what was expected of a target and not found. */
void summary__complain(const struct summary *s);

/*
 * Prints the rows of targets that have had all their runs, or of all that are
 * left. A row is printed once, with its explanation below; the table's head
 * comes before the first row.
 */
void summary__print_ready(struct summary *s, const struct summary_look *look);
void summary__print(struct summary *s, const struct summary_look *look);

/* Returns the worst target's verdict; PASS if all came out as expected. */
enum verdict summary__verdict(const struct summary *s);
/* Returns true if each guest that did not pass reached its init. */
bool summary__booted(const struct summary *s);
/* Returns the exit status of that verdict. */
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
