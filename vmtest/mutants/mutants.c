// SPDX-License-Identifier: GPL-2.0-only
/* Queues the runs of mutants, repeats them where needed, and judges the results. */
#include "vmtest/mutants/mutants.h"

#include <errno.h>
#include <string.h>

#include "vmtest/mutants/mutant_rules.h"
#include "vmtest/run/repeat.h"
#include "vmtest/wire/protocol.h"

/* A race does not show in every run. */
#define RACE_TRIES 3
#define RATE_SEEDS 10

/* The percentage of the bugs of mainline that must be caught. */
#define HISTORY_PERCENT 95

/* On a busy host, guests that do not reach init say nothing about the fault. */
#define BOOT_TRIES 3

/*
 * A fault may stall many tests; each of these reports the stall only after a
 * timeout of its own, and then the other tests continue. Mutants therefore get a
 * shorter limit without progress, and a short total limit.
 */
#define HURRY 3.0
#define TOTAL_LIMITS 4.0

/* Returns true if the task includes the mutant. */
static bool is_included(const struct mutants *ms, const struct mutant *m)
{
	return ms->opt->task == TASK_RATE ? m->race : true;
}

static bool whole_table(const struct options *o)
{
	return (o->task == TASK_MUTANTS || o->task == TASK_HISTORY) &&
	       !o->only.n && !o->sample;
}

/* A user's image, with a table and without a target, is named after its version. */
static bool is_by_image(const struct options *o)
{
	return o->kernel && o->mutants && !o->targets.n;
}

static void add_result(struct mutants *ms, const struct mutant *m)
{
	ms->v[ms->n++].mutant = m;
}

static int select_mutants(struct mutants *ms, struct strv *targets)
{
	const struct options *o = ms->opt;
	int err = mutant_table__select(&ms->table, &o->only, o->sample);

	if (err)
		return err;
	ms->v = xcalloc(ms->table.n + 1, sizeof(*ms->v));
	if (whole_table(o)) {
		ms->healthy.id = xstrdup(MUTANT_NONE);
		ms->healthy.title = xstrdup("no fault: all tests run, and none may find anything");
		ms->healthy.label = xstrdup(MUTANT_NONE);
		ms->healthy.target = ms->table.target;
		add_result(ms, &ms->healthy);
	}
	for (size_t i = 0; i < ms->table.n; i++) {
		if (is_included(ms, &ms->table.v[i]))
			add_result(ms, &ms->table.v[i]);
	}
	for (size_t i = 0; !ms->by_image && i < ms->n; i++)
		mutant__add_target(targets, ms->v[i].mutant);
	if (!ms->n) {
		msg__error("none of these mutants is a race");
		return -ENOENT;
	}
	return 0;
}

char *mutants__line(const struct options *o)
{
	const char *line = o->targets.n ? options__line_of(o->targets.v[0]) : NULL;
	int n = 0;

	if (!line)
		return xstrdup(o->line ?: MUTANTS_LINE);
	sscanf(line, "%*u.%*u%n", &n);
	return xasprintf("%.*s", n, line);
}

char *mutants__target(const struct options *o)
{
	auto_free char *line = mutants__line(o);

	if (o->targets.n)
		return xstrdup(o->targets.v[0]);
	return xasprintf("%s-%s", o->task == TASK_HISTORY ? HISTORY_TARGET :
							    MUTANTS_TARGET, line);
}

int mutants__init(struct mutants *ms, struct options *opt, const char *table,
		  const char *judge)
{
	auto_free char *line = mutants__line(opt), *target = mutants__target(opt);
	int err;

	memset(ms, 0, sizeof(*ms));
	ms->opt = opt;
	ms->began = now_s();
	ms->by_image = is_by_image(opt);
	/* The rows decide whether the target, its debug kernel, or both are needed. */
	strv__free(&opt->targets);
	err = mutant_table__read(&ms->table, table, line, target);
	if (!err)
		err = opt->task == TASK_RULES ?
			mutant_rules__init(ms, judge, &opt->targets) :
			select_mutants(ms, &opt->targets);
	return err;
}

