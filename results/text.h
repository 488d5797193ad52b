/* SPDX-License-Identifier: GPL-2.0-only */
/* text.h - any bytes as text that every reader takes. */
#ifndef RESULTS_TEXT_H
#define RESULTS_TEXT_H

#include <stddef.h>

/*
 * A copy in UTF-8 without control characters, to be freed: a byte that is no
 * text is written \xNN, a tab is a blank, and what is beyond TEXT_MAX bytes goes,
 * with a word about it. NULL: no memory.
 */
#define TEXT_MAX 65536
char *text__clean(const char *s, size_t len);

/* Without the blanks at both ends. */
void text__trim(const char **s, size_t *len);

/* How long the character at s is that XML, JSON and a line may hold; or 0. */
size_t text__char(const char *s, size_t len);

#endif /* RESULTS_TEXT_H */
