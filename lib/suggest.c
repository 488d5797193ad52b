// SPDX-License-Identifier: GPL-2.0-only
/*
 * The distance between two words is the number of typing errors: a letter
 * inserted, left out, replaced, or swapped with its neighbour (optimal string
 * alignment). The beginning of a name is one error away from the name.
 *
 * Meaning plays no part: "verify" is not suggested for "check".
 */
#include "lib/suggest.h"

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 63
/* A shorter word is not taken for the beginning of a name. */
#define PREFIX_MIN 3

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The distance table needs three rows: the current one and the two before. */
static size_t slips(const char *a, const char *b)
{
	size_t row[3][NAME_MAX_LEN + 1], n = strlen(a), m = strlen(b);
	size_t *now = row[0], *last = row[1], *before = row[2], *spare;

	for (size_t k = 0; k <= m; k++)
		now[k] = k;
	for (size_t i = 1; i <= n; i++) {
		spare = before;
		before = last;
		last = now;
		now = spare;
		now[0] = i;
		for (size_t k = 1; k <= m; k++) {
			now[k] = least(least(last[k], now[k - 1]) + 1,
				       last[k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1])
				now[k] = least(now[k], before[k - 2] + 1);
		}
	}
	return now[m];
}

static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/* The longer common beginning decides between names at equal distance. */
static bool nearer(const struct suggest *s, const char *name, size_t distance)
{
	if (!s->best || distance != s->distance)
		return !s->best || distance < s->distance;
	return common(s->word, name) > common(s->word, s->best);
}

void suggest__offer(struct suggest *s, const char *name)
{
	size_t n = strlen(s->word), distance;

	if (n > NAME_MAX_LEN || strlen(name) > NAME_MAX_LEN)
		return;
	distance = n >= PREFIX_MIN && !strncmp(s->word, name, n) ?
		1 : slips(s->word, name);
	/* A typing error in three letters is accepted. */
	if (distance > n / 3 || distance >= n)
		return;
	if (!nearer(s, name, distance))
		return;
	s->best = name;
	s->distance = distance;
}

const char *suggest__text(const struct suggest *s, const char *rest, char *buf,
			  size_t size)
{
	if (s->best)
		snprintf(buf, size, "; did you mean %s%s? %s",
			 s->before ? s->before : "", s->best, rest);
	else
		snprintf(buf, size, "; %s", rest);
	return buf;
}

/* Options that argp adds itself. */
static const struct argp_option own[] = {
	{ .name = "help", .key = '?' }, { .name = "usage" },
	{ .name = "version", .key = 'V' }, { 0 },
};

static int is_end(const struct argp_option *o)
{
	return !o->key && !o->name && !o->doc && !o->group;
}

struct search {
	const char *name;
	size_t len;
	int key;		/* the short option; 0: search by name */
	const struct argp_option *exact, *begins;
	struct suggest *nearest;
};

static void look_at(struct search *look, const struct argp_option *o)
{
	for (; o && !is_end(o); o++) {
		if (look->key && o->key == look->key)
			look->exact = o;
		if (look->key || !o->name)
			continue;
		if (look->nearest)
			suggest__offer(look->nearest, o->name);
		if (strncmp(o->name, look->name, look->len))
			continue;
		if (!o->name[look->len])
			look->exact = o;
		look->begins = o;
	}
}

static void look_in(struct search *look, const struct argp *argp)
{
	look_at(look, argp->options);
	for (const struct argp_child *c = argp->children; c && c->argp; c++)
		look_in(look, c->argp);
}

/* Returns the option that a word of the command line names, or NULL. */
static const struct argp_option *find(const struct argp *argp, const char *arg,
				      struct suggest *nearest)
{
	struct search look = { .nearest = nearest };

	if (arg[1] == '-') {
		look.name = arg + 2;
		look.len = strcspn(look.name, "=");
	} else {
		look.key = arg[1];
	}
	look_in(&look, argp);
	look_at(&look, own);
	return look.exact ? look.exact : look.begins;
}

/* Returns 1 if the option's value is the next word. */
static int takes_next(const struct argp_option *o, const char *arg)
{
	if (!o->arg || o->flags & OPTION_ARG_OPTIONAL)
		return 0;
	return arg[1] == '-' ? !strchr(arg, '=') : !arg[2];
}

int suggest__options(struct suggest *s, const struct argp *argp, int argc,
		     char *const *argv, char *buf, size_t size)
{
	const struct argp_option *o;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--"))
			return 0;
		if (argv[i][0] != '-' || !argv[i][1])
			continue;
		o = find(argp, argv[i], NULL);
		if (o) {
			i += takes_next(o, argv[i]);
			continue;
		}
		if (argv[i][1] != '-')
			return 0;
		snprintf(buf, size, "%.*s", (int)strcspn(argv[i] + 2, "="),
			 argv[i] + 2);
		*s = (struct suggest){ .word = buf, .before = "--" };
		find(argp, argv[i], s);
		return i;
	}
	return 0;
}
