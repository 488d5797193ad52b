/* SPDX-License-Identifier: GPL-2.0-only */
/* What the counts say of each line that a series adds. */
#ifndef COVERAGE_COVERAGE_H
#define COVERAGE_COVERAGE_H

#include <stdbool.h>

#include "added.h"
#include "counts.h"
#include "reasons.h"

enum state {
	NO_CODE,	/* gcov has no count for it: blank, comment, declaration */
	EXECUTED,	/* all that is on it, in one run at least */
	EXCUSED,	/* not, or not all of it, and there is a reason */
	MISSING,	/* not, or not all of it */
	STATES,
};

struct coverage {
	unsigned int added, of[STATES];
	unsigned int problems;	/* besides missing lines, each told by a message */
};

/* Of one line; @function is that of gcov, or NULL. */
typedef void coverage_fn(void *ctx, const struct added_file *f,
			const struct added_line *l, enum state state,
			const struct line_count *count,
			const struct reason *reason);

/*
 * Judges all lines, in order, and tells each to @fn. A reason for a line that
 * is executed, or not there, is a problem, and so is a C file nobody has
 * counted.
 */
void coverage__find(struct coverage *v, const struct added *a,
		   const struct counts *c, struct reasons *r, coverage_fn *fn,
		   void *ctx);

/*
 * Is the source below @dir the one the counts are of? Returns the number of
 * added lines that it has not, each told by a message.
 */
unsigned int coverage__compare_source(const struct added *a, const char *dir);

bool coverage__good(const struct coverage *v);

#endif
