/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables for scanning the console: vmtest/splats has the lines that report
 * faults, vmtest/frames the functions that no fault is named after, vmtest/allow the
 * harmless faults. The heads of the first two files explain their format.
 */
#ifndef VMTEST_TRIAGE_SCANNER_H
#define VMTEST_TRIAGE_SCANNER_H

#include <stdbool.h>
#include <stddef.h>

#include "vmtest/lib/util.h"

enum console_kind {
	CONSOLE_NONE,
	CONSOLE_GAP,		/* the kernel dropped messages */
	CONSOLE_HOST,		/* the host is at fault, not the kernel */
	CONSOLE_ALLOWED,	/* a splat in the list of harmless ones */
	CONSOLE_SPLAT,		/* WARN, BUG, lockdep, KASAN, stall, leak */
	CONSOLE_PANIC,
	CONSOLE_NR,
};

struct splat_row {
	enum console_kind kind;	/* GAP, HOST, SPLAT or PANIC */
	bool after;		/* caused by the report before it */
	bool start;		/* text begins the line; else anywhere in it */
	char *text, *title;
};

struct scanner {
	struct splat_row *v;
	size_t n;
	struct strv frames;	/* patterns */
};

/*
 * Reads both files below the source tree top. Returns 0, or -errno with a message
 * if a file is missing, invalid or empty. scanner__free() is legal in both cases.
 */
int scanner__read(struct scanner *s, const char *top);
void scanner__free(struct scanner *s);

/* Returns the first row that fits a line without its time, or NULL. */
const struct splat_row *scanner__find(const struct scanner *s,
				      const char *text);

/* Returns true unless the function is one that no fault is named after. */
bool scanner__names_fault(const struct scanner *s, const char *function);

/*
 * Known, harmless splats, each with a reason: data files in vmtest/allow, with
 * lines of the form
 *
 *	PATTERN | REASON
 *
 * PATTERN is a shell pattern for a whole line of the console, after the timestamp.
 */
struct allow {
	struct allow_entry {
		char *pattern, *reason;
	} *v;
	size_t n;
};

/* Adds the entries of a file. Returns 0, or -errno with a message. */
int allow__read(struct allow *a, const char *path);

/* Returns the first entry that matches the line, or NULL; @a may be NULL. */
const struct allow_entry *allow__find(const struct allow *a, const char *line);

void allow__free(struct allow *a);

#endif /* VMTEST_TRIAGE_SCANNER_H */
