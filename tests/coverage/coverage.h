/* SPDX-License-Identifier: GPL-2.0-only */
/* The coverage state of each line that a series adds. */
#ifndef TESTS_COVERAGE_COVERAGE_H
#define TESTS_COVERAGE_COVERAGE_H

#include <stdbool.h>

#include "added.h"
#include "counts.h"
#include "reasons.h"

enum state {
	NO_CODE,	/* gcov has no count for it: blank, comment, declaration */
	EXECUTED,	/* executed as a whole, in at least one run */
	EXCUSED,	/* not executed as a whole, but with a reason */
	MISSING,	/* not executed as a whole */
	STATES,
};

struct coverage {
	unsigned int added, of[STATES];
	unsigned int problems;	/* besides missing lines, each reported by a message */
};

/* Called for each line; @function of @count is from gcov, or NULL. */
typedef void coverage_fn(void *ctx, const struct added_file *f,
			const struct added_line *l, enum state state,
			const struct line_count *count,
			const struct reason *reason);

/*
 * Judges all lines, in order, and passes each to @fn. A reason for a line that is
 * executed or no longer exists is a problem, and so is a C file without counts.
 */
void coverage__find(struct coverage *v, const struct added *a,
		   const struct counts *c, struct reasons *r, coverage_fn *fn,
		   void *ctx);

/*
 * Compares the source below @dir, which the counts belong to, with the series. Returns
 * the number of added lines that differ or are missing; differences are reported by
 * messages.
 */
unsigned int coverage__compare_source(const struct added *a, const char *dir);

bool coverage__good(const struct coverage *v);

#endif /* TESTS_COVERAGE_COVERAGE_H */
