/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Execution counts of lines, from gcov's JSON (gcov --json-format), summed over any
 * number of objects and runs.
 */
#ifndef TESTS_COVERAGE_COUNTS_H
#define TESTS_COVERAGE_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_count {
	bool code;		/* gcov has a count for the line */
	bool whole;		/* the whole line was executed in one run */
	uint64_t count;
	char *function;		/* the first function that contains the line */
};

struct file_counts {
	char *path;
	struct line_count *v;	/* by line number */
	size_t n;
};

struct counts {
	struct file_counts *v;
	size_t n;
};

/* Adds one document. Returns 0 or -EINVAL with a message from @name. */
int counts__add(struct counts *c, const char *name, const char *json,
		size_t len);

/* counts__file: NULL for a file unknown to gcov. counts__line: NULL if not code. */
const struct file_counts *counts__file(const struct counts *c,
				       const char *path);
const struct line_count *counts__line(const struct file_counts *f,
				      unsigned int nr);

void counts__free(struct counts *c);

#endif /* TESTS_COVERAGE_COUNTS_H */
