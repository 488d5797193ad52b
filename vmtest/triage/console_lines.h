/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts the text of a guest's console into the lines of the kernel and of programs. */
#ifndef VMTEST_TRIAGE_CONSOLE_LINES_H
#define VMTEST_TRIAGE_CONSOLE_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* The kernel's longest message is 2048 bytes long (PRINTK_MESSAGE_MAX). */
#define CONSOLE_LINE_MAX (2048 + 64)

/* Receives a line without its end. The line is never empty, and may be changed. */
typedef void console_line_fn(void *ctx, char *line);

/* All zero at first. */
struct console_lines {
	char line[CONSOLE_LINE_MAX];
	size_t len;
	bool rest;		/* the line is the rest of one that was too long */
};

/* Takes the next bytes of the console. */
void console_lines__feed(struct console_lines *l, const char *buf, size_t len,
			 console_line_fn *fn, void *ctx);

/* Ends the text: an incomplete last line counts as a line. */
void console_lines__finish(struct console_lines *l, console_line_fn *fn, void *ctx);

/* Passes the lines of a whole text. */
void console_lines__each(const char *text, console_line_fn *fn, void *ctx);

#endif /* VMTEST_TRIAGE_CONSOLE_LINES_H */
