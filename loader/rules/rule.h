/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Defines a rule, the input and the outcome of its check, and helpers for checks.
 *
 * A rule is a row of a table and one check. A check looks at one record (for most rules
 * the exit of a setns, with all that its window recorded) and returns whether the rule
 * applied and whether it held. Checks keep no state and know nothing of loss, selection
 * or reports: the judge handles these.
 *
 * `checked` counts how often the condition of a rule arose. A rule whose condition
 * never arose in a complete, lossless run is "not-exercised", which does not prevent
 * PASS: the judge checks separately that the hooks which would have shown the condition
 * were attached and hit. A rule that could not be evaluated although its condition
 * arose is "unavailable", which prevents PASS.
 */
#ifndef LOADER_RULES_RULE_H
#define LOADER_RULES_RULE_H

#include "lib/array.h"
#include "loader/lib/table.h"
#include "loader/model/model.h"
#include "loader/trace/semantics.h"
#include "loader/trace/hook_mask.h"

enum outcome {
	RULE_SKIP,	/* the rule's condition did not arise */
	RULE_HOLDS,
	RULE_BROKEN,	/* rule_ctx.why has the reason */
	RULE_NO_FACT,	/* this kernel does not show whether the rule holds */
};

/* The semantics by which a setns is judged. */
enum window_kind {
	WINDOW_NONE,		/* not a closed window, or its records disagree */
	WINDOW_PLAIN,		/* pidns_install() did not run */
	WINDOW_MAINLINE,	/* pidns_install() ran and must not move the caller */
	WINDOW_JOIN,		/* pidns_install() ran and moves the caller */
	WINDOW_KEEP,		/* ... and leaves the caller its struct pid */
	WINDOW_UNCLEAR,		/* the knob changed during the call */
};

/* Facts about a setns, known at its exit. */
enum setns_fact {
	SETNS_WHOLE	= 1 << 0,	/* entry and exit are those of one call */
	SETNS_FAILED	= 1 << 1,	/* returned an error */
	SETNS_ALLOCATED	= 1 << 2,	/* alloc_pid() or pid_reserve_nr() succeeded */
	SETNS_CHANGED	= 1 << 3,	/* change_pid() was called */
	SETNS_TO_JOIN	= 1 << 4,	/* WINDOW_JOIN */
	SETNS_SUCCEEDED	= 1 << 5,	/* ... and returned 0 */
	SETNS_JOINED	= 1 << 6,	/* ... and the caller got another struct pid */
	SETNS_TO_ENTER	= 1 << 7,	/* WINDOW_JOIN or WINDOW_KEEP */
	SETNS_TO_KEEP	= 1 << 8,	/* WINDOW_KEEP */
	SETNS_KEPT	= 1 << 9,	/* ... and returned 0 */
	SETNS_DEEPENED	= 1 << 10,	/* ... and the struct pid has more numbers */
	SETNS_ANY	= (1 << 11) - 1,	/* all of these */
};

/* The kernels that promise a rule. */
enum rule_where {
	RULE_MAINLINE	= 1 << 0,	/* stock, or join with the knob at 0 */
	RULE_JOIN	= 1 << 1,
	RULE_SEED	= 1 << 2,
	RULE_KEEP	= 1 << 3,	/* keep with the knob at 2 */
	RULE_ALL	= RULE_MAINLINE | RULE_JOIN | RULE_SEED | RULE_KEEP,
	RULE_MOVES	= RULE_JOIN | RULE_SEED,
	RULE_ENTERS	= RULE_MOVES | RULE_KEEP,
};

/* The records a violation rests on: if one of them was lost, the rule may hold. */
enum rule_scope {
	SCOPE_RECORD,	/* one record alone: certain despite losses */
	SCOPE_WINDOW,	/* all records since the entry to setns */
};

/* The calls in a record of several links that a check has to look at. */
enum rule_links {
	LINKS_EACH,
	LINKS_ALIKE,	/* one of them: the outcome is the same for all */
	LINKS_PID,	/* the one for WIRE_PID: the check skips all others */
};

