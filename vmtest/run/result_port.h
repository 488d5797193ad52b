/* SPDX-License-Identifier: GPL-2.0-only */
/* Collects what the guest sends on its result port (vmtest/wire/protocol.h). */
#ifndef VMTEST_RUN_RESULT_PORT_H
#define VMTEST_RUN_RESULT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "results/ktap_read.h"
#include "lib/verdict.h"
#include "vmtest/run/verify_report.h"

/* Fits a report of some 10,000 violations; a longer line is a flood. */
#define RESULT_LINE_MAX (16 * 1024 * 1024)

struct result_port {
	char *release;		/* from HELLO; NULL before */
	uint64_t counter;	/* from the last P line */
	bool counter_known;
	char *mutant;		/* from the first M line; NULL before */
	struct ktap ktap;	/* the tests' */
	struct ktap rules;	/* pidnstrace's report, of the rules */
	bool verified;		/* an S line was received: judged is valid */
	struct verify_report judged;
	bool ended;		/* a V line was received */
	enum verdict verdict;
	char *reason;
	uint64_t garbage;	/* number of invalid lines */
	char first_garbage[224];
};

enum result_line {
	RESULT_GARBAGE,
	RESULT_HELLO,
	RESULT_KTAP,
	RESULT_REPORT,
	RESULT_OUTPUT,
	RESULT_LOG,
	RESULT_KERNEL,
	RESULT_WAITING,
	RESULT_MUTANT,
	RESULT_RULE,		/* "I17 why" */
	RESULT_COUNTS,
	RESULT_VERIFY,
	RESULT_ENDED,
	RESULT_PROGRESS,	/* heartbeat with progress of the tests */
	RESULT_HEARTBEAT,	/* heartbeat only */
};

/*
 * Decodes, in place, a JSON string of code points below 256 into one byte for
 * each, so the text never grows. Returns false if @text is not such a string.
 */
bool result_port__decode(char *text, size_t *len);

/*
 * Takes one line. Sets *rest to the text after the tag; the text of RESULT_OUTPUT
 * is decoded in place to *rest_len bytes.
 */
enum result_line result_port__line(struct result_port *r, char *line, size_t len,
			      char **rest, size_t *rest_len);

/* Counts a line of RESULT_KERNEL as invalid. Returns RESULT_GARBAGE. */
enum result_line result_port__refuse(struct result_port *r, const char *line, size_t len);
void result_port__free(struct result_port *r);

#endif /* VMTEST_RUN_RESULT_PORT_H */
