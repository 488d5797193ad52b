// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the result as tests: KTAP and JUnit XML, from one stream.
 *
 * Each rule is a test, and so is the command, if its exit status counts. Reasons that
 * are about neither (loss, hooks, a trace cut short) belong to a last test, "evidence",
 * which fails if the verdict has such a reason. So a reader that knows only tests sees
 * INCONCLUSIVE, too.
 */
#include "loader/judge/report.h"

#include <stdlib.h>

#include "lib/escape.h"
#include "lib/memory.h"
#include "loader/rules/rules.h"
#include "loader/trace/machine.h"
#include "results/events.h"

static enum test_result result_of(const struct judge_rule *r)
{
	switch (r->state) {
	case RULE_OK:
		return TEST_OK;
	case RULE_VIOLATED:
	case RULE_UNAVAILABLE:
		return TEST_NOT_OK;
	default:
		return TEST_SKIP;
	}
}

static bool has_evidence(const struct judge_result *r)
{
	size_t violated = 0;

	for (size_t i = 0; i < r->nrules; i++)
		violated += r->rules[i].state == RULE_VIOLATED;
	return r->nreasons == violated + judge_command__failed(&r->command);
}

static void add_machine(struct events *ev, const struct wire_meta_machine *m)
{
	char text[MACHINE_TEXT];
	char *line = xasprintf("machine: %s", machine__text(m, text));
	char node[ESCAPED_SIZE(sizeof(m->node))];

	escape__bytes(node, m->node, sizeof(m->node));
	events__diag(ev, line);
	events__host(ev, node);
	free(line);
}

static void add_rule(struct events *ev, const struct judge_rule *r)
{
	enum test_result result = result_of(r);

	events__begin(ev, r->rule->id);
	if (r->text)
		events__diag(ev, r->text);
	events__end(ev, NULL, result,
		    result == TEST_OK ? NULL : rule_state__name(r->state));
}

static void add_command(struct events *ev, const struct judge_command *c)
{
	bool failed = judge_command__failed(c);
	char *end = judge_command__end(c);

	events__begin(ev, "command");
	events__end(ev, NULL, failed ? TEST_NOT_OK : TEST_OK, failed ? end : NULL);
	free(end);
}

static void add_evidence(struct events *ev, const struct judge_result *r)
{
	bool enough = has_evidence(r);

	events__begin(ev, "evidence");
	for (size_t i = 0; i < r->nreasons; i++)
		events__diag(ev, r->reasons[i]);
	events__end(ev, NULL, enough ? TEST_OK : TEST_NOT_OK,
		    enough ? NULL : verdict__name(r->verdict));
}

static void write_as(const struct judge_result *r, enum results_format format,
		     FILE *out)
{
	struct events ev = { 0 };

	if (r->machine.hdr.size)
		add_machine(&ev, &r->machine);
	for (size_t i = 0; i < r->nrules; i++)
		add_rule(&ev, &r->rules[i]);
	if (r->command.ran && !r->command.any_status)
		add_command(&ev, &r->command);
	add_evidence(&ev, r);
	events__finish(&ev);
	results__write(&ev, "pidnstrace", format, out);
	events__free(&ev);
}

void report__ktap(const struct judge_result *r, FILE *out)
{
	write_as(r, RESULTS_KTAP, out);
}

void report__junit(const struct judge_result *r, FILE *out)
{
	write_as(r, RESULTS_JUNIT, out);
}
