/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * judge.h - the verdict on a stream of records.
 *
 * PASS needs evidence: no violation, nothing lost, every needed hook attached
 * and hit, a whole trace. A certain violation is FAIL whatever was lost.
 * Everything else is INCONCLUSIVE, and every reason is named.
 */
#ifndef LOADER_JUDGE_H
#define LOADER_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "semantics.h"
#include "sink.h"

struct rule;
struct expect;
struct judge;

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_INCONCLUSIVE,
};

/* "PASS", ... */
const char *verdict__name(enum verdict v);

/* The exit status of DESIGN.md section 5: 0, 1, 3. */
int verdict__exit_status(enum verdict v);

struct judge_opts {
	enum semantics semantics;
	const char *rules;	/* selection, see rules__select(); NULL: all */
	uint64_t seed;		/* for the reports */
	bool expect;		/* judge__expect() will be called */
};

/*
 * *out is the caller's to free. -EINVAL: the selection is wrong, err says why.
 */
int judge__new(struct judge **out, const struct judge_opts *opts, char *err,
	       size_t errlen);
void judge__free(struct judge *j);	/* NULL is legal */

struct record_sink *judge__sink(struct judge *j);

/* What reports tell of the run, without bearing on the verdict (copied). */
void judge__remark(struct judge *j, const char *text);

/* A reason for INCONCLUSIVE that the stream cannot know (text is copied). */
void judge__note(struct judge *j, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* How the command ended: exit status, or the signal (then exit is -1). */
void judge__command(struct judge *j, int exit, int signal);

/*
 * Compares with the workload's own counts (expect.h). A missing or unreadable
 * file is a reason for INCONCLUSIVE, a difference is FAIL.
 */
void judge__expect(struct judge *j, const char *path);

/*
 * While it runs: each rule that was violated since the last call, told once a
 * run. Only what nothing that is known to be lost may have faked; the last
 * word is judge__finish()'s.
 */
typedef void judge_news_fn(void *arg, const char *rule, const char *why);
bool judge__has_news(const struct judge *j);
void judge__news(struct judge *j, judge_news_fn *fn, void *arg);

/*
 * Each violation as it is found, certain or not: which of them count is told at
 * the end. record: its number in the stream, 0: found when the stream had ended.
 */
typedef void judge_watch_fn(void *arg, const struct rule *rule, const char *why,
			    uint64_t record);
void judge__watch(struct judge *j, judge_watch_fn *fn, void *arg);

/* --- the result; all of it lives as long as the judge --- */

struct judge_hook {
	const char *name;	/* "fentry:free_pid" */
	bool attached;
	int error;		/* -errno of the attempt when not */
	bool needed;
	uint64_t hits;
};

enum rule_state {
	RULE_OK,
	RULE_VIOLATED,
	RULE_UNAVAILABLE,	/* a hook or a fact is missing: INCONCLUSIVE */
	RULE_DESELECTED,
	RULE_NOT_APPLICABLE,	/* not promised by this kernel */
	RULE_NOT_EXERCISED,	/* nothing in the run could have broken it */
};

/* "ok", "violated", "not-exercised", ... */
const char *rule_state__name(enum rule_state s);

struct judge_rule {
	const struct rule *rule;
	enum rule_state state;
	uint64_t checked;	/* how often it was evaluated */
	uint64_t violations;	/* certain ones */
	uint64_t unsure;	/* violations that may come from a loss */
	const char *text;	/* the first violation in full, or NULL */
};

struct judge_expected {
	const char *key;
	uint64_t min, max;	/* caused */
	uint64_t seen;
	uint64_t lost;
	bool ok;
};

struct judge_result {
	enum verdict verdict;
	const char **reasons;
	size_t nreasons;
	uint64_t events;	/* kernel records */
	uint64_t lost_ring, lost_map, missed;
	uint64_t tainted;	/* setns windows open while something was lost */
	uint64_t setns;		/* windows closed */
	uint64_t joins;		/* setns that returned 0 and moved the caller */
	uint64_t rewrites;	/* change_pid inside a window */
	struct judge_hook hooks[WIRE_NHOOKS];
	struct judge_rule *rules;
	size_t nrules;
	struct judge_expected *expect;
	size_t nexpect;
	bool has_command;
	int exit, signal;
	uint64_t seed;
	enum semantics semantics;
	bool whole;		/* WIRE_META_END was seen */
	char *remark;		/* or NULL */
};

/*
 * Ends the judging; no record may follow. May be called once; the pointer is
 * valid until judge__free().
 */
const struct judge_result *judge__finish(struct judge *j);

#endif /* LOADER_JUDGE_H */
