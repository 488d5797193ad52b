// SPDX-License-Identifier: GPL-2.0-only
/* Parses the --report option (a format and its file), and writes the text format. */
#include "loader/judge/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "loader/lib/outfile.h"
#include "loader/rules/rules.h"
#include "loader/trace/machine.h"

static const struct format {
	const char *name;
	void (*write)(const struct judge_result *res, FILE *out);
} formats[] = {
	{ "text", report__text },
	{ "json", report__json },
	{ "ktap", report__ktap },
	{ "junit", report__junit },
};

/*
 * Returns the format named in spec, or NULL. *path is the text after '=', or "-" if
 * spec has no '='.
 */
static const struct format *parse(const char *spec, const char **path)
{
	size_t n = strcspn(spec, "=");

	*path = spec[n] ? spec + n + 1 : "-";
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strlen(formats[i].name) == n &&
		    !strncmp(spec, formats[i].name, n))
			return &formats[i];
	return NULL;
}

int report__check(const char *spec, char *err, size_t errlen)
{
	const char *path;

	if (parse(spec, &path) && *path)
		return 0;
	snprintf(err, errlen, "--report %s: not FORMAT=FILE with a format of text, json, ktap, junit",
		 spec);
	return -EINVAL;
}

int report__write(const struct judge_result *res, const char *spec, char *err,
		  size_t errlen)
{
	const char *path;
	const struct format *f = parse(spec, &path);
	struct outfile out;
	int ret;

	if (!f)
		return report__check(spec, err, errlen);
	ret = outfile__open(&out, path);
	if (!ret) {
		f->write(res, out.f);
		ret = outfile__close(&out, 0);
	}
	if (ret)
		snprintf(err, errlen, "cannot write the %s report to %s: %s",
			 f->name, path, strerror(-ret));
	return ret;
}

/* --- text --- */

static void text_violations(const struct judge_result *r, FILE *out)
{
	for (size_t i = 0; i < r->nrules; i++)
		if (r->rules[i].text)
			fprintf(out, "%s\n\n", r->rules[i].text);
}

static void text_rules(const struct judge_result *r, FILE *out)
{
	for (int s = RULE_OK; s <= RULE_NOT_EXERCISED; s++) {
		bool any = false;

		for (size_t i = 0; i < r->nrules; i++) {
			const struct judge_rule *jr = &r->rules[i];

			if ((int)jr->state != s)
				continue;
			if (!any)
				fprintf(out, "%-15s", rule_state__name(s));
			any = true;
			fprintf(out, " %s", jr->rule->id);
			if (jr->violations)
				fprintf(out, "(%llu)", jr->violations);
		}
		if (any)
			fputc('\n', out);
	}
}

static void text_hooks(const struct judge_result *r, FILE *out)
{
	for (int h = 0; h < WIRE_NHOOKS; h++)
		if (r->hooks[h].error < 0 && r->hooks[h].needed)
			fprintf(out, "%-15s %s: %s\n", "hook missing",
				r->hooks[h].name, strerror(-r->hooks[h].error));
}

static void text_command(const struct judge_command *c, FILE *out)
{
	char *end = judge_command__end(c);

	fprintf(out, "%-15s %s%s\n", "command", end,
		c->stopped ? ", after pidnstrace was asked to end it" : "");
	free(end);
}

static void text_machine(const struct wire_meta_machine *m, FILE *out)
{
	char text[MACHINE_TEXT], wall[WALL_TEXT];

	fprintf(out, "%-15s %s\n", "machine", machine__text(m, text));
	fprintf(out, "%-15s its CLOCK_MONOTONIC, which was %.6f at %s of its wall clock\n",
		"clock", (double)m->monotonic_ns / 1e9, wall__utc(m->realtime_ns, wall));
}

void report__text(const struct judge_result *r, FILE *out)
{
	text_violations(r, out);
	text_rules(r, out);
	text_hooks(r, out);
	for (size_t i = 0; i < r->nexpect; i++)
		fprintf(out, "%-15s %s: caused %llu..%llu, seen %llu, lost %llu%s\n",
			i ? "" : "expected", r->expect[i].key, r->expect[i].min,
			r->expect[i].max, r->expect[i].seen, r->expect[i].lost,
			r->expect[i].ok ? "" : "  MISMATCH");
	fprintf(out, "%-15s %llu, lost: %llu ring, %llu map, %llu missed\n", "events",
		r->events, r->lost_ring, r->lost_map, r->missed);
	fprintf(out, "%-15s %llu, of which %llu moved their caller; %llu rewrites\n",
		"setns", r->setns, r->joins, r->rewrites);
	if (r->machine.hdr.size)
		text_machine(&r->machine, out);
	if (r->command.ran)
		text_command(&r->command, out);
	if (r->remark)
		fprintf(out, "%-15s %s\n", "remark", r->remark);
	fprintf(out, "%s\n", verdict__name(r->verdict));
	for (size_t i = 0; i < r->nreasons; i++)
		fprintf(out, "  %s\n", r->reasons[i]);
}
