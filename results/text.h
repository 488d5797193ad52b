/* SPDX-License-Identifier: GPL-2.0-only */
/* Turns arbitrary bytes into text that all output formats accept. */
#ifndef RESULTS_TEXT_H
#define RESULTS_TEXT_H

#include <stddef.h>

/*
 * Returns a copy with the escapes of lib/escape.h, to be freed, in which a backslash
 * stays and a tab is a blank. Text beyond TEXT_MAX bytes is cut, with a note.
 */
#define TEXT_MAX 65536
char *text__clean(const char *s, size_t len);

#endif /* RESULTS_TEXT_H */
