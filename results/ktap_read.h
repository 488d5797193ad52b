/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ktap_read.h - reads KTAP, line by line, into a stream of events.
 * Source: Documentation/dev-tools/ktap.rst (version 1).
 *
 * Nested tests are told by a deeper indentation. What is no KTAP, and
 * diagnostics, belong to the result that follows them. A plan that promised
 * more or fewer results than came is a failed test, and so is what has results
 * and never ended, and "Bail out!".
 */
#ifndef RESULTS_KTAP_READ_H
#define RESULTS_KTAP_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "events.h"

#define KTAP_DEPTH_MAX 8

struct ktap_level {
	size_t indent;
	bool planned;
	uint64_t plan, seen;	/* results promised, results come */
};

/* A zeroed one is a fresh one. */
struct ktap {
	struct events events;
	struct ktap_level level[KTAP_DEPTH_MAX];
	size_t depth;		/* levels open below the first */
	char *pending;		/* diagnostics, each with its newline */
	size_t pending_len, pending_cap;
	bool bailed_out;
};

enum ktap_line {
	KTAP_OTHER,		/* diagnostics, version, plan, anything else */
	KTAP_RESULT,
};

/* Takes one line, without its newline. */
enum ktap_line ktap__line(struct ktap *k, const char *line);

/*
 * No line follows: open levels are closed, missing results counted. The stream
 * goes on, until its events__finish().
 */
void ktap__finish(struct ktap *k);
void ktap__free(struct ktap *k);

#endif /* RESULTS_KTAP_READ_H */
