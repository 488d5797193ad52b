// SPDX-License-Identifier: GPL-2.0-only
/* Prints the results of mutants as a table, and writes them as JSON. */
#include <string.h>

#include "lib/wrap.h"
#include "vmtest/lib/columns.h"
#include "vmtest/lib/json_file.h"
#include "vmtest/mutants/mutants.h"

#define BY_WIDTH 48

static const char *const titles[] = {
	"MUTANT", "VERDICT", "BY", "SECONDS", "SEED", "TITLE",
};

static const char *const rate_titles[] = {
	"MUTANT", "WIDENED", "NOT WIDENED", "TITLE",
};

static const char *const history_titles[] = {
	"BUG", "VERDICT", "SEEDS", "BY", "TITLE",
};

static const char *const rule_titles[] = {
	"RULE", "VERDICT", "MUTANT", "SECONDS", "SEED", "STATEMENT",
};

/* Truncates the list, as test names are long; the JSON file has all of it. */
static char *by_text(const struct mutant_run *run)
{
	char *all = strv__join(&run->by, ", ");

	if (!run->by.n) {
		free(all);
		return xstrdup("-");
	}
	if (strlen(all) > BY_WIDTH)
		strcpy(all + BY_WIDTH - 3, "...");
	return all;
}

/* The title; for a bug that mainline once had, also the commit that fixed it. */
static char *title_text(const struct mutant *m)
{
	return m->fix.commit ? xasprintf("%s; fixed by %.12s (\"%s\")", m->title,
					 m->fix.commit, m->fix.subject) :
			       xstrdup(m->title);
}

static bool is_healthy(const struct mutants *ms, const struct mutant_result *r)
{
	return r->mutant == &ms->healthy;
}

static void add_row(struct columns *c, const struct mutants *ms,
		    const struct mutant_result *r)
{
	const struct mutant_run *best = mutant_result__best(r);

	if (!best)
		return;
	columns__take(c, xstrdup(r->mutant->label));
	columns__take(c, xstrdup(best->caught ? "caught" :
				 is_healthy(ms, r) ? verdict__name(best->verdict) :
						     "MISSED"));
	columns__take(c, by_text(best));
	columns__take(c, xasprintf("%.1f", best->seconds));
	columns__take(c, xasprintf("%llu", (unsigned long long)best->seed));
	columns__take(c, title_text(r->mutant));
}

static void print_mutants(const struct mutants *ms, FILE *out, size_t width)
{
	size_t caught = 0, all = 0;
	struct columns c;

	columns__start(&c, titles, ARRAY_SIZE(titles));
	for (size_t i = 0; i < ms->n; i++) {
		const struct mutant_run *best = mutant_result__best(&ms->v[i]);

		add_row(&c, ms, &ms->v[i]);
		if (is_healthy(ms, &ms->v[i]))
			continue;
		all++;
		caught += best && best->caught;
	}
	columns__print(&c, out, width);
	fprintf(out, "%zu of %zu mutants caught in %.0f s\n", caught, all,
		now_s() - ms->began);
}

static char *rate_text(const struct mutant_result *r, bool widen)
{
	size_t of, n = mutant_result__caught(r, widen, &of);

	return xasprintf("%zu of %zu", n, of);
}

static void print_rates(const struct mutants *ms, FILE *out, size_t width)
{
	struct columns c;

	columns__start(&c, rate_titles, ARRAY_SIZE(rate_titles));
	for (size_t i = 0; i < ms->n; i++) {
		columns__take(&c, xstrdup(ms->v[i].mutant->label));
		columns__take(&c, rate_text(&ms->v[i], true));
		columns__take(&c, rate_text(&ms->v[i], false));
		columns__take(&c, title_text(ms->v[i].mutant));
	}
	columns__print(&c, out, width);
	fprintf(out, "%.0f s\n", now_s() - ms->began);
}

static void add_history_row(struct columns *c, const struct mutants *ms,
			    const struct mutant_result *r)
{
	const struct mutant_run *best = mutant_result__best(r);

	columns__take(c, xstrdup(r->mutant->label));
	columns__take(c, xstrdup(is_healthy(ms, r) ? verdict__name(best->verdict) :
				 mutant_result__steady(ms, r) ? "caught" : "MISSED"));
	columns__take(c, rate_text(r, best->widen));
	columns__take(c, by_text(best));
	columns__take(c, title_text(r->mutant));
}

