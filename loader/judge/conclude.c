// SPDX-License-Identifier: GPL-2.0-only
/*
 * Concludes the verdict from the counts.
 *
 * The steps: count the losses; find the violations that a loss may have faked; find
 * the rules that could be judged; check that the hooks which the run exercised were
 * hit; decide the verdict. Each obstacle to PASS becomes a reason in the report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/judge/state.h"
#include "lib/msg.h"

/* --- loss --- */

static void add_losses(struct judge *j)
{
	struct judge_result *r = &j->result;
	__u64 holes;

	for (int t = 0; t < WIRE_KERNEL_TYPES; t++) {
		r->switched_off += !!(j->stats[t].hdr.flags & WIRE_F_SWITCHED_OFF);
		r->lost_ring += j->stats[t].lost_ring;
		r->lost_map += j->stats[t].lost_map;
		r->missed += j->stats[t].missed;
	}
	if (r->switched_off)
		judge__reason(j, "the kernel did not call the programs on %u types of events for a while: kernel.ftrace_enabled or kprobes/enabled was off",
			      r->switched_off);
	loss__end(j->loss, r->lost_ring);
	holes = loss__missing(j->loss);
	r->tainted = loss__windows(j->loss);
	/* Several losses may touch the same window. */
	if (r->tainted > j->seen[WIRE_SETNS_ENTER])
		r->tainted = j->seen[WIRE_SETNS_ENTER];
	if (holes > r->lost_ring) {
		if (r->whole)
			judge__reason(j, "%llu records are missing from the stream; the BPF programs counted %llu lost",
				      holes, r->lost_ring);
		r->lost_ring = holes;
	}
	if (r->lost_ring)
		judge__reason(j, "%llu records lost: the ring buffer was full (enlarge it with --ring-size); %llu setns calls could not be judged with certainty",
			      r->lost_ring, r->tainted);
	if (r->lost_map)
		judge__reason(j, "%llu records lost: a BPF map was full", r->lost_map);
	for (int t = 0; t < WIRE_KERNEL_TYPES; t++)
		if (j->stats[t].missed)
			judge__reason(j, "the program on %s did not run %llu times (recursion)",
				      record__name(t), j->stats[t].missed);
	if (loss__repeated(j->loss))
		judge__reason(j, "%llu records are duplicates: the trace was altered after recording",
			      loss__repeated(j->loss));
	if (loss__beyond(j->loss))
		judge__reason(j, "%llu records name an impossible CPU: losses there go unnoticed",
			      loss__beyond(j->loss));
	if (!r->whole)
		judge__reason(j, "the trace has no end: it is cut short, or still being written");
	else if (j->end_records != r->events)
		judge__reason(j, "the trace should have %llu records, it has %llu",
			      j->end_records, r->events);
	if (r->whole && j->end_index != j->index)
		judge__reason(j, "%llu records follow the end of the trace",
			      j->index - j->end_index);
	if (j->misplaced)
		judge__reason(j, "%llu records of the loader are duplicated or out of place: the trace was altered after recording",
			      j->misplaced);
	if (r->whole && !j->nstats)
		judge__reason(j, "the trace has no statistics of the hooks");
	else if (r->whole && j->nstats < WIRE_KERNEL_TYPES)
		judge__reason(j, "the trace lacks the statistics of %u hooks",
			      WIRE_KERNEL_TYPES - j->nstats);
}

/*
 * Returns whether events were lost without a gap in a CPU's record numbers, at an
 * unknown place. The model's state comes from records of all types, so any violation
 * that rests on more than one record is unsure then.
 */
static bool unplaced_loss(const struct judge *j)
{
	return j->result.missed || j->result.lost_map || j->result.switched_off;
}

/*
 * Returns whether a hook missed a call that even a kernel with a bug must have made: no
 * task is forked without a struct pid, and no other function makes a pid namespace. A
 * known loss explains this, and has a place.
 */
static bool uncounted_loss(const struct judge *j)
{
	if (judge__any_loss(j))
		return false;
	return (judge__can_rest_on(j, WIRE_HOOK_ALLOC_PID) &&
		pairs__gap(j->pairs, PAIR_ALLOCATED).count) ||
	       (judge__can_rest_on(j, WIRE_HOOK_NS_NEW) &&
		pairs__gap(j->pairs, PAIR_NS_MADE).count);
}

