/* SPDX-License-Identifier: GPL-2.0-only */
/* The result of pidnstrace: the parts of its JSON report that the runner needs. */
#ifndef VMTEST_RUN_VERIFY_REPORT_H
#define VMTEST_RUN_VERIFY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmtest/lib/verdict.h"

struct violation {
	char *rule;
	uint64_t count;
	char *statement;	/* the rule's text; NULL: not in the report */
};

struct judged {
	enum verdict verdict;	/* PASS, FAIL or INCONCLUSIVE */
	char *reason;		/* the first reason; "" if none */
	uint64_t events, lost, joins, rewrites;
	struct violation *violations;
	size_t n;
};

/* Parses a report. Returns 0, or -EINVAL, with the cause in @why, if invalid. */
int judged__parse(struct judged *j, const char *text, size_t len, char *why,
		  size_t why_size);
void judged__free(struct judged *j);

/* Adds the counts and violations of @b to @a, which lists each rule once. */
void judged__merge(struct judged *a, const struct judged *b);

/* Returns how often the rule was violated. */
uint64_t judged__violations(const struct judged *j, const char *rule);

#endif /* VMTEST_RUN_VERIFY_REPORT_H */
