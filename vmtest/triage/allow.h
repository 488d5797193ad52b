/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known, harmless splats, each with a reason: data files in vmtest/allow, with
 * lines of the form
 *
 *	PATTERN | REASON
 *
 * PATTERN is a shell pattern for a whole line of the console, after the
 * timestamp. Empty lines and lines that begin with # are ignored.
 */
#ifndef VMTEST_TRIAGE_ALLOW_H
#define VMTEST_TRIAGE_ALLOW_H

#include <stddef.h>

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

#endif /* VMTEST_TRIAGE_ALLOW_H */