static void weigh_suspects(struct judge *j)
{
	for (size_t i = 0; i < j->nsuspects; i++) {
		const struct suspect *s = &j->suspects[i];
		struct judge_tally *t = &j->tallies[s->rule];

		if (loss__touches(j->loss, s->since, s->until) ||
		    unplaced_loss(j) || uncounted_loss(j))
			t->unsure++;
		else
			t->certain++;
	}
	for (size_t i = 0; i < j->nrules; i++) {
		struct judge_tally *t = &j->tallies[i];

		if (judge__any_loss(j) || uncounted_loss(j))
			t->unsure += t->overflow;
		else
			t->certain += t->overflow;
		if (t->unsure)
			judge__reason(j, "%s: %llu violations do not count, as records they rest on may have been lost",
				      j->rules[i]->id, t->unsure);
	}
}

/* --- rules --- */

static uint8_t live_kernels(const struct judge *j)
{
	const struct model_totals *n = model__totals(j->model);

	if (j->opts.semantics == SEMANTICS_AUTO && !n->knob_seen)
		return RULE_MAINLINE;
	/* Other kernels have the knob without the value 2. */
	if (j->opts.semantics != SEMANTICS_KEEP && !n->keep_seen)
		return j->possible & ~RULE_KEEP;
	return j->possible;
}


static hook_mask missing_hooks(const struct judge *j, hook_mask mask)
{
	hook_mask missing = 0;

	for (int h = 0; h < WIRE_NHOOKS; h++)
		if ((mask & HOOK_BIT(h)) && !judge__can_rest_on(j, h))
			missing |= HOOK_BIT(h);
	return missing;
}

/*
 * One record often breaks several rules. Returns the first of these rules, whose
 * report has the details and lists the other rules. A rule without a certain
 * violation does not report for a rule that has one.
 */
static size_t reporting_rule(const struct judge *j, size_t i)
{
	const struct judge_tally *t = &j->tallies[i];

	for (size_t k = 0; k < i && t->clauses[0].record; k++)
		if (j->tallies[k].clauses[0].count &&
		    j->tallies[k].clauses[0].record == t->clauses[0].record &&
		    (j->tallies[k].certain || !t->certain))
			return k;
	return i;
}

/* Prints a report without its record and history, which the report of "by" has. */
static void print_without_record(const char *text, const char *by, FILE *out)
{
	const char *from = strstr(text, "\n  record ");
	const char *to = from ? strstr(from, "\n  seed ") : NULL;

	if (to)
		fprintf(out, "%.*s\n  record   the same as for %s%s",
			(int)(from - text), text, by, to);
	else
		fputs(text, out);
}

static void print_others(const struct judge *j, size_t i, FILE *out)
{
	bool any = false;

	for (size_t k = i + 1; k < j->nrules; k++) {
		const struct judge_clause *c = j->tallies[k].clauses;

		if (!c->count || reporting_rule(j, k) != i)
			continue;
		fprintf(out, "\n  %-8s %s: %s", any ? "" : "breaks",
			j->rules[k]->id, c->why ? c->why : "");
		any = true;
	}
}

static char *all_clauses(const struct judge *j, size_t i)
{
	const struct judge_tally *t = &j->tallies[i];
	const char *first = t->clauses[0].text ? t->clauses[0].text : "";
	size_t by = reporting_rule(j, i), len;
	char *text = NULL;
	FILE *out = xmemstream(&text, &len);

	if (by == i)
		fputs(first, out);
	else
		print_without_record(first, j->rules[by]->id, out);
	print_others(j, i, out);
	if (t->clauses[0].count > 1)
		fprintf(out, "\n  repeated %llu times in all", t->clauses[0].count);
	for (int k = 1; k < JUDGE_CLAUSES && t->clauses[k].count; k++)
		fprintf(out, "\n  also     %s (%llu times)",
			t->clauses[k].why ? t->clauses[k].why : "",
			t->clauses[k].count);
	if (!t->certain)
		fputs("\n  but records this rests on may have been lost", out);
	else if (judge__any_loss(j))
		fputs("\n  certain  records were lost, but none that this rests on",
		      out);
	fclose(out);
	return text;
}

/* Must the rule hold on this kernel, or only if the kernel has the hooks? */
static bool must_hold(const struct rule *r, uint8_t live)
{
	return r->where & live & ~r->may_lack;
}

static enum rule_state state_of(const struct judge *j, size_t i)
{
	const struct judge_tally *t = &j->tallies[i];
	const struct rule *r = j->rules[i];
	hook_mask hooks = judge__hooks_of(j, r);

	if (!t->selected)
		return RULE_DESELECTED;
	/* Without the records of a join, a rule that needs them may be wrong. */
	if (t->certain && !missing_hooks(j, hooks & ~r->hooks))
		return RULE_VIOLATED;
	if (!(r->where & j->live))
		return RULE_NOT_APPLICABLE;
	if (missing_hooks(j, hooks))
		return must_hold(r, j->live) ? RULE_UNAVAILABLE : RULE_NOT_APPLICABLE;
	if (t->no_fact)
		return RULE_UNAVAILABLE;
	return t->checked ? RULE_OK : RULE_NOT_EXERCISED;
}

