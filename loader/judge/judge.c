// SPDX-License-Identifier: GPL-2.0-only
/* Feeds each record to the model and to the rules. */
#include "loader/judge/judge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/memory.h"
#include "loader/judge/state.h"

static uint8_t possible(enum semantics s)
{
	switch (s) {
	case SEMANTICS_MAINLINE:
		return RULE_MAINLINE;
	case SEMANTICS_SEED:
		return RULE_SEED;
	default:
		return RULE_MAINLINE | RULE_JOIN | RULE_KEEP;
	}
}

static int judge_record(struct record_sink *sink, const struct wire_hdr *rec);

int judge__new(struct judge **out, const struct judge_opts *opts, char *err,
	       size_t errlen)
{
	struct judge *j = xcalloc(1, sizeof(*j));
	bool *selected;
	int ret;

	*out = NULL;
	j->sink.record = judge_record;
	j->sink.takes_links = true;
	j->opts = *opts;
	j->opts.rules = NULL;	/* the caller's string, not used later */
	j->possible = possible(opts->semantics);
	j->rules = rules__all(&j->nrules);
	j->tallies = xcalloc(j->nrules, sizeof(*j->tallies));
	selected = xcalloc(j->nrules, sizeof(*selected));
	j->model = model__new(opts->expect);
	j->loss = loss__new();
	j->pairs = pairs__new(j->model);
	ret = rules__select(opts->rules, selected, err, errlen);
	for (size_t i = 0; i < j->nrules; i++)
		j->tallies[i].selected = selected[i];
	free(selected);
	for (int h = 0; h < WIRE_NHOOKS; h++)
		j->hook_error[h] = 1;
	if (ret)
		judge__free(j);
	else
		*out = j;
	return ret;
}

static void free_tally(struct judge_tally *t)
{
	for (int i = 0; i < JUDGE_CLAUSES; i++) {
		free(t->clauses[i].text);
		free(t->clauses[i].why);
	}
	free(t->text);
}

void judge__free(struct judge *j)
{
	if (!j)
		return;
	for (size_t i = 0; j->tallies && i < j->nrules; i++)
		free_tally(&j->tallies[i]);
	for (size_t i = 0; i < j->result.nreasons; i++)
		free((char *)j->result.reasons[i]);
	for (int t = 0; t < WIRE_KERNEL_TYPES; t++)
		free(j->by_type[t]);
	for (size_t i = 0; i < ARRAY_SIZE(j->at_exit); i++)
		free(j->at_exit[i]);
	free(j->result.reasons);
	free(j->result.remark);
	free(j->result.rules);
	free(j->result.expect);
	free(j->suspects);
	table__clear(&j->memory.kept);
	free(j->tallies);
	model__free(j->model);
	loss__free(j->loss);
	pairs__free(j->pairs);
	free(j);
}

struct record_sink *judge__sink(struct judge *j)
{
	return &j->sink;
}

/* --- records --- */

static enum window_kind window_kind(const struct judge *j,
				    const struct model_window *w,
				    const struct wire_setns_exit *x)
{
	/* Entry and exit belong to two calls; records in between were lost. */
	if (x->fd != w->enter.fd || x->flags != w->enter.flags)
		return WINDOW_NONE;
	if (!w->installs)
		return WINDOW_PLAIN;
	switch (j->opts.semantics) {
	case SEMANTICS_MAINLINE:
		return WINDOW_MAINLINE;
	case SEMANTICS_SEED:
		return WINDOW_JOIN;
	default:
		break;
	}
	/* An odd count means that a write of the knob has not ended. */
	if (w->enter.knob != w->install.knob || w->enter.knob_writes & 1 ||
	    w->enter.knob_writes != w->install.knob_writes)
		return WINDOW_UNCLEAR;
	switch (w->enter.knob) {
	case WIRE_KNOB_ON:
		return WINDOW_JOIN;
	case WIRE_KNOB_KEEP:
		return WINDOW_KEEP;
	}
	return WINDOW_MAINLINE;
}

/* A setns whose entry was lost has no window. */
static unsigned int facts_for(const struct rule *r)
{
	return r->scope == SCOPE_WINDOW ? r->after | SETNS_WHOLE : 0;
}

/* Returns the active checks of a type of records. facts: those about the setns */
static __attribute__((noinline))
struct judge_check *active_checks(struct judge *j, int type, unsigned int facts)
{
	struct judge_check *checks = xcalloc(j->nrules + 1, sizeof(*checks));
	int n = 0;

	for (size_t i = 0; i < j->nrules; i++) {
		const struct rule *r = j->rules[i];

		if (!j->tallies[i].active || !(r->types & 1ull << type))
			continue;
		if (type == WIRE_SETNS_EXIT && facts_for(r) & ~facts)
			continue;
		checks[n++] = (struct judge_check){
			.check = r->check,
			.checked = &j->tallies[i].checked,
			.rule = (uint32_t)i,
			.links = r->links,
		};
	}
	return checks;
}

