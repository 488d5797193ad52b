/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The KTAP writer that all guest programs share.
 *
 * One struct ktap is one test plan, written to one stream. Every line is
 * flushed at once: the reader watches for progress, and the results of a
 * program must survive its death.
 *
 * Limits: the writer does not run tests (see run.h) and does not nest plans; the
 * guest's init indents the lines that it forwards.
 */
#ifndef TESTS_GUEST_KTAP_H
#define TESTS_GUEST_KTAP_H

#include <stdio.h>

/* Counts the results; ktap__end() derives the exit status from the counts. */
struct ktap {
	FILE *out;
	unsigned int planned;
	unsigned int ok;
	unsigned int not_ok;
	unsigned int skipped;
};

/*
 * Starts a plan of @planned results on @out (borrowed, must outlive @k). Writes
 * the version line and the plan line.
 */
void ktap__begin(struct ktap *k, FILE *out, unsigned int planned);

/*
 * Write one result each. @name is one line without '#'; the functions number the
 * results. @why is required: a skipped test must state a reason.
 */
void ktap__ok(struct ktap *k, const char *name);
void ktap__not_ok(struct ktap *k, const char *name);
void ktap__skip(struct ktap *k, const char *name, const char *why);

/*
 * Writes a diagnostic: each line of the text, after "# ". The diagnostic belongs to
 * the result that follows it.
 */
void ktap__note(struct ktap *k, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Writes the totals. Returns the program's exit status: 0 if the number of
 * results is as planned, at least one is "ok" and none is "not ok", else 1.
 */
int ktap__end(struct ktap *k);

#endif /* TESTS_GUEST_KTAP_H */