static hook_mask conclude_rules(struct judge *j)
{
	struct judge_result *res = &j->result;
	hook_mask needed = 0;

	j->live = live_kernels(j);
	res->rules = xcalloc(j->nrules, sizeof(*res->rules));
	res->nrules = j->nrules;
	for (size_t i = 0; i < j->nrules; i++) {
		struct judge_tally *t = &j->tallies[i];
		enum rule_state state = state_of(j, i);
		bool proven = state == RULE_VIOLATED;

		if (t->certain || t->unsure)
			t->text = all_clauses(j, i);
		res->rules[i] = (struct judge_rule){
			.rule = j->rules[i],
			.state = state,
			.checked = t->checked,
			.violations = proven ? t->certain : 0,
			.unsure = t->unsure + (proven ? 0 : t->certain),
			.text = t->text,
		};
		if (t->selected && must_hold(j->rules[i], j->live))
			needed |= judge__hooks_of(j, j->rules[i]);
		if (t->selected && t->no_fact)
			judge__reason(j, "%s could not be evaluated %llu times: this kernel does not provide the facts it needs",
				      j->rules[i]->id, t->no_fact);
	}
	return needed;
}

/* --- expected counts --- */

static uint64_t lost_of(const struct judge *j, enum wire_type t)
{
	const struct wire_meta_stats *s = &j->stats[t];

	return s->lost_ring + s->lost_map + s->missed;
}

void judge__expect(struct judge *j, const char *path)
{
	static const enum wire_type types[EXPECT_NKEYS] = {
#define X(e, s, t) [EXPECT_##e] = WIRE_##t,
		EXPECT_KEYS(X)
#undef X
	};
	uint64_t seen[EXPECT_NKEYS];
	struct judge_result *r = &j->result;
	struct expected_counts e;
	char err[256];

	if (expected_counts__load(&e, path, err, sizeof(err))) {
		judge__reason(j, "expected counts: %s", err);
		return;
	}
	if (e.unknown)
		msg__warning("%s: %u unknown keys are not compared, the first is \"%s\"",
		      path, e.unknown, e.first_unknown);
	if (!model__expected(j->model, e.root, seen)) {
		judge__reason(j, "expected counts: no exec by the workload, task %d, was seen",
			      e.root);
		return;
	}
	r->expect = xcalloc(EXPECT_NKEYS, sizeof(*r->expect));
	for (int k = 0; k < EXPECT_NKEYS; k++) {
		uint64_t lost = lost_of(j, types[k]);

		if (!e.key[k].present)
			continue;
		r->expect[r->nexpect++] = (struct judge_expected){
			.key = expected_counts__key_name(k),
			.min = e.key[k].min,
			.max = e.key[k].max,
			.seen = seen[k],
			.lost = lost,
			.ok = seen[k] <= e.key[k].max &&
			      seen[k] + lost >= e.key[k].min,
		};
	}
}

/* --- the verdict --- */

static void conclude_verdict(struct judge *j)
{
	struct judge_result *r = &j->result;
	bool inconclusive = r->nreasons;
	bool fail = false;

	for (size_t i = 0; i < r->nrules; i++) {
		if (r->rules[i].state != RULE_VIOLATED)
			continue;
		fail = true;
		judge__reason(j, "%s was violated %llu times", r->rules[i].rule->id,
			      r->rules[i].violations);
	}
	for (size_t i = 0; i < r->nexpect; i++) {
		const struct judge_expected *e = &r->expect[i];

		if (e->ok)
			continue;
		/*
		 * Operations are attributed to the workload by its earlier forks and
		 * execs, so the loss of any record may make the count wrong.
		 */
		if ((r->whole || e->seen > e->max) && !judge__any_loss(j) &&
		    !j->broken_pairs)
			fail = true;
		else
			inconclusive = true;
		judge__reason(j, "the workload caused %llu..%llu of \"%s\", but %llu were seen and %llu lost",
			      e->min, e->max, e->key, e->seen, e->lost);
	}
	r->verdict = fail ? VERDICT_FAIL :
		     inconclusive ? VERDICT_INCONCLUSIVE : VERDICT_PASS;
}

void judge__conclude(struct judge *j)
{
	struct judge_result *r = &j->result;
	const struct model_totals *n = model__totals(j->model);
	hook_mask needed;

	add_losses(j);
	weigh_suspects(j);
	r->setns = n->setns;
	r->joins = n->joins;
	r->rewrites = n->rewrites;
	r->seed = j->opts.seed;
	r->semantics = j->opts.semantics;
	needed = conclude_rules(j);
	judge__conclude_hooks(j, needed);
	conclude_verdict(j);
}
