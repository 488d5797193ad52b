/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why some lines are not executed, in words. A text file:
 *
 *	# a comment
 *	kernel/exit.c wait_task_pid: pid = task_pid_nr(p);
 *		The reason, indented, on as many lines as it takes.
 *
 * Named by file, function and text, so that it outlives a change elsewhere in
 * the file, and not one of the line.
 */
#ifndef COVERAGE_REASONS_H
#define COVERAGE_REASONS_H

#include <stdbool.h>
#include <stddef.h>

struct reason {
	int nr;			/* its line, for messages */
	char *file, *function, *text;
	char *why;
	bool used;
};

struct reasons {
	char *path;
	struct reason *v;
	size_t n;
};

/* Each returns 0 or -errno with a message. */
int reasons__parse(struct reasons *r, const char *path, const char *text);
int reasons__read(struct reasons *r, const char *path);

/* Indentation and blanks at the end of @text don't count. NULL: none. */
struct reason *reasons__find(const struct reasons *r, const char *file,
			     const char *function, const char *text);

void reasons__free(struct reasons *r);

#endif
