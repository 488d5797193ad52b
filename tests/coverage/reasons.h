/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reasons why some lines are not executed, from a text file:
 *
 *	# a comment
 *	kernel/exit.c wait_task_pid: pid = task_pid_nr(p);
 *		The reason, indented, on as many lines as it takes.
 *
 * A line is identified by file, function and text, so the entry survives a change
 * elsewhere in the file, but not a change of the line.
 */
#ifndef TESTS_COVERAGE_REASONS_H
#define TESTS_COVERAGE_REASONS_H

#include <stdbool.h>
#include <stddef.h>

struct reason {
	int nr;			/* line number in the reasons file, for messages */
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

/* Ignores indentation and trailing blanks of @text. Returns NULL if none matches. */
struct reason *reasons__find(const struct reasons *r, const char *file,
			     const char *function, const char *text);

void reasons__free(struct reasons *r);

#endif /* TESTS_COVERAGE_REASONS_H */
