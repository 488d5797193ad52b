/* SPDX-License-Identifier: GPL-2.0-only */
/* The report: report.txt for people, summary.json for programs. */
#ifndef TESTS_COVERAGE_REPORT_H
#define TESTS_COVERAGE_REPORT_H

#include "coverage.h"

struct report;

struct report *report__new(void);

/* Takes each line, as a coverage_fn does. */
coverage_fn report__line;

/*
 * Writes both files into @dir, and to stdout the table and the missing lines. @runs are
 * the directories of the runs. Returns 0 or -errno with a message.
 */
int report__write(struct report *r, const struct coverage *v, const char *dir,
		  char *const *runs);

void report__free(struct report *r);

#endif /* TESTS_COVERAGE_REPORT_H */
