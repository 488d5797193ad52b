// SPDX-License-Identifier: GPL-2.0-only
/* The catalogue of rules, and the choice of some of them by a list of ids. */
#include "loader/rules/rules.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/memory.h"

#define RULES_MAX 64

static int number(const struct rule *r)
{
	return atoi(r->id + 1);
}

static int by_number(const void *a, const void *b)
{
	return number(*(const struct rule *const *)a) -
	       number(*(const struct rule *const *)b);
}

const struct rule *const *rules__all(size_t *n)
{
	static const struct rule *const tables[] = {
		rules_window, rules_rewrite, rules_global, rules_tasks, rules_life,
		rules_ns, rules_keep,
	};
	static const struct rule *all[RULES_MAX];
	static size_t count;

	if (!count) {
		for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
			for (const struct rule *r = tables[i]; r->id; r++)
				if (count < RULES_MAX)
					all[count++] = r;
		qsort(all, count, sizeof(*all), by_number);
	}
	*n = count;
	return all;
}

/* Returns the number at the start of an id, or -1. *end is set after the number. */
static int parse_id(const char *s, const char **end)
{
	char *e;
	long v;

	if (*s == 'I' || *s == 'i')
		s++;
	if (!isdigit((unsigned char)*s))
		return -1;
	v = strtol(s, &e, 10);
	*end = e;
	return v > 0 && v < 10000 ? (int)v : -1;
}

const struct rule *rules__find(const char *id)
{
	size_t n;
	const struct rule *const *all = rules__all(&n);
	const char *end;
	int want = parse_id(id, &end);

	if (want < 0 || *end)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (number(all[i]) == want)
			return all[i];
	return NULL;
}

/* Sets the flags of the rules that one item of a list, an id or a range, selects. */
static int select_item(const char *item, bool value, bool *selected)
{
	size_t n, hits = 0;
	const struct rule *const *all = rules__all(&n);
	const char *end;
	int lo, hi;

	if (!strcmp(item, "all")) {
		memset(selected, value, n * sizeof(*selected));
		return 0;
	}
	lo = hi = parse_id(item, &end);
	if (lo < 0)
		return -EINVAL;
	if (!strncmp(end, "..", 2))
		hi = parse_id(end + 2, &end);
	if (hi < lo || *end)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (number(all[i]) < lo || number(all[i]) > hi)
			continue;
		selected[i] = value;
		hits++;
	}
	return hits ? 0 : -EINVAL;
}

int rules__select(const char *list, bool *selected, char *err, size_t errlen)
{
	char *copy, *item, *save = NULL;
	bool first = true;
	size_t n;
	int ret = 0;

	rules__all(&n);
	memset(selected, true, n * sizeof(*selected));
	if (!list)
		return 0;
	copy = xstrdup(list);
	for (item = strtok_r(copy, ", ", &save); item && !ret;
	     item = strtok_r(NULL, ", ", &save), first = false) {
		bool without = *item == '-';

		if (first)
			memset(selected, without, n * sizeof(*selected));
		ret = select_item(item + without, !without, selected);
		if (ret)
			snprintf(err, errlen,
				 "no rule \"%s\" (ids as in `pidnstrace rules`: I17,I19 or I1..I8; -I40 leaves one out)",
				 item);
	}
	if (first && !ret) {
		snprintf(err, errlen, "the list of rules is empty");
		ret = -EINVAL;
	}
	free(copy);
	return ret;
}
