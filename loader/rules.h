/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rules.h - the catalogue of invariants, and what a check sees.
 *
 * A rule is a row of a table and one check. A check looks at one record (for
 * most rules the exit of a setns, with all that its window saw) and says
 * whether the rule was put to the test and whether it held. It keeps no state
 * and knows nothing of loss, selection or reports: the judge does.
 *
 * When a rule counts as exercised: `checked` counts the times its condition
 * arose. A rule whose condition never arose in a whole, lossless run is
 * "not-exercised", which does not stand in the way of PASS: that the hooks
 * which would have told were attached and hit is asked apart. A rule that
 * could not be evaluated although its condition arose is "unavailable", which
 * does.
 */
#ifndef LOADER_RULES_H
#define LOADER_RULES_H

#include "model.h"
#include "semantics.h"

enum outcome {
	RULE_SKIP,	/* its condition did not arise */
	RULE_HOLDS,
	RULE_BROKEN,	/* rule_ctx.why says how */
	RULE_NO_FACT,	/* it arose, but this kernel does not give the fact */
};

/* How a setns is to be judged. */
enum window_kind {
	WINDOW_NONE,		/* not a closed window, or its records disagree */
	WINDOW_PLAIN,		/* pidns_install() did not run */
	WINDOW_MAINLINE,	/* it ran, and must move nobody */
	WINDOW_JOIN,		/* it ran, and moves the caller */
	WINDOW_UNCLEAR,		/* the knob changed meanwhile */
};

/* Which kernels promise it. */
enum rule_where {
	RULE_MAINLINE	= 1 << 0,	/* stock, or join with the knob at 0 */
	RULE_JOIN	= 1 << 1,
	RULE_SEED	= 1 << 2,
	RULE_ALL	= RULE_MAINLINE | RULE_JOIN | RULE_SEED,
	RULE_MOVES	= RULE_JOIN | RULE_SEED,
};

/* What a violation rests on, and so what a lost record could have faked. */
enum rule_scope {
	SCOPE_RECORD,	/* one record alone: certain whatever was lost */
	SCOPE_WINDOW,	/* all records since the entry to setns */
};

/* What rules remember over windows. */
struct rule_memory {
	/* proc_flush_pid() in joins, in all else; while somebody has the lock */
	uint64_t flushes, flushes_locked;
	uint64_t other_flushes, other_flushes_locked;
	uint64_t puts_at_once, puts_later;
};

struct rule;

struct rule_ctx {
	const struct model *model;
	const struct model_view *view;
	/* The window being closed; only with SETNS_EXIT, else NULL. */
	const struct model_window *w;
	const struct wire_setns_exit *x;
	enum window_kind kind;
	struct rule_memory *memory;
	/* At the end of the stream: what is looked at, else NULL. */
	const struct model_pid *pid;
	const struct model_ns *ns;
	/* Filled by checks. */
	uint64_t since;		/* first record a violation rests on, 0: scope's */
	const char *clause;	/* the format of why: which part was broken */
	char why[320];
};

struct rule {
	const char *id;
	const char *statement;
	const char *why;	/* what breaks where it does not hold */
	const char *hazards;	/* rows of the hazard catalogue, or "" */
	const char *notes;	/* limits of what is checked, or "" */
	uint32_t hooks;		/* 1 << enum wire_hook: without, unavailable */
	uint8_t where;		/* enum rule_where */
	uint8_t scope;		/* enum rule_scope */
	uint64_t types;		/* 1 << enum wire_type: records to look at */
	enum outcome (*check)(struct rule_ctx *c);
	/* Each struct pid and each pid namespace left when the trace ends, or NULL. */
	enum outcome (*end_pid)(struct rule_ctx *c);
	enum outcome (*end_ns)(struct rule_ctx *c);
	bool whole_run;		/* holds by silence: evaluated once, at the end */
};

#define HOOK(h) (1u << WIRE_HOOK_##h)
#define TYPE(t) (1ull << WIRE_##t)
_Static_assert(WIRE_KERNEL_TYPES <= 64, "a mask holds them");
#define HOOKS_WINDOW (HOOK(SETNS_ENTER) | HOOK(SETNS_EXIT))
#define HOOKS_JOIN (HOOKS_WINDOW | HOOK(PIDNS_INSTALL))

/* For checks: broken(c, "...") words it and returns RULE_BROKEN. */
enum outcome rule_ctx__broken(struct rule_ctx *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Is the window a setns that had to move its caller and returned 0? */
bool rule_ctx__succeeded(const struct rule_ctx *c);
/* ... and did the caller get another struct pid? */
bool rule_ctx__joined(const struct rule_ctx *c);

/* Has the struct pid of this image a number in that namespace? */
bool rule__has_number_in(const struct wire_hdr *rec,
			 const struct wire_pid *pid, uint32_t ns);

/*
 * A visit of a sweep to a task that lives and whose numbers nobody was
 * changing: what was read in it belongs together. Sets c->since.
 */
bool rule_ctx__visited_at_rest(struct rule_ctx *c);

/* Freed, its grace period over, nobody's: only a reference keeps it. */
bool rule_ctx__is_held(const struct rule_ctx *c, const struct model_pid *p);

/* The tables. */
extern const struct rule rules_window[], rules_rewrite[], rules_global[],
	rules_tasks[], rules_life[];
extern const size_t rules_window_count, rules_rewrite_count,
	rules_global_count, rules_tasks_count, rules_life_count;

/* All of them by number; *n is set. */
const struct rule *const *rules__all(size_t *n);

/* "I17", "i17" or "17"; NULL: no such rule. */
const struct rule *rules__find(const char *id);

/*
 * Which rules a list selects: "I17,I19", "I1..I8", "-I40" (all but), "all".
 * selected has one flag for each of rules__all(). 0, or -EINVAL with the
 * reason in err.
 */
int rules__select(const char *list, bool *selected, char *err, size_t errlen);

/* "mainline, join" */
const char *rule_where__text(uint8_t where, char *buf, size_t len);

#endif /* LOADER_RULES_H */
