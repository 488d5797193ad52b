/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts a byte stream into lines. */
#ifndef VMTEST_LIB_LINES_H
#define VMTEST_LIB_LINES_H

#include <stddef.h>

struct lines {
	char *buf;
	size_t len, cap;
	size_t max;		/* longest line taken, in bytes; 0: no limit */
};

/* Gets a line: NUL in place of the newline, perhaps NULs inside; len counts. */
typedef void lines_fn(void *ctx, char *line, size_t len);

/*
 * Takes bytes and calls fn for each line that they complete.
 * Returns 0, or -EMSGSIZE if a line is longer than max: the lines before it
 * were passed to fn, and the caller must not feed this stream any further.
 */
int lines__feed(struct lines *l, const char *buf, size_t len, lines_fn *fn,
		void *ctx);

void lines__free(struct lines *l);

#endif /* VMTEST_LIB_LINES_H */
