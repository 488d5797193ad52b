// SPDX-License-Identifier: GPL-2.0-only
/* Parses and adds up the reports of pidnstrace. */
#include "vmtest/run/verify_report.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "vmtest/lib/util.h"

static uint64_t number(const json_t *obj, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(obj, key));

	return v < 0 ? 0 : (uint64_t)v;
}

/* Returns the sum of all kinds of loss, each of which is a number in @obj. */
static uint64_t sum(const json_t *obj)
{
	uint64_t total = 0;
	const char *key;
	json_t *val;

	if (json_is_integer(obj))
		return (uint64_t)json_integer_value(obj);
	json_object_foreach((json_t *)obj, key, val) {
		if (json_integer_value(val) > 0)
			total += (uint64_t)json_integer_value(val);
	}
	return total;
}

static void add_violation(struct verify_report *j, const char *rule, uint64_t count,
			  const char *statement)
{
	auto_free char *id = escape__line(rule);

	for (size_t i = 0; i < j->n; i++) {
		if (!strcmp(j->violations[i].rule, id)) {
			j->violations[i].count += count;
			return;
		}
	}
	j->violations = xrealloc(j->violations,
				 (j->n + 1) * sizeof(*j->violations));
	j->violations[j->n++] = (struct violation){
		xstrdup(id), count, statement ? escape__line(statement) : NULL
	};
}

static int take(struct verify_report *j, const json_t *root, char *why, size_t size)
{
	const char *verdict =
		json_string_value(json_object_get(root, "verdict"));
	const char *reason = json_string_value(
		json_array_get(json_object_get(root, "reasons"), 0));
	json_t *v;
	size_t i;

	if (!verdict || verdict__parse(verdict, &j->verdict)) {
		snprintf(why, size, "no \"verdict\" in it");
		return -EINVAL;
	}
	if (!json_is_integer(json_object_get(root, "events"))) {
		snprintf(why, size, "no \"events\" in it");
		return -EINVAL;
	}
	j->reason = escape__line(reason ? reason : "");
	j->events = number(root, "events");
	j->joins = number(root, "joins");
	j->rewrites = number(root, "rewrites");
	j->lost = sum(json_object_get(root, "lost"));
	json_array_foreach(json_object_get(root, "violations"), i, v) {
		const char *rule = json_string_value(json_object_get(v, "rule"));
		uint64_t count = number(v, "count");

		if (rule)
			add_violation(j, rule, count ? count : 1,
				      json_string_value(json_object_get(v, "statement")));
	}
	return 0;
}

int verify_report__parse(struct verify_report *j, const char *text, size_t len, char *why,
		  size_t why_size)
{
	json_error_t e;
	json_t *root;
	int err;

	memset(j, 0, sizeof(*j));
	root = json_loadb(text, len, 0, &e);
	if (!root) {
		snprintf(why, why_size, "%s at byte %d", e.text, e.position);
		return -EINVAL;
	}
	err = take(j, root, why, why_size);
	json_decref(root);
	if (err)
		verify_report__free(j);
	return err;
}

void verify_report__free(struct verify_report *j)
{
	for (size_t i = 0; i < j->n; i++) {
		free(j->violations[i].rule);
		free(j->violations[i].statement);
	}
	free(j->violations);
	free(j->reason);
	memset(j, 0, sizeof(*j));
}

void verify_report__merge(struct verify_report *a, const struct verify_report *b)
{
	a->events += b->events;
	a->lost += b->lost;
	a->joins += b->joins;
	a->rewrites += b->rewrites;
	for (size_t i = 0; i < b->n; i++)
		add_violation(a, b->violations[i].rule, b->violations[i].count,
			      b->violations[i].statement);
}

uint64_t verify_report__violations(const struct verify_report *j, const char *rule)
{
	for (size_t i = 0; i < j->n; i++) {
		if (!strcmp(j->violations[i].rule, rule))
			return j->violations[i].count;
	}
	return 0;
}
