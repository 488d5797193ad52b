/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a target is wanted to come out as: vmtest/expect/TARGET.
 *
 * Without such a file, PASS and nothing else. The file has two kinds of
 * lines, # starts a comment:
 *   verdict FAIL PANIC	any of these will do for a run
 *   rule I17		must be violated in one of the target's runs
 */
#ifndef VMTEST_EXPECT_H
#define VMTEST_EXPECT_H

#include <stdbool.h>

#include "util.h"
#include "verdict.h"

struct expect {
	bool wanted[VERDICT_NR];
	struct strv rules;
};

/* Reads DIR/TARGET. Returns 0, also if it is not there, or -errno + message. */
int expect__read(struct expect *e, const char *dir, const char *target);
void expect__free(struct expect *e);

#endif
