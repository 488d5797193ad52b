/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints text that comes from outside: names of processes, symbols of a trace, paths,
 * lines of a guest. Such text may have escape sequences for the reader's terminal, and
 * may imitate the lines around it.
 *
 * A character that is printable UTF-8 stays. Each byte of anything else becomes \xNN:
 * control characters (C0 and C1), line and paragraph separators, characters that change
 * the direction or the joining of others, characters without a width or that look like a
 * blank, private codes and noncharacters, and bytes that are not UTF-8.
 *
 * Bad at: characters that look alike, and combining marks, which are printed; and the
 * letters of a right-to-left script, which a terminal may place before the next word.
 */
#ifndef LIB_ESCAPE_H
#define LIB_ESCAPE_H

#include <stddef.h>

/* Room for the text of n bytes, with quotes and a NUL. */
#define ESCAPED_SIZE(n) (4 * (n) + 3)

/* Returns the length of the printable character that bytes begin with, or 0. */
size_t escape__printable(const char *bytes, size_t len);

/*
 * Stores the text of the first character at out, which has room for 4 bytes, and its
 * length in *n. Returns the number of bytes taken. len is not 0.
 */
size_t escape__next(const char *bytes, size_t len, char *out, size_t *n);

/*
 * Stores the text of up to max bytes, or up to a NUL, at out, and a NUL; returns its
 * length. The backslash becomes \x5c, so that a reader can restore the bytes. out has
 * room for ESCAPED_SIZE(max).
 */
size_t escape__bytes(char *out, const char *bytes, size_t max);

/*
 * Does the same for a name within a line of ours. A name that could be taken for other
 * parts of the line is in double quotes, with \x22 for a double quote in it: one that is
 * empty or begins with "--"; has a blank at an end or two blanks in a row; has one of
 * [ ] " = , or a ( that is not the first character.
 */
size_t escape__name(char *out, const char *bytes, size_t max);

/* Does the same, with quotes in any case. */
size_t escape__quoted(char *out, const char *bytes, size_t max);

/*
 * Return a copy of text, to be freed, in which a backslash stays: this text may have
 * escaped names. In escape__text(), a newline stays as well.
 */
char *escape__line(const char *text);
char *escape__text(const char *text);

#endif /* LIB_ESCAPE_H */
