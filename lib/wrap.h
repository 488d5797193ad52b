/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in lines of a given width. */
#ifndef LIB_WRAP_H
#define LIB_WRAP_H

#include <stddef.h>
#include <stdio.h>

/*
 * Prints the words of @text from the column @indent on, where the caller has
 * brought the line, and each further line after as many blanks; no line is
 * longer than @width, except for a word that is longer by itself. Ends with a
 * newline.
 */
void wrap__print(FILE *out, const char *text, size_t indent, size_t width);

/*
 * The length of the first line of @text in @width columns, at least one
 * byte if there is any; a word that does not fit is cut. The next line begins
 * at *@next.
 */
size_t wrap__line(const char *text, size_t width, const char **next);

#endif
