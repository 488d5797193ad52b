// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the views --tree and --summary:
 *
 *	pid:[4026531836]  level 0
 *	  815         sh
 *	  816         unshare          exit(0), waited for by sh[815]
 *	  pid:[4026532201]  level 1, gone
 *	    1 [817,1]    true             exit(0), waited for by unshare[816]
 *
 * The first number of a process is the one in that namespace; the numbers at all levels
 * follow in brackets.
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

/*
 * Returns the namespace after p, which is &census.top at first, or NULL: a parent before
 * its children, and children in the order of creation. *depth is -1 at first.
 */
static const struct census_place *next_place(const struct census_place *p, int *depth)
{
	if (!TAILQ_EMPTY(&p->children)) {
		++*depth;
		return TAILQ_FIRST(&p->children);
	}
	for (; p->up; p = p->up, --*depth)
		if (TAILQ_NEXT(p, sibling))
			return TAILQ_NEXT(p, sibling);
	return NULL;
}

/* --- the tree --- */

static void put_numbers(const struct stay *s, char *buf, size_t len)
{
	size_t n = snprintf(buf, len, "%d", s->nr[s->levels - 1]);

	for (uint32_t i = 0; s->levels > 1 && i < s->levels && n < len; i++)
		n += snprintf(buf + n, len - n, "%s%d", i ? "," : " [",
			      s->nr[i]);
	if (s->levels > 1 && n < len)
		snprintf(buf + n, len - n, "]");
}

static void put_end(const struct stay *s, FILE *out)
{
	char by[COMM_TEXT];

	if (s->end == STAY_LEFT) {
		fprintf(out, "left by setns for pid:[%u]", s->to);
		return;
	}
	put_exit_code(out, s->exit_code);
	if (s->end == STAY_EXITED)
		fputs(", not waited for yet", out);
	else if (s->by_pid)
		fprintf(out, ", waited for by %s[%d]", comm__text(s->by, by),
			s->by_pid);
	else
		fputs(", not waited for", out);
}

static void put_stay(const struct stay *s, int depth, FILE *out)
{
	char numbers[WIRE_MAX_LEVELS * 12 + 16], comm[COMM_TEXT];
	bool more = s->threads || s->joined || s->end != STAY_GOES_ON;

	put_numbers(s, numbers, sizeof(numbers));
	fprintf(out, "%*s%-12s %-*s", depth * 2 + 2, "", numbers,
		more ? WIRE_COMM_LEN - 1 : 0, comm__text(s->comm, comm));
	if (s->threads)
		fprintf(out, "  +%u thread%s", s->threads,
			s->threads > 1 ? "s" : "");
	if (s->joined)
		fputs("  joined", out);
	if (s->end != STAY_GOES_ON) {
		fputs("  ", out);
		put_end(s, out);
	}
	fputc('\n', out);
}

static void place_text(const struct census_place *p, int depth, FILE *out)
{
	const struct stay *s;

	fprintf(out, "%*spid:[%u]  level %u%s\n", depth * 2, "", p->inum,
		p->level, p->gone ? ", gone" : "");
	if (p->dropped)
		fprintf(out, "%*s(%llu that have ended)\n", depth * 2 + 2,
			"", (unsigned long long)p->dropped);
	TAILQ_FOREACH(s, &p->stays, next)
		put_stay(s, depth, out);
}

void census__tree_text(const struct census *c, FILE *out)
{
	const struct census_place *p = &c->top;
	int depth = -1;

	if (c->dropped)
		fprintf(out, "(%llu namespaces that are gone)\n",
			(unsigned long long)c->dropped);
	while ((p = next_place(p, &depth)))
		place_text(p, depth, out);
}

static json_t *stay_json(const struct stay *s)
{
	static const char *const ends[] = {
		[STAY_EXITED] = "exited", [STAY_REAPED] = "reaped",
		[STAY_LEFT] = "left",
	};
	json_t *o, *numbers = json_array();

	for (uint32_t i = 0; i < s->levels; i++)
		json_array_append_new(numbers, json_integer(s->nr[i]));
	o = json_pack("{s:o, s:o, s:I, s:b}", "comm", json_comm(s->comm),
		      "numbers", numbers, "threads", (json_int_t)s->threads,
		      "joined", s->joined);
	if (!s->end)
		return o;
	json_object_set_new(o, "end", json_string(ends[s->end]));
	if (s->end == STAY_LEFT) {
		json_object_set_new(o, "to", json_integer(s->to));
		return o;
	}
	json_object_set_new(o, "code", json_integer(s->exit_code >> 8 & 0xff));
	json_object_set_new(o, "signal", json_integer(s->exit_code & 0x7f));
	if (s->by_pid) {
		json_object_set_new(o, "reaper", json_comm(s->by));
		json_object_set_new(o, "reaper_pid", json_integer(s->by_pid));
	}
	return o;
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

	while ((p = next_place(p, &depth))) {
		json_t *o = begin_json(p, "namespace"), *list = json_array();

		TAILQ_FOREACH(s, &p->stays, next)
			json_array_append_new(list, stay_json(s));
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
	while ((p = next_place(p, &depth)))
		summary_text(p, depth, sum, out);
	fprintf(out, "%-28s", "all (PEAK: the largest)");
	put_counts(out, sum);
}

void census__summary_json(const struct census *c, FILE *out)
{
	const struct census_place *p = &c->top;
	int depth = -1;

	while ((p = next_place(p, &depth))) {
		json_t *o = begin_json(p, "summary");

		for (int i = 0; i < CENSUS_NCOUNTS; i++)
			json_object_set_new(o, counts[i].key,
					    json_integer((json_int_t)p->counts[i]));
		end_json(o, out);
	}
}
