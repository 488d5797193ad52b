/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of the judge, for its own files. */
#ifndef LOADER_JUDGE_STATE_H
#define LOADER_JUDGE_STATE_H

#include "loader/judge/judge.h"
#include "loader/judge/pairs.h"
#include "loader/rules/rules.h"
#include "loader/trace/loss.h"

#define JUDGE_CLAUSES 4

/* Events that prove that a hook must have been hit; see hook_evidence.c. */
enum judge_sight {
	SIGHT_NS_MADE,
	SIGHT_NS_REUSED,
	SIGHT_INIT_GONE,
	SIGHT_REAPED_ABOVE,
	SIGHT_UNLINKED,
	SIGHT_THREAD_EXEC,
	SIGHT_CPU_TIMERS,
	JUDGE_SIGHTS,
};

/* A broken clause of a rule: described once, then counted. */
struct judge_clause {
	const char *format;	/* the key: the check's format string */
	__u64 count;
	__u64 record;		/* number of the first one; 0: end of the stream */
	char *text;		/* the first violation in full */
	char *why;
};

struct judge_tally {
	bool selected;
	bool active;		/* selected, applicable, and all hooks attached */
	__u64 checked;
	__u64 certain;
	__u64 unsure;
	__u64 no_fact;
	__u64 overflow;		/* suspects that were not kept */
	struct judge_clause clauses[JUDGE_CLAUSES];
	char *text;		/* all clauses, written at the end */
	bool reported, is_new;	/* see judge__new_violations() */
};

/* A violation that a loss between two records of the stream may have faked. */
struct suspect {
	__u64 since, until;
	__u32 rule;
};

/* An active rule's check for one record type. */
struct judge_check {
	enum outcome (*check)(struct rule_ctx *c);
	__u64 *checked;		/* counter of the tally */
	__u32 rule;
	uint8_t links;		/* rule.links */
};

struct judge {
	struct record_sink sink;	/* first member: cast to the judge */
	struct judge_opts opts;
	struct model *model;
	struct loss *loss;
	struct pairs *pairs;
	bool broken_pairs;		/* a reason names a pair that is not whole */
	const struct rule *const *rules;
	size_t nrules;
	struct judge_tally *tallies;
	bool started;			/* a kernel record came */
	__u8 possible;			/* mask of enum rule_where, by the semantics */
	__u8 live;			/* ... by what the records show of the kernel, too */
	struct rule_memory memory;
	/* The active checks of each record type, up to an entry without check. */
	struct judge_check *by_type[WIRE_KERNEL_TYPES];
	/* Checks of SETNS_EXIT, by the facts about the setns; NULL: not needed so far. */
	struct judge_check *at_exit[SETNS_ANY + 1];
	struct suspect *suspects;
	size_t nsuspects, max_suspects;
	bool is_new;			/* any tally has news */
	judge_watch_fn *watch;		/* or NULL */
	void *watch_arg;
	__u64 index;			/* number of the last record */
	__u64 open_windows;
	__u64 seen[WIRE_KERNEL_TYPES];
	__u64 sights[JUDGE_SIGHTS];
	__u64 swept[WIRE_SWEEP_FINAL + 1];	/* whole sweeps, by reason */
	struct wire_meta_stats stats[WIRE_KERNEL_TYPES];
	unsigned int nstats;
	int hook_error[WIRE_NHOOKS];	/* 1: no META_HOOK came */
	hook_mask partial;		/* hooks that may miss events, uncounted */
	unsigned int nhooks;		/* META_HOOK records that came */
	__u64 end_records;		/* kernel records according to META_END */
	__u64 end_index;		/* number of META_END in the stream */
	__u64 misplaced;		/* META_* repeated or too late */
	struct judge_result result;
	bool finished;
};

/* violation.c: returns a violation in full, malloc'd, or NULL. */
char *violation__text(const struct rule *rule, const struct rule_ctx *c,
		      const struct model_task *task, __u64 seed);

/* Fills in the records that the violation's text names, if it has none of its own. */
void violation__name(const struct rule_ctx *c, struct judge_finding *f);

/* Returns whether the hook is attached and counts all events missed. */
static inline bool judge__can_rest_on(const struct judge *j, int hook)
{
	return !j->hook_error[hook] && !(j->partial & HOOK_BIT(hook));
}

/* Returns the hooks that a rule needs on this kernel. Valid once j->live is known. */
static inline hook_mask judge__hooks_of(const struct judge *j, const struct rule *r)
{
	return r->hooks | (j->live & r->where & RULE_KEEP ? r->keep_hooks : 0);
}

/* Returns whether records are known to be lost. Valid once the losses are added up. */
static inline bool judge__any_loss(const struct judge *j)
{
	const struct judge_result *r = &j->result;

	return r->lost_ring || r->lost_map || r->missed;
}

/* tally.c: counts the outcome of rule number i. */
void judge__count(struct judge *j, size_t i, enum outcome o,
		  const struct rule_ctx *c, const struct model_task *task);

/* hook_evidence.c: notes evidence in a record, before model__apply(). */
void judge__note_evidence(struct judge *j, const struct model_view *v);
/* hook_evidence.c: fills result.hooks, and adds reasons about the needed hooks. */
void judge__conclude_hooks(struct judge *j, hook_mask needed);

/* conclude.c: fills the result, the counts of which are complete. */
void judge__conclude(struct judge *j);

#endif /* LOADER_JUDGE_STATE_H */
