/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches the guest's console for what a kernel says when it is in trouble.
 *
 * The patterns are a table (console.c). Only text is judged here: whether the
 * guest went on afterwards is not known from it.
 */
#ifndef VMTEST_CONSOLE_H
#define VMTEST_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "scanner.h"

#define CONSOLE_LINE_MAX 512

/* Gets each splat and panic line, without its time. */
typedef void console_fn(void *ctx, enum console_kind kind, const char *text);
struct allow;

struct console {
	const struct scanner *scanner;	/* what to look for */
	const struct allow *allow;	/* NULL: nothing is */
	char line[CONSOLE_LINE_MAX];
	size_t len;
	uint64_t lines;
	/* Of each kind: how often, and the first such line without its time. */
	uint64_t count[CONSOLE_NR];
	char first[CONSOLE_NR][CONSOLE_LINE_MAX];
	console_fn *said;	/* or NULL */
	void *ctx;
};

/* What one line, without its newline, says; allow may be NULL. */
enum console_kind console__classify(const char *line, const struct scanner *s,
				    const struct allow *allow);

/* The line behind "[    1.234567] ", "[T12] ", "<4>" and the like. */
const char *console__skip_stamp(const char *line);

/* Behind its stamp: does what we ask of a guest that hangs begin here? */
bool console__is_dump(const char *text);

/* What a line has for this byte: it may become a reason, and JSON. */
char console__plain(char c);

/* Takes bytes as they come. Returns the worst kind met in them. */
enum console_kind console__feed(struct console *c, const char *buf, size_t len);

/* As if nothing had come yet. */
void console__forget(struct console *c);

/* Ends: a half line counts as a line. */
enum console_kind console__finish(struct console *c);

#endif
