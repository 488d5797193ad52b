// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the outcomes of rules, and keeps each kind of violation once, in full. A
 * violation that a loss may have faked is kept as a suspect, up to MAX_SUSPECTS: the
 * losses are known only at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/judge/state.h"

#define MAX_SUSPECTS 65536

static void keep_clause(struct judge *j, size_t i, const struct rule_ctx *c,
			const struct model_task *task)
{
	struct judge_clause *cl = j->tallies[i].clauses;
	int k = 0;

	while (k < JUDGE_CLAUSES - 1 && cl[k].format &&
	       cl[k].format != c->clause)
		k++;
	/* The last slot collects all further clauses. */
	if (!cl[k].count++) {
		cl[k].format = c->clause;
		cl[k].record = c->view ? j->index : 0;
		cl[k].why = xstrdup(c->why);
		cl[k].text = violation__text(j->rules[i], c, task,
					     j->opts.seed);
	}
}

static bool room_for_suspect(struct judge *j)
{
	size_t max = j->max_suspects ? j->max_suspects * 2 : 64;

	if (j->nsuspects < j->max_suspects)
		return true;
	if (max > MAX_SUSPECTS)
		return false;
	j->suspects = xrealloc(j->suspects, max * sizeof(*j->suspects));
	j->max_suspects = max;
	return true;
}

/* Reports a rule's first violation that no loss so far can have faked. */
static void note_new(struct judge *j, size_t i, uint64_t since)
{
	struct judge_tally *t = &j->tallies[i];

	if (t->reported || (since && loss__touches(j->loss, since, j->index)))
		return;
	t->reported = t->is_new = true;
	j->is_new = true;
}

bool judge__has_new_violations(const struct judge *j)
{
	return j->is_new;
}

void judge__new_violations(struct judge *j, judge_violation_fn *fn, void *arg)
{
	for (size_t i = 0; j->is_new && i < j->nrules; i++) {
		struct judge_tally *t = &j->tallies[i];

		if (t->is_new)
			fn(arg, j->rules[i]->id, t->clauses[0].why);
		t->is_new = false;
	}
	j->is_new = false;
}

void judge__watch(struct judge *j, judge_watch_fn *fn, void *arg)
{
	j->watch = fn;
	j->watch_arg = arg;
}

static void violated(struct judge *j, size_t i, const struct rule_ctx *c,
		     const struct model_task *task)
{
	struct judge_tally *t = &j->tallies[i];
	uint64_t since = c->since;

	keep_clause(j, i, c, task);
	if (j->watch) {
		struct judge_finding f = {
			.rule = j->rules[i], .why = c->why,
			.record = c->view ? j->index : 0,
		};

		violation__name(c, &f);
		j->watch(j->watch_arg, &f);
	}
	if (!since && j->rules[i]->scope == SCOPE_WINDOW && c->w)
		since = c->w->index;
	note_new(j, i, since);
	if (!since) {
		t->certain++;
		return;
	}
	if (!room_for_suspect(j)) {
		t->overflow++;
		return;
	}
	j->suspects[j->nsuspects++] = (struct suspect){
		.since = since,
		.until = j->index,
		.rule = (uint32_t)i,
	};
}

__attribute__((cold, noinline))
void judge__count(struct judge *j, size_t i, enum outcome o,
		  const struct rule_ctx *c, const struct model_task *task)
{
	struct judge_tally *t = &j->tallies[i];

	switch (o) {
	case RULE_SKIP:
		return;
	case RULE_NO_FACT:
		t->no_fact++;
		return;
	case RULE_BROKEN:
		violated(j, i, c, task);
		/* fallthrough */
	case RULE_HOLDS:
		t->checked++;
	}
}

