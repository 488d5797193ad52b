// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the rules from `pidnstrace rules`, and chooses, for each rule, the mutants that
 * should violate it.
 */
#include "vmtest/mutants/mutant_rules.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static int take_rule(const json_t *rule, struct strv *ids,
		     struct strv *statements)
{
	const char *id = json_string_value(json_object_get(rule, "id"));
	const char *statement =
		json_string_value(json_object_get(rule, "statement"));

	if (!id || !statement)
		return -EINVAL;
	strv__add(ids, id);
	strv__add(statements, statement);
	return 0;
}

/* Reads JSON objects, one per line, to the end of the file. */
static int take_rules(FILE *f, struct strv *ids, struct strv *statements)
{
	json_t *rule;
	int err = 0;

	while (!err && (rule = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) {
		err = take_rule(rule, ids, statements);
		json_decref(rule);
	}
	return err || !feof(f) ? -EINVAL : 0;
}

/*
 * Runs pidnstrace, at the path @judge. Fills @ids ("I17") and @statements in the
 * order printed. Returns 0, or -errno with a message.
 */
static int read_rules(const char *judge, struct strv *ids,
		      struct strv *statements)
{
	auto_free char *quoted = shell_quote(judge);
	auto_free char *cmd = xasprintf("%s rules --format json", quoted);
	FILE *f = popen(cmd, "re");
	int err = f ? take_rules(f, ids, statements) : -errno;

	if (f && pclose(f) && !err)
		err = -EINVAL;
	if (!err && !ids->n)
		err = -EINVAL;
	if (err)
		msg__error("%s: did not print the list of rules; `make programs' builds it",
			  cmd);
	return err;
}

/* Returns the index of the rule among the mutant's catchers, or -1. */
static int catcher_rank(const struct mutant *m, const char *rule)
{
	for (size_t i = 0; i < m->catchers.n; i++) {
		const struct catcher *c = &m->catchers.v[i];

		if (c->kind == FINDING_RULE && !strcmp(c->text, rule))
			return (int)i;
	}
	return -1;
}

static bool is_listed(const struct mutants *ms, const char *rule)
{
	for (size_t i = 0; i < ms->table.n; i++) {
		if (catcher_rank(&ms->table.v[i], rule) >= 0)
			return true;
	}
	return false;
}

/* A user's table may be about a few rules only; that of this tree is about all. */
static bool is_chosen(const struct mutants *ms, const char *rule)
{
	const struct options *o = ms->opt;

	if (o->only.n)
		return strv__has(&o->only, rule);
	return !o->mutants || is_listed(ms, rule);
}

/* Ranks fast, certain mutants first; last slow kernels, races, later catchers. */
static int cost(const struct mutant *m, const char *rule)
{
	return catcher_rank(m, rule) + (m->race ? 100 : 0) +
	       (m->watched ? 200 : 0);
}

static bool was_tried(const struct mutant_result *r, const struct mutant *m)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->runs[i].mutant == m)
			return true;
	}
	return false;
}

static const struct mutant *cheapest(const struct mutants *ms,
				     const struct mutant_result *r)
{
	const struct mutant *best = NULL;

	for (size_t i = 0; i < ms->table.n; i++) {
		const struct mutant *m = &ms->table.v[i];

		if (catcher_rank(m, r->rule) >= 0 && !was_tried(r, m) &&
		    (!best || cost(m, r->rule) < cost(best, r->rule)))
			best = m;
	}
	return best;
}

bool mutant_rules__next(struct mutants *ms, struct mutant_result *r)
{
	const struct mutant *m = cheapest(ms, r);

	if (!m)
		return false;
	r->mutant = m;
	free(r->label);
	r->label = xasprintf("%s-%s", r->rule, m->label);
	return true;
}

static int add_rule(struct mutants *ms, const char *id, const char *statement)
{
	struct mutant_result *r = &ms->v[ms->n++];

	r->rule = xstrdup(id);
	r->statement = xstrdup(statement);
	return catchers__add(&r->wanted, id);
}

static int add_rules(struct mutants *ms, const struct strv *ids,
		     const struct strv *statements)
{
	const struct strv *only = &ms->opt->only;
	int err = 0;

	for (size_t i = 0; i < only->n; i++) {
		if (!strv__has(ids, only->v[i])) {
			msg__error("no rule %s", only->v[i]);
			return -ENOENT;
		}
	}
	ms->v = xcalloc(ids->n, sizeof(*ms->v));
	for (size_t i = 0; !err && i < ids->n; i++) {
		if (is_chosen(ms, ids->v[i]))
			err = add_rule(ms, ids->v[i], statements->v[i]);
	}
	if (!err && !ms->n) {
		msg__error("%s: no mutant lists a rule that catches it",
			  ms->table.path);
		err = -ENOENT;
	}
	return err;
}

static void add_targets(const struct mutants *ms, const char *rule,
			struct strv *targets)
{
	for (size_t i = 0; i < ms->table.n; i++) {
		if (catcher_rank(&ms->table.v[i], rule) >= 0)
			mutant__add_target(targets, &ms->table.v[i]);
	}
}

int mutant_rules__init(struct mutants *ms, const char *judge,
		       struct strv *targets)
{
	auto_strv ids = { 0 }, statements = { 0 };
	int err = read_rules(judge, &ids, &statements) ?:
		  add_rules(ms, &ids, &statements);

	for (size_t i = 0; !err && i < ms->n; i++) {
		mutant_rules__next(ms, &ms->v[i]);
		if (!ms->by_image)
			add_targets(ms, ms->v[i].rule, targets);
	}
	return err;
}