/* Selects the active rules at the first kernel record; all META_HOOK came before. */
static void start(struct judge *j)
{
	hook_mask attached = 0;

	for (int h = 0; h < WIRE_NHOOKS; h++)
		if (judge__can_rest_on(j, h))
			attached |= HOOK_BIT(h);
	for (size_t i = 0; i < j->nrules; i++) {
		const struct rule *r = j->rules[i];

		j->tallies[i].active = j->tallies[i].selected &&
				       (r->where & j->possible) &&
				       !(r->hooks & ~attached);
	}
	for (int t = 0; t < WIRE_KERNEL_TYPES; t++)
		j->by_type[t] = active_checks(j, t, SETNS_ANY);
	j->started = true;
}

static void run_checks(struct judge *j, const struct judge_check *k,
		       struct rule_ctx *c)
{
	const struct model_view *v = c->view;
	enum outcome o;

	for (; k->check; k++) {
		c->since = 0;
		o = k->check(c);
		if (o == RULE_HOLDS)
			++*k->checked;
		else if (o != RULE_SKIP)
			judge__count(j, k->rule, o, c,
			     v->subject ? v->subject : v->current);
	}
}

/* Most of the context is for the text of a violation, and not initialized. */
static void init_ctx(struct rule_ctx *c, struct judge *j, const struct model_view *v)
{
	c->model = j->model;
	c->view = v;
	c->w = NULL;
	c->x = NULL;
	c->kind = WINDOW_NONE;
	c->facts = 0;
	c->memory = &j->memory;
	c->pid = NULL;
	c->ns = NULL;
}

/* Sets what the context has of the setns that ends, and returns the checks for it. */
static const struct judge_check *checks_at_exit(struct judge *j, struct rule_ctx *c)
{
	c->x = (const void *)c->view->rec;
	c->w = c->view->window;
	c->kind = c->w ? window_kind(j, c->w, c->x) : WINDOW_NONE;
	c->facts = rule_ctx__setns_facts(c);
	if (!j->at_exit[c->facts])
		j->at_exit[c->facts] = active_checks(j, WIRE_SETNS_EXIT, c->facts);
	return j->at_exit[c->facts];
}

static void run_rules(struct judge *j, const struct model_view *v)
{
	const struct judge_check *checks = j->by_type[v->rec->type];
	struct rule_ctx c;

	if (!checks->check)
		return;
	init_ctx(&c, j, v);
	if (v->rec->type == WIRE_SETNS_EXIT)
		checks = checks_at_exit(j, &c);
	run_checks(j, checks, &c);
}

static void note_window(struct judge *j, const struct model_view *v)
{
	_Static_assert(WIRE_SETNS_ENTER < WIRE_SETNS_EXIT, "the first types");
	if (v->rec->type > WIRE_SETNS_EXIT)
		return;
	if (v->rec->type == WIRE_SETNS_ENTER) {
		j->open_windows++;
	} else if (v->rec->type == WIRE_SETNS_EXIT && v->window) {
		loss__window(j->loss, v->window->index, j->index);
		j->open_windows -= j->open_windows > 0;
	}
}

static void judge_view(struct judge *j, const struct model_view *v)
{
	run_rules(j, v);
	model__apply(j->model, v);
}

/*
 * Counts the checks that hold for all calls in a record of several links, and returns
 * true. Returns false, and counts nothing, if the calls have to be checked one by one.
 * v: the view of the call for WIRE_PID if there is one
 */
static bool hold_together(struct judge *j, const struct wire_links_pid *links,
			  const struct model_view *v)
{
	const struct judge_check *checks = j->by_type[v->rec->type], *k;
	uint64_t held = 0, bit = 1;
	struct rule_ctx c;
	enum outcome o;

	init_ctx(&c, j, v);
	for (k = checks; k->check; k++, bit <<= 1) {
		o = k->links == LINKS_EACH ? RULE_BROKEN : k->check(&c);
		if (o == RULE_HOLDS)
			held |= bit;
		else if (o != RULE_SKIP)
			return false;
	}
	for (k = checks; held; k++, held >>= 1)
		if (held & 1)
			*k->checked += k->links == LINKS_PID ? 1 : links->n;
	return true;
}

/* Judges all calls of a record at once. Returns false if that is not possible. */
static bool judge_together(struct judge *j, const struct wire_links_pid *links,
			   struct model_view *v)
{
	struct wire_link_pid call;
	unsigned int at;
	bool hold;

