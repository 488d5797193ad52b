/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * "Did you mean": finds the known name nearest to a mistyped word.
 *
 * 	struct suggest s = { .word = "replya" };
 *
 * 	for each known name: suggest__offer(&s, name);
 * 	error("%s: no such command%s", s.word,
 * 	      suggest__text(&s, "--help lists them", buf, sizeof(buf)));
 */
#ifndef LIB_SUGGEST_H
#define LIB_SUGGEST_H

#include <stddef.h>

struct argp;

struct suggest {
	const char *word;	/* the word as typed */
	const char *before;	/* printed before the name: "--", or NULL */
	const char *best;	/* NULL: no name is near */
	size_t distance;	/* from best to word */
};

/* @name must stay valid as long as @s is used. */
void suggest__offer(struct suggest *s, const char *name);

/* Formats "; did you mean replay? REST", or "; REST" if no name is near. */
const char *suggest__text(const struct suggest *s, const char *rest, char *buf,
			  size_t size);

/*
 * Finds the first long option in @argv that @argp does not have, in full or
 * abbreviated. s->word is its name without the value, stored in @buf; s->best
 * is the nearest known option. The search ends at "--". Returns the index in
 * @argv, or 0 if every option is known.
 */
int suggest__options(struct suggest *s, const struct argp *argp, int argc,
		     char *const *argv, char *buf, size_t size);

#endif /* LIB_SUGGEST_H */
