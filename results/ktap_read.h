/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads KTAP, line by line, into a stream of events: ktap__line() for each line, then
 * ktap__finish(). The source is Documentation/dev-tools/ktap.rst (version 1).
 *
 * A deeper indentation marks nested tests. Diagnostics, and lines that are not KTAP,
 * belong to the result that follows them. A carriage return ends a line, too. The reader
 * adds a failed test for a plan with more or fewer results than promised, for a second
 * plan, a plan between results, a result whose number is not the next one, for a test with
 * subtests that never ended, and for "Bail out!".
 */
#ifndef RESULTS_KTAP_READ_H
#define RESULTS_KTAP_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "results/events.h"

#define KTAP_DEPTH_MAX 64

struct ktap_level {
	size_t indent;
	bool planned;
	bool late;		/* the plan came after results */
	bool disorder;		/* reported: a number or the plan is out of order */
	uint64_t plan, seen;	/* results promised, results received */
	uint64_t last;		/* number of the last result */
	char *skip;		/* the reason of "1..0 # SKIP REASON", or NULL */
};

/* All zero: ready for the first line. */
struct ktap {
	struct events events;
	struct ktap_level level[KTAP_DEPTH_MAX];
	size_t depth;		/* open levels below the first */
	char *doubt;		/* why good results prove nothing: no plan, no
				   result; NULL: no doubt */
	char *pending;		/* diagnostics, each with its newline */
	size_t pending_len, pending_cap;
};

enum ktap_line {
	KTAP_OTHER,		/* diagnostics, version, plan, anything else */
	KTAP_RESULT,
};

/* Parses one line, without its newline. */
enum ktap_line ktap__line(struct ktap *k, const char *line);

/*
 * Ends the input: closes open levels and adds missing results. The stream stays
 * open until events__finish().
 */
void ktap__finish(struct ktap *k);
void ktap__free(struct ktap *k);

#endif /* RESULTS_KTAP_READ_H */