	if (!model__takes_links(j->model, v) ||
	    !links__position(links, WIRE_PID, &at))
		return false;
	links__call(links, at, &call);
	v->rec = &call.hdr;
	v->index += at;
	hold = hold_together(j, links, v);
	if (hold) {
		model__apply_links(j->model, links, v);
		j->index += links->n - 1;
	}
	v->rec = &links->hdr;
	v->index -= at;
	return hold;
}

/*
 * Judges the calls in a record of several links. If a rule is violated, each call is
 * judged by itself. The calls have the same tasks, so the view stays valid.
 */
static void judge_calls(struct judge *j, const struct wire_links_pid *links,
			struct model_view *v)
{
	struct wire_link_pid call;

	if (judge_together(j, links, v))
		return;
	v->rec = &call.hdr;
	links__call(links, 0, &call);
	judge_view(j, v);
	for (unsigned int i = 1; i < links->n; i++) {
		j->index++;
		model__next_link(j->model, v);
		links__call(links, i, &call);
		judge_view(j, v);
	}
}

static void kernel_record(struct judge *j, const struct wire_hdr *rec)
{
	unsigned int calls = links__count(rec);
	struct model_view v;

	if (!j->started)
		start(j);
	loss__record(j->loss, rec, j->index, j->open_windows);
	j->seen[rec->type] += calls;
	j->result.events += calls;
	model__resolve(j->model, rec, &v);
	note_window(j, &v);
	judge__note_evidence(j, &v);
	pairs__record(j->pairs, &v);
	if (links__are(rec))
		judge_calls(j, (const void *)rec, &v);
	else
		judge_view(j, &v);
}

static void meta_record(struct judge *j, const struct wire_hdr *rec)
{
	struct model_view v;

	if (rec->type == WIRE_META_HOOK) {
		const struct wire_meta_hook *h = (const void *)rec;

		if (h->hook < WIRE_NHOOKS) {
			j->misplaced += j->started || j->hook_error[h->hook] != 1;
			/* A damaged record may have a value that is not an errno. */
			j->hook_error[h->hook] =
				h->error > 0 || h->error < -4095 ? -EPROTO :
								   h->error;
			if (rec->flags & WIRE_F_PARTIAL)
				j->partial |= HOOK_BIT(h->hook);
			j->nhooks++;
		}
	} else if (rec->type == WIRE_META_STATS) {
		const struct wire_meta_stats *s = (const void *)rec;

		if (s->type < WIRE_KERNEL_TYPES) {
			/* A second record must not hide the losses of the first. */
			j->misplaced += j->stats[s->type].hdr.type != 0;
			j->stats[s->type] = *s;
			j->nstats++;
		}
	} else if (rec->type == WIRE_META_MACHINE) {
		j->result.machine = *(const struct wire_meta_machine *)rec;
	} else if (rec->type == WIRE_META_END) {
		j->misplaced += j->result.whole;
		j->result.whole = true;
		j->end_index = j->index;
		j->end_records = ((const struct wire_meta_end *)rec)->records;
	}
	model__resolve(j->model, rec, &v);
	model__apply(j->model, &v);
}

/* Calls would take a tenth of the instructions of a record, so all steps are inlined. */
static __attribute__((flatten))
int judge_record(struct record_sink *sink, const struct wire_hdr *rec)
{
	struct judge *j = (struct judge *)sink;

	j->index++;
	if (rec->type < WIRE_META)
		kernel_record(j, rec);
	else
		meta_record(j, rec);
	return 0;
}

/* --- rules evaluated at the end of the stream --- */

static void end_pids(struct judge *j, size_t i)
{
	struct rule_ctx c = { .model = j->model, .memory = &j->memory };

	for (size_t pos = 0; (c.pid = model__next_pid(j->model, &pos)); )
		judge__count(j, i, j->rules[i]->end_pid(&c), &c, NULL);
}

static void end_namespaces(struct judge *j, size_t i)
{
	struct rule_ctx c = { .model = j->model, .memory = &j->memory };

	for (size_t pos = 0; (c.ns = model__next_ns(j->model, &pos)); )
		judge__count(j, i, j->rules[i]->end_ns(&c), &c, NULL);
}

static void end_rules(struct judge *j)
{
	for (size_t i = 0; i < j->nrules; i++) {
		if (!j->tallies[i].active)
			continue;
		if (j->rules[i]->end_pid)
			end_pids(j, i);
		if (j->rules[i]->end_ns)
			end_namespaces(j, i);
		if (j->rules[i]->whole_run && !j->tallies[i].checked)
			j->tallies[i].checked = 1;
	}
}

/* --- the end --- */

const struct judge_result *judge__finish(struct judge *j)
{
	if (j->finished)
		return &j->result;
	j->finished = true;
	if (j->result.events)
		end_rules(j);
	else
		judge__reason(j, "no kernel record was received");
	pairs__end(j->pairs);
	judge__conclude(j);
	return &j->result;
}
