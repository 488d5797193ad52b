/* SPDX-License-Identifier: GPL-2.0-only */
/* Breaks text into lines of a given width. */
#ifndef LIB_WRAP_H
#define LIB_WRAP_H

#include <stddef.h>
#include <stdio.h>

/*
 * Prints @text in lines of at most @width columns; only a longer word exceeds
 * them. The caller has printed @indent columns of the first line; every further
 * line begins with as many blanks. A newline ends the text.
 */
void wrap__print(FILE *out, const char *text, size_t indent, size_t width);

/*
 * Returns the length of the first line of @text in @width columns: at least one
 * byte unless @text is empty. A word that does not fit is cut. The next line
 * begins at *@next.
 */
size_t wrap__line(const char *text, size_t width, const char **next);

#endif /* LIB_WRAP_H */