static void run__free(struct mutant_run *r)
{
	free(r->reason);
	free(r->dir);
	strv__free(&r->by);
	strv__free(&r->also);
}

void mutants__free(struct mutants *ms)
{
	for (size_t i = 0; i < ms->n; i++) {
		for (size_t k = 0; k < ms->v[i].n; k++)
			run__free(&ms->v[i].runs[k]);
		free(ms->v[i].runs);
		catchers__free(&ms->v[i].wanted);
		free(ms->v[i].rule);
		free(ms->v[i].statement);
		free(ms->v[i].label);
	}
	free(ms->v);
	free(ms->healthy.id);
	free(ms->healthy.label);
	free(ms->healthy.title);
	mutant_table__free(&ms->table);
	memset(ms, 0, sizeof(*ms));
}

static bool is_healthy(const struct mutants *ms, const struct mutant *m)
{
	return m == &ms->healthy;
}

static const struct catchers *catchers_of(const struct mutant_result *r)
{
	return r->rule ? &r->wanted : &r->mutant->catchers;
}

/* Returns the name for the run's directory and for messages. */
static const char *label_of(const struct mutant_result *r)
{
	return r->rule ? r->label : r->mutant->label;
}

static void queue(struct mutants *ms, struct mutant_result *r,
		  const struct run_spec *base, uint64_t seed, bool widen)
{
	const struct mutant *m = r->mutant;
	struct run_spec s = *base;

	s.label = label_of(r);
	s.mutant = m->id;
	/* With one CPU, TCG needs no atomics, and twice as many guests fit. */
	if (!s.cpus && !m->race && !is_healthy(ms, m))
		s.cpus = 1;
	/* The healthy kernel runs all tests to their end. */
	if (!is_healthy(ms, m)) {
		if (m->tests.n)
			s.tests = &m->tests;
		s.until = catchers_of(r);
	}
	s.widen = widen;
	s.cookie = r;
	batch__add(ms->batch, &s, seed, seed, 1);
}

/* The last of the seeds that count how often a mutant is caught. */
static uint64_t last_seed(const struct options *o)
{
	return o->seeds_given ? o->seed_last : o->seed_first + RATE_SEEDS - 1;
}

static void start_on(struct mutants *ms, struct mutant_result *r,
		     const struct run_spec *base)
{
	const struct options *o = ms->opt;
	bool widen = r->mutant->race ? !o->no_widen : o->widen;
	uint64_t last = last_seed(o);

	if ((o->task != TASK_RATE && o->task != TASK_HISTORY) ||
	    is_healthy(ms, r->mutant)) {
		queue(ms, r, base, o->seed_first, widen);
		return;
	}
	for (uint64_t seed = o->seed_first; seed <= last; seed++) {
		queue(ms, r, base, seed, o->task == TASK_RATE || widen);
		if (o->task == TASK_RATE)
			queue(ms, r, base, seed, false);
	}
}

/* Shortens the limits, except for the healthy kernel, which runs all tests. */
static void shorten_limits(const struct mutants *ms, const struct mutant *m,
			   struct run_spec *s)
{
	if (is_healthy(ms, m))
		return;
	if (!s->timeout_s)
		s->limit_s /= HURRY;
	s->total_s = TOTAL_LIMITS * s->limit_s;
}

static void start_one(struct mutants *ms, struct mutant_result *r)
{
	for (size_t i = 0; i < ms->nbase; i++) {
		struct run_spec s = ms->base[i];

		if (!ms->by_image && strcmp(s.target, r->mutant->target))
			continue;
		shorten_limits(ms, r->mutant, &s);
		start_on(ms, r, &s);
	}
}

/* The version of a user's image is known when the image has been opened. */
static void take_image_name(struct mutants *ms)
{
	for (size_t i = 0; i < ms->table.n; i++)
		ms->table.v[i].target = ms->base->target;
	ms->healthy.target = ms->base->target;
}

