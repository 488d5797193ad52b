/* SPDX-License-Identifier: GPL-2.0-only */
/* The result of judging a stream of records. Its memory belongs to the judge. */
#ifndef LOADER_JUDGE_RESULT_H
#define LOADER_JUDGE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/verdict.h"
#include "loader/trace/record.h"
#include "loader/trace/semantics.h"

struct rule;

struct judge_hook {
	const char *name;	/* "fentry:free_pid" */
	bool attached;
	int error;		/* -errno of attaching; 1: no META_HOOK record */
	bool needed;
	__u64 hits;
};

enum rule_state {
	RULE_OK,
	RULE_VIOLATED,
	RULE_UNAVAILABLE,	/* a hook or a fact is missing: INCONCLUSIVE */
	RULE_DESELECTED,
	RULE_NOT_APPLICABLE,	/* rule not promised by this kernel */
	RULE_NOT_EXERCISED,	/* the rule's condition never arose */
};

/* Returns "ok", "violated", "not-exercised", ... */
const char *rule_state__name(enum rule_state s);

struct judge_rule {
	const struct rule *rule;
	enum rule_state state;
	__u64 checked;		/* number of evaluations */
	__u64 violations;	/* certain violations */
	__u64 unsure;		/* violations that a loss may have faked */
	const char *text;	/* the first violation in full, or NULL */
};

struct judge_expected {
	const char *key;
	__u64 min, max;		/* the workload's own count */
	__u64 seen;
	__u64 lost;
	bool ok;
};

/* How the command ended. */
struct judge_command {
	bool ran;		/* there was a command */
	int exit;		/* exit status, -1: ended by a signal */
	int signal;		/* 0: none */
	bool stopped;		/* pidnstrace was asked to end it */
	bool any_status;	/* its status does not count */
};

/* Returns whether the command failed, which counts against PASS. */
static inline bool judge_command__failed(const struct judge_command *c)
{
	return c->ran && !c->stopped && !c->any_status &&
	       (c->exit || c->signal);
}

/* Returns "exit status 3" or "killed by signal 9 (Killed)"; free it. */
char *judge_command__end(const struct judge_command *c);

struct judge_result {
	enum verdict verdict;
	const char **reasons;
	size_t nreasons;
	__u64 events;		/* kernel records */
	__u64 lost_ring, lost_map, missed;
	unsigned int switched_off;	/* types whose programs were off for a while */
	__u64 tainted;		/* setns windows open during a loss */
	__u64 setns;		/* setns windows closed */
	__u64 joins;		/* setns that returned 0 and moved the caller */
	__u64 rewrites;		/* change_pid inside a window */
	struct judge_hook hooks[WIRE_NHOOKS];
	struct judge_rule *rules;
	size_t nrules;
	struct judge_expected *expect;
	size_t nexpect;
	struct judge_command command;
	__u64 seed;
	enum semantics semantics;
	bool whole;		/* WIRE_META_END was seen */
	char *remark;		/* or NULL */
	struct wire_meta_machine machine;	/* hdr.size 0: not known */
};

#endif /* LOADER_JUDGE_RESULT_H */
