// SPDX-License-Identifier: GPL-2.0-only
/* Counts, sorts and prints faults, with the seeds that reproduce each. */
#include "vmtest/report/groups.h"

#include <string.h>
#include <strings.h>

#include "lib/escape.h"
#include "lib/wrap.h"

/* Seeds shown for a fault; summary.json has all of them. */
#define SEEDS_SHOWN 8
#define INDENT 2

static void add_fault(struct groups *g, const struct run_outcome *r, const struct fault *f,
		      enum verdict verdict)
{
	size_t i = 0;

	while (i < g->n && strcmp(g->v[i].fingerprint, f->fingerprint))
		i++;
	if (i == g->n) {
		g->v = xrealloc(g->v, (g->n + 1) * sizeof(*g->v));
		g->v[g->n++] = (struct group){
			.fingerprint = f->fingerprint,
			.title = f->title,
			.dir = r->dir,
			.verdict = verdict,
		};
	}
	g->v[i].seeds = xrealloc(g->v[i].seeds,
				 (g->v[i].n + 1) * sizeof(*g->v[i].seeds));
	g->v[i].seeds[g->v[i].n++] = r->seed;
}

/*
 * Counts a run by its first fault, of which the others are mostly consequences, and by
 * the rules that it violated.
 */
void groups__add(struct groups *g, const struct run_outcome *r)
{
	const struct faults *f = &r->faults;

	g->runs++;
	if (r->verdict == VERDICT_PASS || !f->n)
		return;
	g->failed++;
	add_fault(g, r, &f->v[0], r->verdict);
	for (size_t i = 1; i < f->n; i++) {
		if (f->v[i].rules)
			add_fault(g, r, &f->v[i], VERDICT_FAIL);
	}
}

static int by_runs(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->fingerprint, y->fingerprint);
}

static int by_seed(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void groups__sort(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		qsort(g->v[i].seeds, g->v[i].n, sizeof(*g->v[i].seeds), by_seed);
	if (g->n)
		qsort(g->v, g->n, sizeof(*g->v), by_runs);
}

static void print_seeds(const struct group *g, FILE *out)
{
	auto_free char *dir = g->dir ? escape__line(g->dir) : NULL;

	fprintf(out, "%*sseed%s", INDENT + 4, "", g->n > 1 ? "s" : "");
	for (size_t i = 0; i < g->n && i < SEEDS_SHOWN; i++)
		fprintf(out, "%s %llu", i ? "," : "",
			(unsigned long long)g->seeds[i]);
	if (g->n > SEEDS_SHOWN)
		fprintf(out, ", ...");
	if (dir)
		fprintf(out, "; %s/repro.sh", dir);
	fputc('\n', out);
}

static void print_group(const struct group *g, FILE *out, size_t width)
{
	const char *verdict = verdict__name(g->verdict);
	/* A title such as "hang (no output)" or "panic: VFS" has the verdict. */
	bool said = !strncasecmp(g->title, verdict, strlen(verdict));
	auto_free char *text = xasprintf("%s%s%s", said ? "" : verdict, said ? "" : ": ",
					 g->title);
	int at = fprintf(out, "%*s%zux %s ", INDENT, "", g->n, g->fingerprint);

	wrap__print(out, text, (size_t)at, width);
}

void groups__print(const struct groups *g, const char *target, FILE *out,
		   size_t width)
{
	if (!g->failed)
		return;
	if (g->runs > 1)
		fprintf(out, "%*s%zu of %zu runs of %s failed: %zu distinct fault%s\n",
			INDENT, "", g->failed, g->runs, target, g->n,
			g->n > 1 ? "s" : "");
	for (size_t i = 0; i < g->n; i++) {
		print_group(&g->v[i], out, width);
		if (g->runs > 1)
			print_seeds(&g->v[i], out);
	}
}

json_t *groups__json(const struct groups *g)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n; i++) {
		json_t *seeds = json_array();

		for (size_t k = 0; k < g->v[i].n; k++)
			json_array_append_new(seeds,
					      json_integer((json_int_t)g->v[i].seeds[k]));
		json_array_append_new(a, json_pack(
			"{s:s, s:s, s:s, s:I, s:o, s:s}", "fingerprint",
			g->v[i].fingerprint, "title", g->v[i].title, "verdict",
			verdict__name(g->v[i].verdict), "runs",
			(json_int_t)g->v[i].n, "seeds", seeds, "dir",
			g->v[i].dir ? g->v[i].dir : ""));
	}
	return a;
}

void groups__free(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->v[i].seeds);
	free(g->v);
	memset(g, 0, sizeof(*g));
}
