/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The expected outcome of a target: vmtest/expect/TARGET.
 *
 * Without such a file, only PASS is expected. The file has two kinds of lines,
 * # starts a comment:
 *   verdict FAIL PANIC	a run may end with any of these verdicts
 *   rule I17		one of the target's runs has to violate this rule
 */
#ifndef VMTEST_REPORT_EXPECT_H
#define VMTEST_REPORT_EXPECT_H

#include <stdbool.h>

#include "vmtest/lib/util.h"
#include "lib/verdict.h"

struct expect {
	bool wanted[VERDICT_NR];
	struct strv rules;
};

/* Reads DIR/TARGET. Returns 0, also without a file, or -errno with a message. */
int expect__read(struct expect *e, const char *dir, const char *target);
void expect__free(struct expect *e);

#endif /* VMTEST_REPORT_EXPECT_H */
