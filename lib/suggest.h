/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Did you mean": the name that a mistyped word comes nearest to.
 *
 *	struct suggest s = { .word = "replya" };
 *
 *	for each name there is: suggest__offer(&s, name);
 *	error("%s: no such command%s", s.word,
 *	      suggest__text(&s, "--help lists them", buf, sizeof(buf)));
 */
#ifndef LIB_SUGGEST_H
#define LIB_SUGGEST_H

#include <stddef.h>

struct argp;

struct suggest {
	const char *word;	/* as it was typed */
	const char *before;	/* each name, in the text: "--", or NULL */
	const char *best;	/* NULL: no name is near */
	size_t distance;	/* from best to word */
};

/* @name has to stay as long as @s is used. */
void suggest__offer(struct suggest *s, const char *name);

/* In @buf: "; did you mean replay? REST", or "; REST" if no name is near. */
const char *suggest__text(const struct suggest *s, const char *rest, char *buf,
			  size_t size);

/*
 * The first long option in @argv that @argp does not have, spelt out or
 * abbreviated, without its value: s->word, with the nearest that it has in
 * s->best. Looks no further than "--".
 * Returns 0 if there is none, else its index. s->word is in @buf.
 */
int suggest__options(struct suggest *s, const struct argp *argp, int argc,
		     char *const *argv, char *buf, size_t size);

#endif
