/* SPDX-License-Identifier: GPL-2.0-only */
/* The faults that a kernel can be booted with: tests/mutants/mutants.txt. */
#ifndef VMTEST_MUTANT_TABLE_H
#define VMTEST_MUTANT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "finding.h"
#include "util.h"

/* Of a kernel line, the target that has all the faults is this and "-6.12". */
#define MUTANTS_TARGET "mutants"
#define MUTANTS_LINE "6.12"	/* where no other is asked for */

struct mutant {
	char *id;		/* as in pidns_mutant= */
	char *label;		/* the same, "-debug" behind it on that kernel */
	struct strv tests;	/* the cheapest first */
	struct catchers catchers;	/* any of them names the fault */
	bool race, sample;
	bool watched;		/* shows to a slow kernel that looks closely */
	const char *target;	/* what boots it: of the table's two, that one */
	char *title;
};

struct mutant_table {
	struct mutant *v;
	size_t n;
	char *target, *watchful;	/* "mutants-6.12", "mutants-6.12-debug" */
};

/*
 * Reads those of a kernel line, as "6.12"; what the columns mean is said on top of
 * the file. Returns 0 or -errno, with a message that names the file's line.
 */
int mutant_table__read(struct mutant_table *t, const char *path,
		       const char *line);
void mutant_table__free(struct mutant_table *t);

/*
 * Keeps those of ids, or all if there are none; and of these only the samples,
 * if that is asked for. Returns 0, or -ENOENT with a message: no such id, or
 * nothing is left.
 */
int mutant_table__select(struct mutant_table *t, const struct strv *ids,
			 bool sample);

#endif
