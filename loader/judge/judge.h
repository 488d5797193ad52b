/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Judges a stream of records: judge__new(), then the records into judge__sink(), then
 * judge__finish().
 *
 * PASS needs evidence: no violation, nothing lost, every needed hook attached and hit,
 * a whole trace. A certain violation is FAIL whatever was lost. Everything else is
 * INCONCLUSIVE. Every reason is reported.
 */
#ifndef LOADER_JUDGE_JUDGE_H
#define LOADER_JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/array.h"
#include "loader/judge/result.h"
#include "loader/trace/semantics.h"
#include "loader/trace/sink.h"

struct rule;
struct expected_counts;
struct judge;

struct judge_opts {
	enum semantics semantics;
	const char *rules;	/* selection, see rules__select(); NULL: all */
	uint64_t seed;		/* shown in reports */
	bool expect;		/* judge__expect() will be called */
};

/*
 * The caller frees *out. Returns 0, or -EINVAL for wrong rules, with the reason in err.
 */
int judge__new(struct judge **out, const struct judge_opts *opts, char *err,
	       size_t errlen);
void judge__free(struct judge *j);	/* NULL is legal */

struct record_sink *judge__sink(struct judge *j);

/* Sets a remark for the reports, without effect on the verdict (copied). */
void judge__remark(struct judge *j, const char *text);

/* Adds a reason against PASS. */
void judge__reason(struct judge *j, const char *fmt, ...) __printf(2, 3);

/*
 * Sets how the command ended. If it failed by itself, what it did may not be what was to
 * be judged: a reason for INCONCLUSIVE.
 */
void judge__command(struct judge *j, const struct judge_command *command);

/*
 * Compares with the workload's own counts (expected_counts.h). A missing or unreadable file
 * is a reason for INCONCLUSIVE. A difference is FAIL, but may only be INCONCLUSIVE
 * if records are missing.
 */
void judge__expect(struct judge *j, const char *path);

/*
 * During the run, calls fn for each rule violated since the last call, once a run.
 * Leaves out what a known loss may have faked; judge__finish() has the last word.
 */
typedef void judge_violation_fn(void *arg, const char *rule, const char *why);
bool judge__has_new_violations(const struct judge *j);
void judge__new_violations(struct judge *j, judge_violation_fn *fn, void *arg);

#define JUDGE_NAMED 4

/*
 * A violation. One that is found after the last record is of an object, a struct pid or
 * a pid namespace that should be gone: named[] has the object's records, as its text
 * does, and ns the inum of its namespace.
 */
struct judge_finding {
	const struct rule *rule;
	const char *why;
	uint64_t record;		/* number in the stream, 0: found after the end */
	uint64_t named[JUDGE_NAMED];	/* 0: no such record */
	uint32_t ns;			/* 0: none */
};

/*
 * Calls fn for each violation when found, certain or not; judge__finish() decides
 * which count.
 */
typedef void judge_watch_fn(void *arg, const struct judge_finding *f);
void judge__watch(struct judge *j, judge_watch_fn *fn, void *arg);

/*
 * Concludes the verdict; no record may follow. Further calls return the same result,
 * which is valid until judge__free().
 */
const struct judge_result *judge__finish(struct judge *j);

#endif /* LOADER_JUDGE_JUDGE_H */
