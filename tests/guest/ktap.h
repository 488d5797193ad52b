/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The KTAP writer that all guest programs share.
 *
 * One struct ktap is one test plan, written to one stream. Every line goes
 * out at once (the reader on the other side of the channel watches for
 * progress, and a program that dies must not take its results along).
 *
 * Not here: running anything (see run.h), or nesting of plans; the guest's
 * init indents what it forwards.
 */
#ifndef GUEST_KTAP_H
#define GUEST_KTAP_H

#include <stdio.h>

/* Every result is counted; see ktap__end() for what the counts decide. */
struct ktap {
	FILE *out;
	unsigned int planned;
	unsigned int ok;
	unsigned int not_ok;
	unsigned int skipped;
};

/*
 * Starts a plan of @planned results on @out (borrowed, must outlive @k).
 * Writes the version line and the plan line.
 */
void ktap__begin(struct ktap *k, FILE *out, unsigned int planned);

/*
 * One result each. @name is one line without '#'; the number is counted
 * here. ktap__skip() needs a reason: a test nobody ran is always explained.
 */
void ktap__ok(struct ktap *k, const char *name);
void ktap__not_ok(struct ktap *k, const char *name);
void ktap__skip(struct ktap *k, const char *name, const char *why);

/*
 * A diagnostic, as "# " lines (text may have several). Belongs to the result
 * that follows it.
 */
void ktap__note(struct ktap *k, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Results written so far. */
unsigned int ktap__done(const struct ktap *k);

/*
 * Writes the totals. Returns the program's exit status: 0 when as many
 * results came as were planned, at least one is "ok" and none is "not ok",
 * else 1.
 */
int ktap__end(struct ktap *k);

#endif
