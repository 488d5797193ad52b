// SPDX-License-Identifier: GPL-2.0-only
/* Compares outcomes with expectations; writes summary.json and the events. */
#include "vmtest/report/summary.h"

#include <jansson.h>
#include <string.h>

#include "vmtest/lib/json_file.h"
#include "vmtest/report/summary_parts.h"

#define FORMAT_VERSION 1

struct summary *summary__new(void)
{
	return xcalloc(1, sizeof(struct summary));
}

void summary__free(struct summary *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct entry *e = &s->v[i];

		for (size_t k = 0; k < e->n; k++)
			run_outcome__free(&e->runs[k]);
		free(e->runs);
		free(e->name);
		expect__free(&e->expect);
	}
	free(s->v);
	free(s);
}

void summary__announce(struct summary *s, const char *name)
{
	size_t len = strlen(name);

	s->name_width = len > s->name_width ? len : s->name_width;
}

void summary__add_target(struct summary *s, const char *name,
			 struct expect *expect, uint64_t runs)
{
	summary__announce(s, name);
	s->guilty |= !expect->wanted[VERDICT_PASS];
	s->most_runs = runs > s->most_runs ? runs : s->most_runs;
	s->v = xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	s->v[s->n++] = (struct entry){ .name = xstrdup(name),
				       .expect = *expect,
				       .announced = runs };
	memset(expect, 0, sizeof(*expect));
}

bool summary__is_expected(const struct summary *s, const char *target,
			  enum verdict verdict)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!strcmp(s->v[i].name, target))
			return s->v[i].expect.wanted[verdict];
	}
	return verdict == VERDICT_PASS;
}

void summary__add_run(struct summary *s, const char *target,
		      struct run_outcome *out)
{
	for (size_t i = 0; i < s->n; i++) {
		struct entry *e = &s->v[i];

		if (strcmp(e->name, target))
			continue;
		e->runs = xrealloc(e->runs, (e->n + 1) * sizeof(*e->runs));
		e->runs[e->n++] = *out;
		memset(out, 0, sizeof(*out));
		return;
	}
}

static bool all_rules_found(const struct entry *e, const struct total *t)
{
	for (size_t i = 0; i < e->expect.rules.n; i++) {
		if (!verify_report__violations(&t->judged, e->expect.rules.v[i]))
			return false;
	}
	return true;
}

void summary__sum_up(const struct entry *e, struct total *t)
{
	memset(t, 0, sizeof(*t));
	t->expected = e->n > 0;
	for (size_t i = 0; i < e->n; i++) {
		const struct run_outcome *r = &e->runs[i];

		if (!t->worst || r->verdict > t->verdict)
			t->worst = r;
		t->verdict = verdict__worse(t->verdict, r->verdict);
		t->expected &= e->expect.wanted[r->verdict];
		t->ok += r->tests.ok;
		t->not_ok += r->tests.not_ok;
		t->skip += r->tests.skip;
		t->retried += r->retried;
		t->seconds += r->seconds;
		verify_report__merge(&t->judged, &r->judged);
	}
	t->expected &= all_rules_found(e, t);
}

/* Returns the worst unexpected verdict of a target that is not as expected. */
static enum verdict unwanted(const struct entry *e)
{
	enum verdict worst = VERDICT_PASS;

	for (size_t i = 0; i < e->n; i++) {
		if (!e->expect.wanted[e->runs[i].verdict])
			worst = verdict__worse(worst, e->runs[i].verdict);
	}
	/* An expected failure or violation that was not found is a failure. */
	return worst == VERDICT_PASS ? VERDICT_FAIL : worst;
}

enum verdict summary__verdict(const struct summary *s)
{
	enum verdict worst = VERDICT_PASS;

	for (size_t i = 0; i < s->n; i++) {
		struct total t;

		summary__sum_up(&s->v[i], &t);
		if (!t.expected)
			worst = verdict__worse(worst, unwanted(&s->v[i]));
		verify_report__free(&t.judged);
	}
	return worst;
}

int summary__exit_status(const struct summary *s)
{
	return verdict__exit_status(summary__verdict(s));
}

bool summary__booted(const struct summary *s)
{
	for (size_t i = 0; i < s->n; i++) {
		for (size_t k = 0; k < s->v[i].n; k++) {
			const struct run_outcome *r = &s->v[i].runs[k];

			if (r->verdict != VERDICT_PASS && !r->booted)
				return false;
		}
	}
	return true;
}

void summary__complain(const struct summary *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *e = &s->v[i];
		struct total t;

		summary__sum_up(e, &t);
		for (size_t k = 0; k < e->expect.rules.n; k++) {
			const char *rule = e->expect.rules.v[k];

			if (!verify_report__violations(&t.judged, rule))
				msg__error("%s: expected to violate %s, but did not",
					  e->name, rule);
		}
		if (t.verdict == VERDICT_PASS &&
		    !e->expect.wanted[VERDICT_PASS])
			msg__error("%s: expected to fail, but passed",
				  e->name);
		verify_report__free(&t.judged);
	}
}

void summary__group(const struct entry *e, struct groups *g)
{
	memset(g, 0, sizeof(*g));
	for (size_t i = 0; i < e->n; i++)
		groups__add(g, &e->runs[i]);
	groups__sort(g);
}

static json_t *json_violations(const struct verify_report *j)
{
	json_t *a = json_array();

	for (size_t i = 0; i < j->n; i++)
		json_array_append_new(a, json_pack("{s:s, s:I}", "rule",
						   j->violations[i].rule, "count",
						   (json_int_t)j->violations[i].count));
	return a;
}

