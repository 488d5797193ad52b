/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that must not reach a terminal, a browser, a spreadsheet or another program as
 * they are: as the name of a process, a symbol, a path, or a line of a guest.
 */
#ifndef TESTS_UNIT_HOSTILE_H
#define TESTS_UNIT_HOSTILE_H

#include <stddef.h>

struct hostile {
	const char *name;	/* a title for messages */
	const char *bytes;	/* at most 15, as in a comm */
	const char *text;	/* what is printed of them; NULL: the bytes */
	const char *quoted;	/* the same as a name in a line; NULL: the text */
};

extern const struct hostile hostile[];
extern const size_t hostile_count;

const char *hostile__text(const struct hostile *h);
const char *hostile__name(const struct hostile *h);
/* Returns the text in quotes, as the arguments of an exec are printed, to be freed. */
char *hostile__quoted(const struct hostile *h);
/* Returns the bytes, or the text if they have a backslash, which stays in a line. */
const char *hostile__line(const struct hostile *h);

/* Return a text in the form of a format, to be freed. */
typedef char *form_fn(const char *text);
char *form__plain(const char *text);
char *form__json(const char *text);
char *form__xml(const char *text);
char *form__csv(const char *text);	/* a part of a quoted cell */
char *form__cell(const char *text);	/* a whole cell */

/* Returns text with each from replaced by to. Frees text. */
char *text__replace_all(char *text, const char *from, const char *to);

#endif /* TESTS_UNIT_HOSTILE_H */