/* Prints "missed: a (8 of 10), b (0 of 10)", or nothing. */
static void print_missed(const struct mutants *ms, FILE *out, size_t width)
{
	auto_strv missed = { 0 };
	auto_free char *all = NULL, *text = NULL;

	for (size_t i = 0; i < ms->n; i++) {
		const struct mutant_run *best = mutant_result__best(&ms->v[i]);
		auto_free char *seeds = NULL;

		if (!best || is_healthy(ms, &ms->v[i]) ||
		    mutant_result__steady(ms, &ms->v[i]))
			continue;
		seeds = rate_text(&ms->v[i], best->widen);
		strv__addf(&missed, "%s (%s)", ms->v[i].mutant->label, seeds);
	}
	if (!missed.n)
		return;
	all = strv__join(&missed, ", ");
	text = xasprintf("missed: %s", all);
	wrap__print(out, text, 0, width);
}

static void print_history(const struct mutants *ms, FILE *out, size_t width)
{
	size_t all, caught = mutants__steady(ms, &all);
	struct columns c;

	columns__start(&c, history_titles, ARRAY_SIZE(history_titles));
	for (size_t i = 0; i < ms->n; i++) {
		if (ms->v[i].n)
			add_history_row(&c, ms, &ms->v[i]);
	}
	columns__print(&c, out, width);
	print_missed(ms, out, width);
	fprintf(out, "%zu of %zu caught (%zu %%) in %.0f s\n", caught, all,
		all ? caught * 100 / all : 0, now_s() - ms->began);
}

/* The row of a rule without a violation shows the last mutant tried. */
static void add_rule_row(struct columns *c, const struct mutant_result *r,
			 const struct mutant_run *best)
{
	columns__take(c, xstrdup(r->rule));
	columns__take(c, xstrdup(best && best->caught ? "violated" :
							"NOT SEEN"));
	columns__take(c, xstrdup(best ? best->mutant->label : "-"));
	columns__take(c, best ? xasprintf("%.1f", best->seconds) :
				xstrdup("-"));
	columns__take(c, best ? xasprintf("%llu",
					  (unsigned long long)best->seed) :
				xstrdup("-"));
	columns__take(c, xstrdup(r->statement));
}

static void print_rules(const struct mutants *ms, FILE *out, size_t width)
{
	struct columns c;
	size_t seen = 0;

	columns__start(&c, rule_titles, ARRAY_SIZE(rule_titles));
	for (size_t i = 0; i < ms->n; i++) {
		const struct mutant_run *best = mutant_result__best(&ms->v[i]);

		add_rule_row(&c, &ms->v[i], best);
		seen += best && best->caught;
	}
	columns__print(&c, out, width);
	fprintf(out, "%zu of %zu rules violated by a mutant in %.0f s\n", seen,
		ms->n, now_s() - ms->began);
}

void mutants__print(const struct mutants *ms, FILE *out, size_t width)
{
	if (ms->opt->task == TASK_RULES)
		print_rules(ms, out, width);
	else if (ms->opt->task == TASK_RATE)
		print_rates(ms, out, width);
	else if (ms->opt->task == TASK_HISTORY)
		print_history(ms, out, width);
	else
		print_mutants(ms, out, width);
	fflush(out);
}

static json_t *json_expected(const struct mutant *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->catchers.n; i++) {
		auto_free char *name = catcher__name(&m->catchers.v[i]);

		json_array_append_new(a, json_string(name));
	}
	return a;
}

/* Returns NULL for a bug that mainline did not have. */
static json_t *json_fix(const struct mutant *m)
{
	return m->fix.commit ? json_pack("{s:s, s:s}", "commit", m->fix.commit,
					 "subject", m->fix.subject) : NULL;
}

