/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory and strings. Running out of memory ends the program with a message and status
 * EXIT_USAGE: a verdict needs everything, and a caller could do nothing better. The
 * caller frees what is returned.
 */
#ifndef LIB_MEMORY_H
#define LIB_MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/array.h"

void *xcalloc(size_t n, size_t size);
void *xmalloc(size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __printf(1, 2);
char *xvasprintf(const char *fmt, va_list ap);

/* Returns a stream whose text is in *text when it is closed. */
FILE *xmemstream(char **text, size_t *len);

void __attribute__((noreturn)) out_of_memory(void);

#endif /* LIB_MEMORY_H */