/* State that rules share across windows. */
struct rule_memory {
	/* proc_flush_pid() in joins and elsewhere; while tasklist_lock is write-held */
	uint64_t flushes, flushes_locked;
	uint64_t other_flushes, other_flushes_locked;
	uint64_t puts_at_once, puts_later;
	/* joins that keep the struct pid: references to the two namespaces */
	uint64_t outer_puts, outer_puts_seen;
	uint64_t target_gets, target_gets_seen;
	/* at the end: the namespaces kept by struct pids that are held, by inum */
	struct table kept;
	bool kept_known;
};

struct rule;

struct rule_ctx {
	const struct model *model;
	const struct model_view *view;
	/* The window that SETNS_EXIT closes; NULL for all other records. */
	const struct model_window *w;
	const struct wire_setns_exit *x;
	enum window_kind kind;
	unsigned int facts;	/* enum setns_fact */
	struct rule_memory *memory;
	/* At the end of the stream: the object to check, else NULL. */
	const struct model_pid *pid;
	const struct model_ns *ns;
	/* Results of the check. */
	uint64_t since;		/* first record a violation rests on, 0: by scope */
	const char *clause;	/* format string of why: the broken part of the rule */
	char why[320];
};

struct rule {
	const char *id;
	const char *statement;
	const char *why;	/* the damage if the rule does not hold */
	const char *hazards;	/* rows of the hazard catalogue, or NULL */
	const char *notes;	/* limits of the check, or NULL */
	hook_mask hooks;		/* 1 << enum wire_hook: all needed, else unavailable */
	hook_mask keep_hooks;	/* ... in addition, where a join can keep the struct pid */
	uint8_t where;		/* enum rule_where */
	/* Kernels of where that may lack a hook: the rule does not apply to them then. */
	uint8_t may_lack;
	uint8_t scope;		/* enum rule_scope */
	/* enum setns_fact: at SETNS_EXIT, the rule is skipped unless all of them hold. */
	uint16_t after;
	uint8_t links;		/* enum rule_links */
	uint64_t types;		/* 1 << enum wire_type: records to look at */
	enum outcome (*check)(struct rule_ctx *c);
	/* Checks for each struct pid, each pid namespace left at the end, or NULL. */
	enum outcome (*end_pid)(struct rule_ctx *c);
	enum outcome (*end_ns)(struct rule_ctx *c);
	bool whole_run;		/* holds if no record breaks it: evaluated at the end */
};

#define TYPE(t) (1ull << WIRE_##t)
_Static_assert(WIRE_KERNEL_TYPES <= 64, "a mask holds them");
#define HOOKS_WINDOW (HOOK(SETNS_ENTER) | HOOK(SETNS_EXIT))
#define HOOKS_JOIN (HOOKS_WINDOW | HOOK(PIDNS_INSTALL))
/* The other hooks that count numbers, where a join can keep the struct pid. */
#define HOOKS_NUMBERS (HOOK(RESERVE_NR) | HOOK(UNRESERVE_NR) | HOOK(UNDEEPEN))
/* Judged when setns returns. */
#define AT_EXIT .types = TYPE(SETNS_EXIT), .scope = SCOPE_WINDOW

/* For checks: formats the reason into c->why and returns RULE_BROKEN. */
enum outcome broken(struct rule_ctx *c, const char *fmt, ...) __printf(2, 3);

/* Returns a mask of enum setns_fact for the window that SETNS_EXIT closes. */
unsigned int rule_ctx__setns_facts(const struct rule_ctx *c);

/*
 * Returns the name of a field of the caller that differs between the entry to and the
 * exit from setns, or NULL. The numbers of the struct pid are not compared.
 */
const char *rule_ctx__difference(const struct rule_ctx *c);

/* True if the struct pid of this image has a number in that namespace. */
bool rule__has_number_in(const struct wire_hdr *rec,
			 const struct wire_pid *pid, uint32_t ns);

/*
 * True if a sweep visited a live task whose numbers did not change meanwhile: all
 * facts of this visit belong together. Sets c->since.
 */
bool rule_ctx__visited_at_rest(struct rule_ctx *c);

/* True if p is freed, past its grace period and unused: only a reference keeps it. */
bool rule_ctx__is_held(const struct rule_ctx *c, const struct model_pid *p);

/* Formats where as "mainline join" into buf and returns buf. */
const char *rule_where__text(uint8_t where, char *buf, size_t len);

#endif /* LOADER_RULES_RULE_H */
