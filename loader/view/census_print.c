// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the views --tree and --summary:
 *
 *	pid:[4026531836]  level 0
 *	  815         sh               child of init[1]
 *	  816         unshare          child of sh[815]  zombie, exit(0), not waited for yet
 *	  pid:[4026532201]  level 1, gone
 *	    1 [817,1]    true             child of unshare[816], outside  exit(0), ...
 *
 * census_row.c prints the row of a process.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "loader/view/census_parts.h"
#include "loader/view/printer_parts.h"

static const struct {
	const char *column, *key;
} counts[CENSUS_NCOUNTS] = {
#define X(e, key) [CENSUS_##e] = { #e, key },
	CENSUS_COUNTS(X)
#undef X
};

/* --- the tree --- */

static void place_text(const struct census *c, const struct census_place *p, int depth,
		       FILE *out)
{
	const struct stay *s;

	fprintf(out, "%*spid:[%u]  level %u%s\n", depth * 2, "", p->inum,
		p->level, p->gone ? ", gone" : "");
	if (p->dropped)
		fprintf(out, "%*s(%llu that have ended)\n", depth * 2 + 2,
			"", (unsigned long long)p->dropped);
	TAILQ_FOREACH(s, &p->stays, next)
		stay__text(c, s, depth, out);
}

void census__tree_text(const struct census *c, FILE *out)
{
	const struct census_place *p = &c->top;
	int depth = -1;

	if (c->dropped)
		fprintf(out, "(%llu namespaces that are gone)\n",
			(unsigned long long)c->dropped);
	while ((p = place__next(&c->top, p, &depth)))
		place_text(c, p, depth, out);
}

static json_t *begin_json(const struct census_place *p, const char *op)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:b}", "op", op,
			 "ns", (json_int_t)p->inum,
			 "parent", (json_int_t)p->parent,
			 "level", (json_int_t)p->level, "gone", p->gone);
}

static void end_json(json_t *o, FILE *out)
{
	json_dumpf(o, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(o);
}

void census__tree_json(const struct census *c, FILE *out)
{
	const struct census_place *p = &c->top;
	const struct stay *s;
	int depth = -1;

	while ((p = place__next(&c->top, p, &depth))) {
		json_t *o = begin_json(p, "namespace"), *list = json_array();

		TAILQ_FOREACH(s, &p->stays, next)
			json_array_append_new(list, stay__json(c, s));
		json_object_set_new(o, "processes", list);
		json_object_set_new(o, "dropped", json_integer(p->dropped));
		end_json(o, out);
	}
}

/* --- the summary --- */

static void put_counts(FILE *out, const uint64_t *values)
{
	for (int i = 0; i < CENSUS_NCOUNTS; i++) {
		int width = (int)strlen(counts[i].column);

		fprintf(out, "  %*llu", width > 7 ? width : 7,
			(unsigned long long)values[i]);
	}
	fputc('\n', out);
}

/* Prints the counts of a namespace, and adds them to @sum. */
static void summary_text(const struct census_place *p, int depth, uint64_t *sum,
			 FILE *out)
{
	char name[64];

	snprintf(name, sizeof(name), "%*spid:[%u]%s", depth * 2, "",
		 p->inum, p->gone ? " gone" : "");
	fprintf(out, "%-28s", name);
	put_counts(out, p->counts);
	for (int i = 0; i < CENSUS_NCOUNTS; i++)
		if (i != CENSUS_PEAK)
			sum[i] += p->counts[i];
		else if (p->counts[i] > sum[i])
			sum[i] = p->counts[i];
}

void census__summary_text(const struct census *c, FILE *out)
{
	const struct census_place *p = &c->top;
	uint64_t sum[CENSUS_NCOUNTS] = { 0 };
	int depth = -1;

	fprintf(out, "%-28s", "NAMESPACE");
	for (int i = 0; i < CENSUS_NCOUNTS; i++)
		fprintf(out, "  %7s", counts[i].column);
	fputc('\n', out);
	while ((p = place__next(&c->top, p, &depth)))
		summary_text(p, depth, sum, out);
	fprintf(out, "%-28s", "all (PEAK: the largest)");
	put_counts(out, sum);
}

void census__summary_json(const struct census *c, FILE *out)
{
	const struct census_place *p = &c->top;
	int depth = -1;

	while ((p = place__next(&c->top, p, &depth))) {
		json_t *o = begin_json(p, "summary");

		for (int i = 0; i < CENSUS_NCOUNTS; i++)
			json_object_set_new(o, counts[i].key,
					    json_integer((json_int_t)p->counts[i]));
		end_json(o, out);
	}
}
