// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the result as one JSON object on one line. The keys are an interface: the VM
 * runner and its summary read this object.
 */
#include <jansson.h>

#include "loader/judge/report.h"
#include "loader/lib/json_text.h"
#include "loader/rules/rules.h"
#include "loader/trace/machine.h"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *reasons(const struct judge_result *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->nreasons; i++)
		json_array_append_new(a, json_text__new(r->reasons[i]));
	return a;
}

static json_t *hooks(const struct judge_result *r)
{
	json_t *a = json_array();

	for (int h = 0; h < WIRE_NHOOKS; h++)
		json_array_append_new(a, json_pack("{s:s, s:b, s:o, s:b}",
			"name", r->hooks[h].name,
			"attached", r->hooks[h].attached,
			"hits", number(r->hooks[h].hits),
			"needed", r->hooks[h].needed));
	return a;
}

static json_t *rules(const struct judge_result *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->nrules; i++)
		json_array_append_new(a, json_pack("{s:s, s:s, s:o, s:o, s:o}",
			"id", r->rules[i].rule->id,
			"state", rule_state__name(r->rules[i].state),
			"checked", number(r->rules[i].checked),
			"violations", number(r->rules[i].violations),
			"unsure", number(r->rules[i].unsure)));
	return a;
}

static json_t *violations(const struct judge_result *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->nrules; i++)
		if (r->rules[i].violations)
			json_array_append_new(a, json_pack("{s:s, s:s, s:o, s:o}",
				"rule", r->rules[i].rule->id,
				"statement", r->rules[i].rule->statement,
				"count", number(r->rules[i].violations),
				"text", json_text__new(r->rules[i].text)));
	return a;
}

/* "caused" is a number if the workload knew the exact count, else [min, max]. */
static json_t *caused(const struct judge_expected *e)
{
	if (e->min == e->max)
		return number(e->min);
	return json_pack("[o, o]", number(e->min), number(e->max));
}

static json_t *expected(const struct judge_result *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->nexpect; i++)
		json_array_append_new(a, json_pack("{s:s, s:o, s:o, s:o, s:b}",
			"key", r->expect[i].key,
			"caused", caused(&r->expect[i]),
			"seen", number(r->expect[i].seen),
			"lost", number(r->expect[i].lost),
			"ok", r->expect[i].ok));
	return a;
}

static json_t *result(const struct judge_result *r)
{
	json_t *o = json_pack("{s:s, s:o, s:o, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o}",
		"verdict", verdict__name(r->verdict),
		"reasons", reasons(r),
		"events", number(r->events),
		"lost",
			"ring", number(r->lost_ring),
			"map", number(r->lost_map),
			"missed", number(r->missed),
		"tainted", number(r->tainted),
		"setns", number(r->setns),
		"joins", number(r->joins),
		"rewrites", number(r->rewrites));

	if (r->remark)
		json_object_set_new(o, "remark", json_text__new(r->remark));
	json_object_set_new(o, "hooks", hooks(r));
	json_object_set_new(o, "rules", rules(r));
	json_object_set_new(o, "violations", violations(r));
	json_object_set_new(o, "expect", expected(r));
	json_object_set_new(o, "command", r->command.ran ?
			    json_pack("{s:i, s:i, s:b, s:b}",
				      "exit", r->command.exit,
				      "signal", r->command.signal,
				      "stopped", r->command.stopped,
				      "failed", judge_command__failed(&r->command)) :
			    json_null());
	json_object_set_new(o, "machine", r->machine.hdr.size ?
			    machine__json(&r->machine) : json_null());
	json_object_set_new(o, "seed", number(r->seed));
	json_object_set_new(o, "semantics",
			    json_text__new(semantics__name(r->semantics)));
	return o;
}

void report__json(const struct judge_result *r, FILE *out)
{
	json_t *o = result(r);

	if (!o || json_dumpf(o, out, JSON_COMPACT))
		fputs("{\"verdict\":\"INCONCLUSIVE\",\"reasons\":[\"out of memory while reporting\"]}",
		      out);
	fputc('\n', out);
	json_decref(o);
}
