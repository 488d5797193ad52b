/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the console is scanned for: the data files vmtest/splats, the lines that
 * tell of trouble, and vmtest/frames, the functions that no fault is named after.
 * Their heads say what is in them.
 */
#ifndef VMTEST_SCANNER_H
#define VMTEST_SCANNER_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

enum console_kind {
	CONSOLE_NONE,
	CONSOLE_GAP,		/* the kernel has left something out */
	CONSOLE_HOST,		/* the host is at fault, not the kernel */
	CONSOLE_ALLOWED,	/* a splat that is in the list of harmless ones */
	CONSOLE_SPLAT,		/* WARN, BUG, lockdep, KASAN, stall, leak */
	CONSOLE_PANIC,
	CONSOLE_NR,
};

struct splat_row {
	enum console_kind kind;	/* GAP, HOST, SPLAT or PANIC */
	bool after;		/* comes of the report before it */
	bool start;		/* of the line; else anywhere in it */
	char *text, *title;
};

struct scanner {
	struct splat_row *v;
	size_t n;
	struct strv frames;	/* patterns */
};

/*
 * Reads both files below the source tree top. Returns 0, or -errno with a
 * message: a file that is missing, not understood, or has nothing in it.
 * scanner__free() is legal after both.
 */
int scanner__read(struct scanner *s, const char *top);
void scanner__free(struct scanner *s);

/* The row that a line, without its time, fits, or NULL. */
const struct splat_row *scanner__find(const struct scanner *s,
				      const char *text);

/* Is a fault named after this function, if it comes to that? */
bool scanner__telling(const struct scanner *s, const char *function);

#endif
