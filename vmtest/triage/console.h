/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scans the guest's console for messages of a kernel in trouble.
 *
 * The patterns are in vmtest/splats (scanner.h). Only the text is judged here:
 * whether the guest continued afterwards is not known from the console.
 */
#ifndef VMTEST_TRIAGE_CONSOLE_H
#define VMTEST_TRIAGE_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "vmtest/triage/console_lines.h"
#include "vmtest/triage/scanner.h"

#define CONSOLE_FIRST_MAX 512

/* Receives each splat and panic line, without its timestamp. */
typedef void console_fn(void *ctx, enum console_kind kind, const char *text);
struct allow;

struct console {
	const struct scanner *scanner;	/* patterns */
	const struct allow *allow;	/* harmless splats; NULL: none */
	struct console_lines lines;
	bool seen;		/* there was a line */
	enum console_kind worst;	/* kind among the lines of one call */
	/* For each kind: lines, and the first such line without its timestamp. */
	uint64_t count[CONSOLE_NR];
	char first[CONSOLE_NR][CONSOLE_FIRST_MAX];
	console_fn *said;	/* or NULL */
	void *ctx;
};

/* Classifies a line without its newline; @allow may be NULL. */
enum console_kind console__classify(const char *line, const struct scanner *s,
				    const struct allow *allow);

/* Returns the line after "[    1.234567] ", "[T12] ", "<4>" and the like. */
const char *console__skip_stamp(const char *line);

/* Returns true if a line, after its timestamp, begins the dump of a hung guest. */
bool console__is_dump(const char *text);

/* Takes the next bytes. Returns the worst kind of the lines that they complete. */
enum console_kind console__feed(struct console *c, const char *buf, size_t len);

/* Resets the scan to its start. */
void console__forget(struct console *c);

/* Ends the scan: an incomplete last line counts as a line. Returns its kind. */
enum console_kind console__finish(struct console *c);

#endif /* VMTEST_TRIAGE_CONSOLE_H */
