/* SPDX-License-Identifier: GPL-2.0-only */
/* What pidnstrace found: its JSON report, as far as the runner needs it. */
#ifndef VMTEST_JUDGED_H
#define VMTEST_JUDGED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verdict.h"

struct violation {
	char *rule;
	uint64_t count;
	char *statement;	/* the rule's text; NULL: not in the report */
};

struct judged {
	enum verdict verdict;	/* PASS, FAIL or INCONCLUSIVE */
	char *reason;		/* the first given; "" if none */
	uint64_t events, lost, joins, rewrites;
	struct violation *violations;
	size_t n;
};

/* Parses the report. Returns 0, or -EINVAL: it is none, *why says what. */
int judged__parse(struct judged *j, const char *text, size_t len, char *why,
		  size_t why_size);
void judged__free(struct judged *j);

/* Adds b's counts and violations to a's; a rule is listed once. */
void judged__merge(struct judged *a, const struct judged *b);

/* How often the rule was violated. */
uint64_t judged__violations(const struct judged *j, const char *rule);

#endif
