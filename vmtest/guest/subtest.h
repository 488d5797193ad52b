/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test program's KTAP, nested under the plan of the test runner: what goes to
 * LINES_FD, from the program's start to its end.
 */
#ifndef VMTEST_GUEST_SUBTEST_H
#define VMTEST_GUEST_SUBTEST_H

#include "../protocol.h"
#include "guest.h"

struct subtest {
	const char *name;
	bool begun;		/* the program has said something */
};

/* Keeps @name. */
void subtest__begin(struct subtest *s, const char *name);

/* One line of the program. */
void subtest__line(struct subtest *s, const char *line);

/* It is test number @nr; @why it failed, or "". */
void subtest__end(const struct subtest *s, size_t nr, const char *why);

#endif
