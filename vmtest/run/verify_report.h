/* SPDX-License-Identifier: GPL-2.0-only */
/* The result of pidnstrace: the parts of its JSON report that the runner needs. */
#ifndef VMTEST_RUN_VERIFY_REPORT_H
#define VMTEST_RUN_VERIFY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/verdict.h"

struct violation {
	char *rule;
	uint64_t count;
	char *statement;	/* the rule's text; NULL: not in the report */
};

struct verify_report {
	enum verdict verdict;	/* PASS, FAIL or INCONCLUSIVE */
	char *reason;		/* the first reason; "" if none */
	uint64_t events, lost, joins, rewrites;
	struct violation *violations;
	size_t n;
};

/* Parses a report. Returns 0, or -EINVAL, with the cause in @why, if invalid. */
int verify_report__parse(struct verify_report *j, const char *text, size_t len, char *why,
		  size_t why_size);
void verify_report__free(struct verify_report *j);

/* Adds the counts and violations of @b to @a, which lists each rule once. */
void verify_report__merge(struct verify_report *a, const struct verify_report *b);

/* Returns how often the rule was violated. */
uint64_t verify_report__violations(const struct verify_report *j, const char *rule);

#endif /* VMTEST_RUN_VERIFY_REPORT_H */