static json_t *json_mutant(const struct mutant_result *r,
			   const struct mutant_run *best)
{
	return json_pack("{s:s, s:s, s:b, s:o, s:f, s:I, s:s, s:o, s:o, s:I, s:s, s:o*, s:o*, s:o*}",
			 "id", r->mutant->label, "title", r->mutant->title,
			 "caught", best->caught, "by", json_file__strings(&best->by),
			 "seconds", best->seconds, "seed", (json_int_t)best->seed,
			 "target", r->mutant->target, "expected", json_expected(r->mutant),
			 "also", json_file__strings(&best->also), "runs", (json_int_t)r->n,
			 "verdict", verdict__name(best->verdict), "reason",
			 json_string(best->reason), "dir", json_string(best->dir),
			 "fixed_by", json_fix(r->mutant));
}

/* Runs end in any order; their seeds are listed in ascending order. */
static void add_seed(json_t *seeds, json_int_t seed)
{
	size_t i = json_array_size(seeds);

	while (i && json_integer_value(json_array_get(seeds, i - 1)) > seed)
		i--;
	json_array_insert_new(seeds, i, json_integer(seed));
}

static json_t *json_rate(const struct mutant_result *r, bool widen)
{
	json_t *missed = json_array();
	size_t of, n = mutant_result__caught(r, widen, &of);

	for (size_t i = 0; i < r->n; i++) {
		const struct mutant_run *run = &r->runs[i];

		if (run->widen == widen && !run->caught)
			add_seed(missed, (json_int_t)run->seed);
	}
	return json_pack("{s:I, s:I, s:o}", "caught", (json_int_t)n, "of",
			 (json_int_t)of, "missed_seeds", missed);
}

static json_t *json_rates(const struct mutant_result *r)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o*}", "id", r->mutant->label,
			 "target", r->mutant->target, "title",
			 r->mutant->title, "widened", json_rate(r, true),
			 "not_widened", json_rate(r, false),
			 "fixed_by", json_fix(r->mutant));
}

static json_t *json_history(const struct mutants *ms,
			    const struct mutant_result *r,
			    const struct mutant_run *best)
{
	json_t *o = json_mutant(r, best);

	json_object_set_new(o, "caught", json_boolean(mutant_result__steady(ms, r)));
	json_object_set_new(o, "seeds", json_rate(r, best->widen));
	return o;
}

/* best is NULL for a rule without a mutant, which has no runs. */
static json_t *json_rule(const struct mutant_result *r,
			 const struct mutant_run *best)
{
	json_t *tried = json_array();
	json_t *o = json_pack("{s:s, s:b, s:s, s:o}", "id", r->rule, "violated",
			      best && best->caught, "statement", r->statement,
			      "tried", tried);

	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(tried, json_pack("{s:s, s:I, s:b}",
			"mutant", r->runs[i].mutant->label, "seed",
			(json_int_t)r->runs[i].seed, "violated",
			r->runs[i].caught));
	if (best)
		json_object_update_new(o, json_pack("{s:s, s:f, s:I, s:s}",
			"mutant", best->mutant->label, "seconds", best->seconds,
			"seed", (json_int_t)best->seed, "dir", best->dir));
	return o;
}

/* Returns NULL for the healthy kernel and for results without a run. */
static json_t *json_result(const struct mutants *ms,
			   const struct mutant_result *r)
{
	const struct mutant_run *best = mutant_result__best(r);

	if (ms->opt->task == TASK_RULES)
		return json_rule(r, best);
	if (!best || is_healthy(ms, r))
		return NULL;
	switch (ms->opt->task) {
	case TASK_RATE:
		return json_rates(r);
	case TASK_HISTORY:
		return json_history(ms, r, best);
	default:
		return json_mutant(r, best);
	}
}

int mutants__write(const struct mutants *ms, const char *path)
{
	const char *what = ms->opt->task == TASK_RULES ? "rules" : "mutants";
	json_t *list = json_array(), *file = json_pack("{s:o}", what, list);
	size_t all, caught;

	for (size_t i = 0; i < ms->n; i++) {
		json_t *o = json_result(ms, &ms->v[i]);

		if (o)
			json_array_append_new(list, o);
	}
	if (ms->opt->task == TASK_HISTORY) {
		caught = mutants__steady(ms, &all);
		json_object_set_new(file, "caught", json_integer((json_int_t)caught));
		json_object_set_new(file, "of", json_integer((json_int_t)all));
	}
	return json_file__write(file, path);
}