void mutants__start(struct mutants *ms, struct batch *batch,
		    const struct run_spec *base, size_t n)
{
	ms->batch = batch;
	ms->base = base;
	ms->nbase = n;
	if (ms->by_image)
		take_image_name(ms);
	for (size_t i = 0; i < ms->n; i++) {
		if (ms->v[i].mutant)
			start_one(ms, &ms->v[i]);
		else
			msg__note("%s: no mutant violates this rule",
				 ms->v[i].rule);
	}
}

/* Copies the findings' names; sets seconds to the time of the first listed one. */
static void take_findings(struct mutant_run *run, const struct catchers *wanted,
			  const struct findings *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct finding *f = &found->v[i];
		bool listed = catchers__fit(wanted, f);

		if (listed && !run->by.n)
			run->seconds = f->at_s;
		strv__take(listed ? &run->by : &run->also, finding__name(f));
	}
}

static void print_run(const char *what, const struct mutant_run *run)
{
	auto_free char *by = strv__join(&run->by, ", "), *also = strv__join(&run->also, ", ");

	if (run->caught)
		msg__note("%s seed %llu: caught by %s after %.1f s", what,
			 (unsigned long long)run->seed, by, run->seconds);
	else
		msg__note("%s seed %llu: not caught: %s%s%s%s%s (%.1f s, %s)",
			 what, (unsigned long long)run->seed,
			 verdict__name(run->verdict), *run->reason ? ": " : "",
			 run->reason, *also ? "; found: " : "", also,
			 run->seconds, run->dir);
}

static void print_healthy(const struct mutant_run *run)
{
	msg__note("the kernel without a fault: %s%s%s (%.1f s, %s)",
		 verdict__name(run->verdict), *run->reason ? ": " : "",
		 run->reason, run->seconds, run->dir);
}

/* Retries an uncaught race with its next seed, then a rule with its next mutant. */
static void try_again(struct mutants *ms, struct mutant_result *r,
		      const struct run_spec *spec)
{
	const struct options *o = ms->opt;
	uint64_t last = o->seed_first;
	struct run_spec again = *spec;

	again.asked = 0;
	if (o->seeds_given && o->seed_last > o->seed_first)
		last = o->seed_last;
	else if (r->mutant->race)
		last = o->seed_first + RACE_TRIES - 1;
	if (o->task == TASK_RATE || o->task == TASK_HISTORY)
		return;
	if (spec->seed < last)
		batch__add(ms->batch, &again, spec->seed + 1, spec->seed + 1,
			   1);
	else if (r->rule && mutant_rules__next(ms, r))
		start_one(ms, r);
}

/* Repeats a run that did not boot. Returns false after a boot or BOOT_TRIES tries. */
static bool boot_again(struct mutants *ms, struct mutant_result *r,
		       const struct run_spec *spec,
		       const struct run_outcome *out)
{
	struct run_spec again = *spec;

	if (out->booted || ++r->unbooted % BOOT_TRIES == 0)
		return false;
	msg__note("%s seed %llu: %s: %s; repeating (%s)", r->mutant->label,
		 (unsigned long long)out->seed, verdict__name(out->verdict),
		 out->reason, out->dir);
	again.asked = 0;
	batch__add(ms->batch, &again, spec->seed, spec->seed, 1);
	return true;
}

/* A kernel without the parameter has no mutant at all: one message, and the end. */
static bool lacks_mutants(struct mutants *ms, const struct run_spec *spec,
			  const struct run_outcome *out)
{
	if (out->refusal != REFUSED_NO_PARAM)
		return false;
	if (!ms->err)
		msg__error("%s: %s", spec->target, out->reason);
	ms->err = -ENOTSUP;
	batch__close(ms->batch);
	return true;
}

/* A fault of the emulator is not the mutant's, and only "any" would take it for one. */
static bool is_caught(const struct mutant_result *r,
		      const struct run_outcome *out)
{
	if (out->emulator)
		return false;
	for (size_t i = 0; i < out->findings.n; i++) {
		if (catchers__fit(catchers_of(r), &out->findings.v[i]))
			return out->is_mutant;
	}
	return false;
}

