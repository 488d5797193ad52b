/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nests a test program's KTAP under the plan of the test runner. The lines go
 * to LINES_FD.
 */
#ifndef VMTEST_GUEST_SUBTEST_H
#define VMTEST_GUEST_SUBTEST_H

#include "vmtest/guest/guest.h"
#include "vmtest/wire/protocol.h"

struct subtest {
	const char *name;
	bool begun;		/* the program has printed something */
};

/* Keeps a reference to @name. */
void subtest__begin(struct subtest *s, const char *name);

/* Prints one line of the program. */
void subtest__line(struct subtest *s, const char *line);

/* Prints the result of test number @nr; @why is the reason of a failure, or "". */
void subtest__end(const struct subtest *s, size_t nr, const char *why);

#endif /* VMTEST_GUEST_SUBTEST_H */
