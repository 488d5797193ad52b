/* SPDX-License-Identifier: GPL-2.0-only */
/* Turns arbitrary bytes into text that all output formats accept. */
#ifndef RESULTS_TEXT_H
#define RESULTS_TEXT_H

#include <stddef.h>

/*
 * Returns a copy in UTF-8 without control characters, to be freed. A byte that is not
 * text is written \xNN, a tab as a blank. Text beyond TEXT_MAX bytes is cut, with a note.
 */
#define TEXT_MAX 65536
char *text__clean(const char *s, size_t len);

#endif /* RESULTS_TEXT_H */