void mutants__done(void *ctx, const struct run_spec *spec,
		   struct run_outcome *out)
{
	struct mutant_result *r = spec->cookie;
	struct mutants *ms = ctx;
	struct mutant_run *run;

	repeat__conclude(spec, out);
	if (lacks_mutants(ms, spec, out))
		return;
	if (!is_caught(r, out) && repeat__once_more(ms->batch, spec, out))
		return;
	if (boot_again(ms, r, spec, out))
		return;
	r->runs = xrealloc(r->runs, (r->n + 1) * sizeof(*r->runs));
	run = &r->runs[r->n++];
	*run = (struct mutant_run){
		.mutant = r->mutant,
		.seed = out->seed,
		.widen = spec->widen,
		.seconds = out->seconds,
		.verdict = out->verdict,
		.reason = xstrdup(out->reason),
		.dir = xstrdup(out->dir),
	};
	take_findings(run, catchers_of(r), &out->findings);
	run->caught = is_caught(r, out);
	if (is_healthy(ms, r->mutant)) {
		print_healthy(run);
		return;
	}
	print_run(label_of(r), run);
	if (!run->caught)
		try_again(ms, r, spec);
}

const struct mutant_run *mutant_result__best(const struct mutant_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->runs[i].caught)
			return &r->runs[i];
	}
	return r->n ? &r->runs[r->n - 1] : NULL;
}

size_t mutant_result__caught(const struct mutant_result *r, bool widen,
			     size_t *of)
{
	size_t n = 0;

	*of = 0;
	for (size_t i = 0; i < r->n; i++) {
		if (r->runs[i].widen != widen)
			continue;
		++*of;
		n += r->runs[i].caught;
	}
	return n;
}

bool mutant_result__steady(const struct mutants *ms, const struct mutant_result *r)
{
	const struct options *o = ms->opt;
	size_t of, n = mutant_result__caught(r, r->n && r->runs[0].widen, &of);

	return of && of == last_seed(o) - o->seed_first + 1 && n * 10 >= of * 9;
}

size_t mutants__steady(const struct mutants *ms, size_t *of)
{
	size_t n = 0;

	*of = 0;
	for (size_t i = 0; i < ms->n; i++) {
		if (is_healthy(ms, ms->v[i].mutant))
			continue;
		++*of;
		n += mutant_result__steady(ms, &ms->v[i]);
	}
	return n;
}

/* TASK_RATE expects 9 catches of 10, a mutant one, the healthy kernel no finding. */
static bool is_as_expected(const struct mutants *ms, const struct mutant_result *r)
{
	const struct mutant_run *best = mutant_result__best(r);
	size_t of, n = mutant_result__caught(r, true, &of);

	if (!best)
		return false;
	if (is_healthy(ms, r->mutant))
		return best->verdict == VERDICT_PASS && !best->also.n;
	if (ms->opt->task == TASK_RATE)
		return of && n * 10 >= of * 9;
	return best->caught;
}

/* TASK_HISTORY allows for a few missed bugs, but for no finding without a bug. */
static int history_status(const struct mutants *ms)
{
	size_t of, n = mutants__steady(ms, &of);
	bool ok = of && n * 100 >= of * HISTORY_PERCENT;

	for (size_t i = 0; i < ms->n; i++) {
		if (is_healthy(ms, ms->v[i].mutant))
			ok &= is_as_expected(ms, &ms->v[i]);
	}
	return ok ? 0 : verdict__exit_status(VERDICT_FAIL);
}

int mutants__exit_status(const struct mutants *ms)
{
	if (ms->opt->task == TASK_HISTORY)
		return history_status(ms);
	for (size_t i = 0; i < ms->n; i++) {
		if (!is_as_expected(ms, &ms->v[i]))
			return verdict__exit_status(VERDICT_FAIL);
	}
	return 0;
}
