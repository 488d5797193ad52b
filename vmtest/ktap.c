// SPDX-License-Identifier: GPL-2.0-only
/* See ktap.h. */
#include "ktap.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define INDENT 2

static void failed(struct ktap *k, const char *name)
{
	k->not_ok++;
	if (!*k->first_failed)
		snprintf(k->first_failed, sizeof(k->first_failed), "%s",
			 *name ? name : "(without a name)");
}

static void level__close(struct ktap *k, int depth)
{
	struct ktap_level *l = &k->level[depth];
	char text[64];

	for (; l->planned && l->seen < l->plan; l->seen++) {
		snprintf(text, sizeof(text), "test %llu of %llu: no result",
			 (unsigned long long)l->seen + 1,
			 (unsigned long long)l->plan);
		failed(k, text);
		if (depth)
			k->level[depth - 1].sub_failed = true;
	}
	memset(l, 0, sizeof(*l));
}

static void close_deeper(struct ktap *k, int depth)
{
	for (; k->deepest > depth; k->deepest--)
		level__close(k, k->deepest);
}

/* The directive is the last " # WORD" on the line. */
static bool has_directive(const char *rest, const char *word)
{
	const char *hash = strrchr(rest, '#');

	if (!hash)
		return false;
	hash++;
	while (*hash == ' ')
		hash++;
	return !strncasecmp(hash, word, strlen(word));
}

static void take_result(struct ktap *k, int depth, bool ok, const char *rest)
{
	struct ktap_level *l = &k->level[depth];
	bool subtests, sub_failed;

	while (isdigit((unsigned char)*rest))
		rest++;
	while (*rest == ' ' || *rest == '-')
		rest++;
	close_deeper(k, depth);
	l->seen++;
	subtests = l->subtests;
	sub_failed = l->sub_failed;
	l->subtests = l->sub_failed = false;
	if (depth)
		k->level[depth - 1].subtests = true;
	if (has_directive(rest, "SKIP")) {
		if (!subtests)
			k->skip++;
	} else if (!ok && !has_directive(rest, "TODO")) {
		if (depth)
			k->level[depth - 1].sub_failed = true;
		if (!subtests || !sub_failed)
			failed(k, rest);
	} else if (!subtests) {
		k->ok++;
	}
}

static bool parse_plan(const char *p, uint64_t *plan)
{
	char *end;

	if (strncmp(p, "1..", 3) || !isdigit((unsigned char)p[3]))
		return false;
	*plan = strtoull(p + 3, &end, 10);
	return !*end || *end == ' ';
}

static bool is_word(const char *p, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(p, word, n) && (p[n] == ' ' || !p[n]);
}

enum ktap_line ktap__line(struct ktap *k, const char *line)
{
	size_t spaces = strspn(line, " ");
	const char *p = line + spaces;
	int depth = (int)(spaces / INDENT);
	struct ktap_level *l;
	uint64_t plan;

	if (depth >= KTAP_DEPTH_MAX)
		return KTAP_OTHER;
	l = &k->level[depth];
	if (is_word(p, "ok") || is_word(p, "not ok")) {
		bool ok = *p == 'o';

		if (depth > k->deepest)
			k->deepest = depth;
		p += strlen(ok ? "ok" : "not ok");
		take_result(k, depth, ok, *p ? p + 1 : p);
		return KTAP_RESULT;
	}
	if (parse_plan(p, &plan) && !l->planned) {
		if (depth > k->deepest)
			k->deepest = depth;
		l->planned = true;
		l->plan = plan;
	} else if (!strncmp(p, "Bail out!", 9)) {
		k->bailed_out = true;
		failed(k, p);
	}
	return KTAP_OTHER;
}

void ktap__finish(struct ktap *k)
{
	close_deeper(k, 0);
	level__close(k, 0);
}
