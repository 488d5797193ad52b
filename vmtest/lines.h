/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts a byte stream into lines. */
#ifndef VMTEST_LINES_H
#define VMTEST_LINES_H

#include <stddef.h>

struct lines {
	char *buf;
	size_t len, cap;
	size_t max;		/* longest line taken, in bytes; 0: no limit */
};

/* Gets a line without its newline, NUL behind it; it may hold NULs itself. */
typedef void lines_fn(void *ctx, char *line, size_t len);

/*
 * Takes bytes and calls fn for each line that they complete.
 * Returns 0, or -EMSGSIZE if a line is longer than max: what came before it
 * was handed on, the stream is not to be fed again.
 */
int lines__feed(struct lines *l, const char *buf, size_t len, lines_fn *fn,
		void *ctx);

void lines__free(struct lines *l);

#endif