static json_t *json_counts(const struct verify_report *j)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "joins",
			 (json_int_t)j->joins, "rewrites",
			 (json_int_t)j->rewrites, "events",
			 (json_int_t)j->events, "lost", (json_int_t)j->lost,
			 "violations", json_violations(j));
}

static json_t *json_tests(uint64_t ok, uint64_t not_ok, uint64_t skip)
{
	return json_pack("{s:I, s:I, s:I}", "ok", (json_int_t)ok, "not_ok",
			 (json_int_t)not_ok, "skip", (json_int_t)skip);
}

/* Returns the unreported outcome of a repeated run. */
static json_t *json_other(const struct run_outcome *r)
{
	return json_pack("{s:s, s:s, s:s}", "verdict",
			 verdict__name(r->other.verdict), "reason",
			 r->other.reason ? r->other.reason : "", "dir",
			 r->other.dir ? r->other.dir : "");
}

static json_t *json_run(const struct run_outcome *r)
{
	json_t *o = json_pack("{s:I, s:s, s:s, s:f, s:f, s:f, s:s, s:o, s:o*, s:s*, s:s*, s:i, s:o*}",
			      "seed", (json_int_t)r->seed,
			      "verdict", verdict__name(r->verdict),
			      "reason", r->reason ? r->reason : "", "seconds", r->seconds,
			      "boot_seconds", r->boot_s, "test_seconds", r->test_s,
			      "dir", r->dir ? r->dir : "", "tests",
			      json_tests(r->tests.ok, r->tests.not_ok, r->tests.skip),
			      "append", json_string(r->append), "fault",
			      r->faults.n ? r->faults.v[0].fingerprint : NULL,
			      "hang", r->hang, "retried", r->retried,
			      "other", r->retried ? json_other(r) : NULL);

	json_object_update_new(o, json_counts(&r->judged));
	return o;
}

static json_t *json_entry(const struct entry *e)
{
	json_t *o, *seeds = json_array(), *results = json_array();
	struct groups g;
	struct total t;

	summary__sum_up(e, &t);
	for (size_t i = 0; i < e->n; i++) {
		json_array_append_new(seeds,
				      json_integer((json_int_t)e->runs[i].seed));
		json_array_append_new(results, json_run(&e->runs[i]));
	}
	o = json_pack("{s:s, s:s, s:b, s:i, s:o, s:o}", "target", e->name,
		      "verdict", verdict__name(t.verdict), "expected",
		      t.expected, "runs", (int)e->n, "seeds", seeds, "tests",
		      json_tests(t.ok, t.not_ok, t.skip));
	json_object_update_new(o, json_counts(&t.judged));
	summary__group(e, &g);
	json_object_update_new(o, json_pack("{s:f, s:I, s:o*, s:o, s:o}",
		"seconds", t.seconds, "retried", (json_int_t)t.retried,
		"dir", json_string(t.worst && t.worst->dir ? t.worst->dir : ""),
		"faults", groups__json(&g), "results", results));
	groups__free(&g);
	verify_report__free(&t.judged);
	return o;
}

int summary__write(const struct summary *s, const char *path)
{
	json_t *targets = json_array(), *root;

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(targets, json_entry(&s->v[i]));
	root = json_pack("{s:i, s:o}", "version", FORMAT_VERSION, "targets",
			 targets);
	return json_file__write(root, path);
}

/* Passed runs beyond this many events are not kept in full. */
#define EVENTS_MAX 2000000

static enum test_result as_result(bool yes)
{
	return yes ? TEST_OK : TEST_NOT_OK;
}

static void add_guilty(const struct entry *e, struct events *ev)
{
	struct total t;

	summary__sum_up(e, &t);
	for (size_t i = 0; i < e->n; i++) {
		enum verdict v = e->runs[i].verdict;
		auto_free char *name = xasprintf("seed %llu fails as expected",
						 (unsigned long long)e->runs[i].seed);

		events__begin(ev, name);
		events__diag(ev, verdict__name(v));
		events__diag(ev, e->runs[i].reason);
		events__end(ev, NULL, as_result(e->expect.wanted[v]),
			    "not the expected verdict");
	}
	for (size_t i = 0; i < e->expect.rules.n; i++) {
		const char *rule = e->expect.rules.v[i];
		auto_free char *name = xasprintf("%s found", rule);

		events__test(ev, name,
			     as_result(verify_report__violations(&t.judged, rule)),
			     "expected to be violated, but was not");
	}
	verify_report__free(&t.judged);
}

static void add_run(const struct run_outcome *r, struct events *ev)
{
	auto_free char *name = xasprintf("seed %llu", (unsigned long long)r->seed);

	if (r->events.n &&
	    (r->verdict != VERDICT_PASS || ev->n < EVENTS_MAX)) {
		events__graft(ev, name, &r->events);
	} else {
		events__begin(ev, name);
		events__diag(ev, r->dir ? r->dir : "");
		events__end(ev, NULL, as_result(r->verdict == VERDICT_PASS),
			    r->reason);
	}
}

void summary__events(const struct summary *s, struct events *ev)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *e = &s->v[i];

		events__begin(ev, e->name);
		if (!e->expect.wanted[VERDICT_PASS])
			add_guilty(e, ev);
		for (size_t k = 0; e->expect.wanted[VERDICT_PASS] && k < e->n;
		     k++)
			add_run(&e->runs[k], ev);
		events__end(ev, NULL, as_result(e->n), "not run");
	}
	events__finish(ev);
}
