/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads KTAP, line by line, and counts tests.
 * Source: Documentation/dev-tools/ktap.rst (version 1).
 *
 * Only leaves count: a result that sums up subtests before it is not a test
 * of its own, except where it is "not ok" though each subtest was ok.
 * A plan that promised more results than came counts as failed tests.
 */
#ifndef VMTEST_KTAP_H
#define VMTEST_KTAP_H

#include <stdbool.h>
#include <stdint.h>

#define KTAP_DEPTH_MAX 8
#define KTAP_NAME_MAX 200

struct ktap_level {
	bool planned;
	uint64_t plan, seen;	/* results promised, results come */
	bool subtests;		/* deeper results since the last one here */
	bool sub_failed;
};

struct ktap {
	uint64_t ok, not_ok, skip;
	bool bailed_out;
	char first_failed[KTAP_NAME_MAX];	/* "" if none */
	struct ktap_level level[KTAP_DEPTH_MAX];
	int deepest;
};

enum ktap_line {
	KTAP_OTHER,		/* diagnostics, version, plan, anything else */
	KTAP_RESULT,
};

/* Takes one line, without its newline. A zeroed struct is a fresh one. */
enum ktap_line ktap__line(struct ktap *k, const char *line);

/* Ends: open levels are closed and their missing results counted. */
void ktap__finish(struct ktap *k);

#endif
