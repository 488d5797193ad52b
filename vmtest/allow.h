/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Splats that are known and harmless, with the reason for each: data files in
 * vmtest/allow, a line each of
 *
 *	PATTERN | REASON
 *
 * The pattern is a shell's, for the whole line as the console has it behind
 * the time. An empty line and what begins with # is a comment.
 */
#ifndef VMTEST_ALLOW_H
#define VMTEST_ALLOW_H

#include <stddef.h>

struct allow {
	struct allow_entry {
		char *pattern, *reason;
	} *v;
	size_t n;
};

/* Adds a file's. Returns 0, or -errno with a message. */
int allow__read(struct allow *a, const char *path);

/* The first that matches the line, or NULL; a may be NULL. */
const struct allow_entry *allow__find(const struct allow *a, const char *line);

void allow__free(struct allow *a);

#endif
